"""New keys: only of the same account, nothing else of the channel lost; it goes on where it had stopped."""

import json

import pytest
from django.core.exceptions import PermissionDenied

from accounts import audit
from accounts.models import Role
from ingest import connecting, rekeying
from ingest.connecting import Missing, Wish
from ingest.models import Channel
from ingest.platforms.base import PlatformError
from ingest.rekeying import AnotherAccount, Keys
from ingest.sessions import Kept
from tests.cast import a_bell, a_brand, a_channel, a_person, fresh
from tests.platforms.fake_bluesky import BRAND, FakeBluesky
from tests.platforms.fake_x import BRAND as X_BRAND
from tests.platforms.fake_x import FakeX
from tests.platforms.fake_x.api import KEYS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bell(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return a_bell(monkeypatch)


@pytest.fixture
def channel(sky: FakeBluesky) -> Channel:
    """Connected once; its password was taken back since, and it was given up on."""
    given = {"identifier": BRAND.handle, "app_password": BRAND.password, "base_url": sky.url}
    channel = connecting.connect(a_brand(), Wish("bluesky", "Nawa sky", given, options={"keywords": "nawa"}))
    options = channel.options | {"told_state": "attention"}
    Channel.objects.update(state="broken", error_code="bad_credentials", attempts=3, options=options)
    sky.world.brand.password = "new-4321-fake-pass"
    return fresh(channel)


def test_new_keys_bring_it_back_to_work_and_lose_nothing(channel: Channel, bell: list[str]) -> None:
    admin = a_person(role=Role.ADMIN, name="Lina")
    bell.clear()
    rekeying.reconnect(channel.pk, Keys({"app_password": "new-4321-fake-pass"}), by=admin)
    channel = fresh(channel)
    assert (channel.state, channel.error_code, channel.attempts) == ("active", "", 0)
    assert json.loads(channel.secrets or "") == {"app_password": "new-4321-fake-pass"}
    assert (channel.options["keywords"], channel.options["told_state"]) == ("nawa", "attention")
    assert Kept(channel.pk).get()["did"] == BRAND.did
    line = audit.of(channel)[0]
    assert (line.verb, line.actor_name, line.data) == (
        "channel.keys",
        "Lina",
        {"given": ["app_password"], "was": "broken"},
    )


def test_another_account_is_refused_and_all_stays_as_it_was(channel: Channel, sky: FakeBluesky) -> None:
    before = channel.secrets
    sky.world.account("rival.test", password="rival-pass-fake")
    keys = Keys({"identifier": "rival.test", "app_password": "rival-pass-fake"})
    for verb in (lambda: rekeying.try_out(channel, keys), lambda: rekeying.reconnect(channel.pk, keys)):
        with pytest.raises(AnotherAccount) as other:
            verb()
        assert other.value.author.handle == "rival.test"
    channel = fresh(channel)
    assert (channel.secrets, channel.state, channel.options["identifier"]) == (before, "broken", BRAND.handle)


def test_wrong_keys_change_nothing(channel: Channel) -> None:
    with pytest.raises(PlatformError):
        rekeying.reconnect(channel.pk, Keys({"app_password": "no"}))
    assert fresh(channel).state == "broken"
    assert audit.of(channel).count() == 1


def test_a_channel_that_a_person_paused_stays_paused(channel: Channel) -> None:
    Channel.objects.update(state="paused")
    rekeying.reconnect(channel.pk, Keys({"app_password": "new-4321-fake-pass"}))
    assert fresh(channel).state == "paused"


def test_one_that_was_removed_comes_back_and_one_that_is_erased_does_not(channel: Channel) -> None:
    Channel.objects.update(state="removed", secrets=None)
    with pytest.raises(Missing):
        rekeying.reconnect(channel.pk, Keys({}))
    rekeying.reconnect(channel.pk, Keys({"app_password": "new-4321-fake-pass"}))
    assert fresh(channel).state == "active"
    Channel.objects.update(state="erasing")
    with pytest.raises(Channel.DoesNotExist):
        rekeying.reconnect(channel.pk, Keys({"app_password": "new-4321-fake-pass"}))


def test_a_bridges_old_secret_holds_beside_the_new_one() -> None:
    old, new = "a-secret-of-16-bytes-or-more", "another-secret-of-16-bytes"
    channel = connecting.connect(a_brand(), Wish("webhook", "Reviews", {"secret": old}))
    rekeying.reconnect(channel.pk, Keys({"secret": new}))
    assert json.loads(fresh(channel).secrets or "") == {"secret": new, "previous_secret": old}


def test_who_comes_in_another_way_leaves_the_keys_of_the_first_behind() -> None:
    with FakeX() as x:
        token = x.oauth.issue("tweet.read offline.access")["access_token"]
        options = {"base_url": x.url}
        channel = connecting.connect(a_brand(), Wish("x", "Nawa X", {"oauth2_user_token": token}, options=options))
        assert channel.external_id == X_BRAND.id
        rekeying.reconnect(channel.pk, Keys(dict(KEYS)))
    assert json.loads(fresh(channel).secrets or "") == KEYS


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_only_admins_enter_new_keys(role: Role) -> None:
    channel = a_channel()
    with pytest.raises(PermissionDenied):
        rekeying.reconnect(channel.pk, Keys({}), by=a_person(channel.brand, role=role))
    with pytest.raises(PermissionDenied):
        rekeying.try_out(channel, Keys({}), by=a_person(channel.brand, role=role))
