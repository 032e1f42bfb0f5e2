"""Changing a channel's settings: what is named changes, all else stays, and the record says what it was."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from accounts import audit
from accounts.models import Role
from ingest import connecting, resetting
from ingest.connecting import Wish
from ingest.models import Channel
from ingest.platforms.base import PlatformError
from ingest.resetting import Settings
from tests.cast import a_bell, a_brand, a_channel, a_person, a_team, fresh
from tests.platforms.fake_bluesky import BRAND, FakeBluesky

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bell(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return a_bell(monkeypatch)


@pytest.fixture
def channel(sky: FakeBluesky) -> Channel:
    given = {"identifier": BRAND.handle, "app_password": BRAND.password, "base_url": sky.url}
    wish = Wish("bluesky", "Nawa sky", given, options={"keywords": ["nawa", "نوى"]})
    channel = connecting.connect(a_brand("Nawa"), wish)
    Channel.objects.update(options=channel.options | {"told_state": "attention"})
    return fresh(channel)


def as_it_is(channel: Channel, **changes: Any) -> Settings:
    fields = {name: getattr(channel, name) for name in ("name", "brand", "default_team", "poll_seconds", "monthly_cap")}
    return Settings(**fields | changes)


def test_what_changed_is_kept_and_told(channel: Channel) -> None:
    admin, team = a_person(role=Role.ADMIN), a_team(channel.brand, "Night")
    fields = {"name": "Sky", "default_team": team, "poll_seconds": 300, "monthly_cap": Decimal("12.00")}
    wanted = as_it_is(channel, **fields, options={"keywords": "nawa"})
    resetting.change(channel.pk, wanted, by=admin)
    channel = fresh(channel)
    assert {name: getattr(channel, name) for name in fields} == fields
    assert channel.options["keywords"] == "nawa"
    line = audit.of(channel)[0]
    assert line.verb == "channel.settings"
    assert line.data["changed"] == {
        "name": ["Nawa sky", "Sky"],
        "default_team": ["", "Night"],
        "poll_seconds": ["60", "300"],
        "monthly_cap": ["", "12.00"],
    }
    assert line.data["options"] == ["keywords"]


def test_options_that_no_form_names_stay(channel: Channel, sky: FakeBluesky) -> None:
    resetting.change(channel.pk, as_it_is(channel, options={"keywords": "", "firehose_url": ""}))
    assert fresh(channel).options == {"identifier": BRAND.handle, "base_url": sky.url, "told_state": "attention"}


def test_saving_the_same_leaves_no_line_and_keeps_a_list_a_list(channel: Channel) -> None:
    resetting.change(channel.pk, as_it_is(channel, options={"keywords": "nawa, نوى"}))
    assert fresh(channel).options["keywords"] == ["nawa", "نوى"]
    assert [line.verb for line in audit.of(channel)] == ["channel.connected"]


def test_a_new_address_is_tried_before_it_is_kept(channel: Channel, sky: FakeBluesky) -> None:
    with pytest.raises(PlatformError):
        resetting.change(channel.pk, as_it_is(channel, name="Moved", options={"base_url": "http://127.0.0.1:9"}))
    assert (fresh(channel).name, fresh(channel).options["base_url"]) == ("Nawa sky", sky.url)


def test_following_other_words_asks_the_platform_nothing(channel: Channel, sky: FakeBluesky) -> None:
    sky.calls.clear()
    resetting.change(channel.pk, as_it_is(channel, options={"keywords": "other"}))
    assert sky.calls == []


def test_a_name_that_another_has_is_refused(channel: Channel) -> None:
    a_channel(name="Taken")
    with pytest.raises(IntegrityError):
        resetting.change(channel.pk, as_it_is(channel, name="Taken"))


def test_a_removed_channel_is_not_changed(channel: Channel) -> None:
    Channel.objects.update(state="removed")
    with pytest.raises(Channel.DoesNotExist):
        resetting.change(channel.pk, as_it_is(channel, name="Back"))


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_only_admins_change_settings(channel: Channel, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        resetting.change(channel.pk, as_it_is(channel), by=a_person(channel.brand, role=role))
