"""The house keeps its shape: floors, names, sizes; what import-linter cannot see is looked at here."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ROOT: Path = settings.BASE_DIR
# From the ground up; a floor may lean on those below it.
FLOORS = {"accounts": 0, "sentiment": 0, "ingest": 1, "tickets": 2, "care": 3}
PACKAGES = [*FLOORS, "launch", "tests", "benchmarks"]
# Heavy to load, and wanted by one process only.
MODEL_LIBRARIES = {
    "numpy", "onnx", "onnxruntime", "py3langid", "sklearn", "tokenizers", "torch", "transformers", "vaderSentiment",
}  # fmt: skip
DRAWERS = {"utils", "util", "helpers", "services", "common", "misc"}
LONGEST_FILE = 400


def sources(*packages: str) -> list[Path]:
    """Python files of ours, migrations left out."""
    found = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in FLOORS]


def imported(node: ast.AST) -> set[str]:
    """First words of what this statement imports."""
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").split(".")[0]}
    return set()


def inside_functions(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (inner for inner in ast.walk(node) if inner is not node)


def test_there_is_a_house_to_look_at() -> None:
    assert len(sources(*FLOORS)) > 50
    assert {model._meta.app_label for model in our_models()} == {"accounts", "ingest", "tickets"}


def test_links_between_tables_point_downwards_only() -> None:
    upwards = [
        f"{model.__name__}.{field.name} -> {field.related_model.__name__}"
        for model in our_models()
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if isinstance(field.related_model, type)
        and FLOORS.get(field.related_model._meta.app_label, -1) > FLOORS[model._meta.app_label]
    ]
    assert upwards == []


def test_a_message_does_not_know_its_ticket() -> None:
    message = apps.get_model("ingest", "Message")
    assert not [field.name for field in message._meta.get_fields() if "ticket" in field.name]


def test_every_table_belongs_to_a_floor_that_may_have_tables() -> None:
    assert not list(apps.get_app_config("care").get_models())
    assert not apps.is_installed("sentiment")


def test_imports_stand_at_the_top_of_a_file_but_for_model_libraries() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path in sources(*FLOORS)
        for node in inside_functions(tree_of(path))
        if (names := imported(node)) and not (names <= MODEL_LIBRARIES and path.is_relative_to(ROOT / "sentiment"))
    ]
    assert hidden == []


def test_nothing_happens_behind_the_back_by_a_signal() -> None:
    behind = {"django.dispatch", "django.db.models.signals", "django.core.signals", "django.contrib.auth.signals"}
    found = [
        str(path.relative_to(ROOT))
        for path in sources(*FLOORS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module in behind
    ]
    assert found == []


@pytest.mark.parametrize("method", ["save", "delete", "__init__", "full_clean", "refresh_from_db"])
def test_no_table_of_ours_changes_what_writing_means(method: str) -> None:
    assert [model.__name__ for model in our_models() if method in vars(model)] == []


def test_no_drawer_without_a_topic() -> None:
    named = [path for path in sources(*PACKAGES) if DRAWERS & {path.stem, *path.relative_to(ROOT).parts}]
    assert named == []


def test_no_file_is_too_long_to_be_read_in_one_sitting() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*PACKAGES)}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_only_the_readers_floor_knows_model_libraries() -> None:
    # numpy counts in other rooms too.
    libraries = MODEL_LIBRARIES - {"numpy"}
    elsewhere = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(*FLOORS)
        if not path.is_relative_to(ROOT / "sentiment")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Import | ast.ImportFrom) and imported(node) & libraries
    ]
    assert elsewhere == []


def test_an_adapter_knows_of_ours_what_all_adapters_may_know_and_itself() -> None:
    everybody = {f"ingest.platforms.{name}" for name in ("base", "entering", "told")}
    platforms = ROOT / "ingest" / "platforms"
    strangers = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sources("ingest/platforms")
        if path.parent != platforms
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        for module in (
            [f"{node.module}.{name.name}" for name in node.names]
            if node.module == "ingest.platforms"
            else [node.module or ""]
        )
        if module.split(".")[0] in FLOORS
        and module not in everybody
        and not module.startswith(f"ingest.platforms.{path.relative_to(platforms).parts[0]}")
    ]
    assert strangers == []


LOADS_NO_MODEL = """
import sys
{load}
from django.urls import URLPattern, get_resolver

def walk(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback
        else:
            walk(pattern.url_patterns)

walk(get_resolver().url_patterns)
print(sorted({libraries} & set(sys.modules)))
"""


@pytest.mark.parametrize("load", ["import care.wsgi", "import care.asgi"])
def test_a_web_process_loads_no_model_library(load: str) -> None:
    # numpy is small, and some other library may bring it.
    libraries = MODEL_LIBRARIES - {"numpy"}
    code = LOADS_NO_MODEL.format(load=load, libraries=libraries)
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "[]"
