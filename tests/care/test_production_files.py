"""The files of production say what the code wants: settings, services, addresses, static files. No engine is needed."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
OURS = {"web", "live", "listener", "worker", "reader", "beat", "migrate"}
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def settings_in_code() -> set[str]:
    code = [path.read_text(encoding="utf-8") for name in ("care", "sentiment") for path in (ROOT / name).rglob("*.py")]
    return set(re.findall(r'"(RADD_[A-Z_]+)"', "\n".join(code)))


def test_every_setting_stands_in_the_page_on_operations() -> None:
    short = {"RADD_ANSWER_MINUTES_NORMAL": "_NORMAL", "RADD_ANSWER_MINUTES_LOW": "_LOW"}
    missing = {name for name in settings_in_code() if f"`{short.get(name, name)}`" not in OPERATIONS}
    assert not missing


def test_compose_passes_on_only_what_there_is(compose: dict[str, Any]) -> None:
    given = {name for name in compose["services"]["web"]["environment"] if name.startswith("RADD_")}
    image = {"RADD_HOME", "RADD_STATIC_ROOT", "RADD_STATIC_COLLECTED"}
    assert given <= settings_in_code()
    assert settings_in_code() - given - image <= {"RADD_DEBUG", "RADD_LIVE_PORT"}


def test_every_service_is_kept_running_kept_small_and_watched(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == OURS | {"postgres", "valkey", "caddy"}
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "healthcheck" in service, name
        if name != "migrate":
            assert service["restart"] == "unless-stopped", name
            assert service["deploy"]["resources"]["limits"]["memory"], name


def test_only_the_proxy_has_ports_and_the_servers_have_no_way_out(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["caddy"]
    assert compose["networks"]["data"] == {"internal": True}
    for name in ("postgres", "valkey"):
        assert compose["services"][name]["networks"] == ["data"]


def test_nothing_runs_as_root(compose: dict[str, Any]) -> None:
    stages = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")
    runs = {re.split(r" AS (\w+)", stage)[1]: re.findall(r"^USER (\w+)", stage, re.MULTILINE) for stage in stages[1:]}
    assert (runs["radd"], runs["proxy"]) == (["radd"], ["proxy"])
    assert {compose["services"][name]["user"] for name in ("postgres", "valkey")} == {"postgres", "valkey"}


def test_secrets_are_asked_for_and_never_written_down(compose: dict[str, Any]) -> None:
    environment = compose["services"]["web"]["environment"]
    for name in ("RADD_SECRET_KEY", "RADD_SALT_KEY"):
        assert environment[name].startswith(f"${{{name}:?set {name}")
    assert "${POSTGRES_PASSWORD:?set" in environment["DATABASE_URL"]


def test_all_queues_have_a_worker(compose: dict[str, Any], settings: Any) -> None:
    commands = " ".join(str(service.get("command", "")) for service in compose["services"].values())
    worked = {name for names in re.findall(r"-Q ([a-z,]+)", commands) for name in names.split(",")}
    assert worked == {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert settings.CELERY_TASK_DEFAULT_QUEUE in worked


def test_the_image_holds_every_floor() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    allowed = set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"accounts", "care", "ingest", "sentiment", "tickets", "templates", "static", "locale"} <= copied <= allowed


def test_static_files_can_be_given_hashed_names(tmp_path: Path, settings: Any) -> None:
    """As the image does it: stylesheets name nothing that is not there."""
    shutil.copytree(ROOT / "static", tmp_path / "static")
    for sheet in (tmp_path / "static/vendor").glob("*.css"):
        sheet.write_text(re.sub(r"(?m)^/\*# sourceMappingURL=.*\*/$", "", sheet.read_text(encoding="utf-8")))
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATIC_ROOT = tmp_path / "collected"
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "collected/staticfiles.json").exists()
