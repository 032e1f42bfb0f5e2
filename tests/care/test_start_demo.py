"""`manage.py start_demo`: a brand, four people and a channel, on an installation with nothing connected."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Brand, Role, Team, User
from ingest import collect
from ingest.models import Channel, Contact, Message
from tests.cast import a_channel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.STATE_DIR = tmp_path
    # Signing in is not what is tested here, and a good hash is slow on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path


def start_demo(*words: str) -> Any:
    out = StringIO()
    call_command("start_demo", "--json", *words, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_everybody_can_sign_in_and_the_brand_has_a_team(home: Path) -> None:
    logins = start_demo()
    assert sorted(login["role"] for login in logins) == ["admin", "agent", "agent", "supervisor"]
    for login in logins:
        assert User.objects.get(email=login["email"]).check_password(login["password"])
    team = Team.objects.get(is_default=True, brands=Brand.objects.get(name="Nawa Telecom"))
    assert set(team.members.values_list("role", flat=True)) == {Role.AGENT, Role.SUPERVISOR}
    assert User.objects.filter(available=True, role=Role.AGENT, capacity=10).count() == 2
    assert User.objects.get(email="huda@nawa.example").interface_language == "ar"
    assert Channel.objects.get().options == {"path": str(home / "demo.sqlite3")}


def test_posts_come_and_the_brand_s_own_are_ours() -> None:
    start_demo()
    channel = Channel.objects.get()
    assert collect.poll(channel.pk) > 0
    channel.refresh_from_db()
    assert (channel.state, channel.last_error) == ("active", "")
    assert set(Message.objects.filter(direction="out").values_list("contact__handle", flat=True)) <= {
        "nawa_telecom",
        "nawa_care",
    }
    assert not Message.objects.filter(direction="in", contact__handle__startswith="nawa_").exists()


def test_a_second_start_changes_nothing() -> None:
    first = start_demo()
    collect.poll(Channel.objects.get().pk)
    rows = [list(model.objects.order_by("pk").values()) for model in (User, Team, Brand, Channel, Contact, Message)]
    assert start_demo() == first
    assert rows == [
        list(model.objects.order_by("pk").values()) for model in (User, Team, Brand, Channel, Contact, Message)
    ]


def test_a_changed_password_is_kept_and_not_told() -> None:
    start_demo()
    huda = User.objects.get(email="huda@nawa.example")
    huda.set_password("something of her own")
    huda.save()
    assert {login["password"] for login in start_demo() if login["email"] == huda.email} == {"(changed)"}
    huda.refresh_from_db()
    assert huda.check_password("something of her own")


def test_a_connected_channel_means_no_demo() -> None:
    channel = a_channel(platform="x")
    out = StringIO()
    call_command("start_demo", stdout=out)
    assert f"The channel {channel} is connected" in out.getvalue()
    assert start_demo() == []
    assert not User.objects.exists()


def test_imported_history_does_not_stand_in_the_way() -> None:
    a_channel(platform="imported")
    assert len(start_demo()) == 4


def test_a_fresh_demo_begins_anew_and_keeps_its_people(home: Path) -> None:
    start_demo()
    channel = Channel.objects.get()
    collect.poll(channel.pk)
    ids = set(Message.objects.values_list("external_id", flat=True))
    people = set(User.objects.values_list("pk", flat=True))
    start_demo("--fresh")
    assert not Message.objects.exists()
    assert not (home / "demo.sqlite3").exists()
    collect.poll(Channel.objects.get().pk)
    assert Message.objects.exists()
    assert ids.isdisjoint(Message.objects.values_list("external_id", flat=True))
    assert set(User.objects.values_list("pk", flat=True)) == people


def test_a_moved_installation_finds_its_world(home: Path) -> None:
    start_demo()
    Channel.objects.update(options={"path": "/nowhere/at/all/demo.sqlite3", "pace": 5})
    start_demo()
    assert Channel.objects.get().options == {"path": str(home / "demo.sqlite3"), "pace": 5}
