"""Connecting a channel: tried first, kept encrypted, its past begun; by admins and the server's console alone."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection

from accounts import audit
from accounts.models import AuditEntry, Brand, Role
from ingest import connecting
from ingest.connecting import Missing, Twice, Wish
from ingest.models import Backfill, Channel
from ingest.platforms.base import PlatformError
from tests.cast import a_bell, a_brand, a_channel, a_person, a_team
from tests.platforms.fake_bluesky import BRAND, FakeBluesky

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bell(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return a_bell(monkeypatch)


def a_wish(sky: FakeBluesky, **fields: Any) -> Wish:
    given = {"identifier": BRAND.handle, "app_password": BRAND.password, "base_url": sky.url}
    return Wish(**{"platform": "bluesky", "name": "Nawa sky", "given": given | fields.pop("given", {}), **fields})


def test_what_was_wished_for_is_kept_and_its_past_begun(sky: FakeBluesky) -> None:
    brand, admin = a_brand(), a_person(role=Role.ADMIN, name="Lina")
    team = a_team(brand)
    wish = a_wish(
        sky, poll_seconds=120, backfill_days=7, monthly_cap=Decimal("9.50"), default_team=team,
        options={"keywords": "nawa"},
    )  # fmt: skip
    channel = connecting.connect(brand, wish, by=admin)
    channel = Channel.objects.get(pk=channel.pk)
    assert (channel.external_id, channel.handle, channel.state) == (BRAND.did, BRAND.handle, "active")
    assert (channel.poll_seconds, channel.monthly_cap, channel.default_team) == (120, Decimal("9.50"), team)
    assert channel.options["keywords"] == "nawa"
    backfill = Backfill.objects.get(channel=channel)
    assert (backfill.started_at - backfill.since).days == 7
    assert [(line.actor_name, line.verb) for line in audit.of(channel)] == [("Lina", "channel.connected")]


def test_secrets_lie_encrypted_and_stand_in_no_record(sky: FakeBluesky) -> None:
    channel = connecting.connect(a_brand(), a_wish(sky))
    with connection.cursor() as sql:
        sql.execute("SELECT row_to_json(c)::text FROM ingest_channel c")
        rows = str(sql.fetchall())
        sql.execute("SELECT row_to_json(s)::text FROM ingest_channelsession s")
        rows += str(sql.fetchall())
        sql.execute("SELECT row_to_json(a)::text FROM accounts_auditentry a")
        rows += str(sql.fetchall())
    assert BRAND.password not in rows
    assert channel.secrets
    assert BRAND.did in rows


def test_a_brand_that_is_not_there_is_made_with_a_team(sky: FakeBluesky) -> None:
    channel = connecting.connect("Nawa Telecom", a_wish(sky))
    assert [team.name for team in channel.brand.teams.all()] == ["Nawa Telecom care"]


def test_trying_out_says_who_we_would_be_and_keeps_nothing(sky: FakeBluesky) -> None:
    assert connecting.try_out(a_wish(sky)).handle == BRAND.handle
    assert not Channel.objects.exists()
    assert not AuditEntry.objects.exists()


def test_wrong_keys_leave_nothing_behind(sky: FakeBluesky) -> None:
    with pytest.raises(PlatformError) as refusal:
        connecting.connect("Nawa Telecom", a_wish(sky, given={"app_password": "wrong-wrong"}))
    assert refusal.value.code == "bad_credentials"
    assert "wrong-wrong" not in str(refusal.value)
    assert not Brand.objects.exists()


def test_what_is_missing_is_named_and_nobody_is_asked(sky: FakeBluesky) -> None:
    with pytest.raises(Missing) as missing:
        connecting.try_out(a_wish(sky, given={"app_password": " "}))
    assert missing.value.names == ["app_password"]
    assert sky.calls == []


def test_an_account_that_is_connected_already_is_told_where_that_is_minded(sky: FakeBluesky) -> None:
    first = connecting.connect(a_brand(), a_wish(sky))
    with pytest.raises(Twice) as twice:
        connecting.try_out(a_wish(sky, name="another", again=False))
    assert twice.value.channel == first
    Channel.objects.update(state="removed")
    assert connecting.try_out(a_wish(sky, name="another", again=False))


def test_the_same_id_on_another_server_is_another_account(sky: FakeBluesky) -> None:
    connecting.connect(a_brand(), a_wish(sky))
    with FakeBluesky() as elsewhere:
        assert connecting.try_out(a_wish(elsewhere, name="another", again=False)).external_id == BRAND.did


def test_two_channels_at_work_share_no_name_but_that_of_a_removed_one_is_free(sky: FakeBluesky) -> None:
    a_channel(name="Nawa sky", state="removed")
    a_channel(name="Nawa sky", state="erasing")
    connecting.connect(a_brand(), a_wish(sky))
    with pytest.raises(IntegrityError):
        connecting.connect(a_brand(), a_wish(sky))


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_only_admins_connect(sky: FakeBluesky, role: Role) -> None:
    brand = a_brand()
    somebody = a_person(brand, role=role)
    for verb in (lambda: connecting.connect(brand, a_wish(sky), by=somebody),
                 lambda: connecting.try_out(a_wish(sky), by=somebody),
                 lambda: connecting.begin_sign_in(a_wish(sky), "https://radd.example/back", by=somebody)):  # fmt: skip
        with pytest.raises(PermissionDenied):
            verb()
    assert sky.calls == []
