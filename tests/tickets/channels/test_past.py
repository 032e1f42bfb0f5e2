"""The past of a channel: admins have it read and stop it; how far it has come, and what is wrong, in words."""

from datetime import timedelta

import pytest

from accounts import audit
from accounts.models import Role, User
from ingest import backfilling
from ingest.models import Backfill, Channel
from ingest.platforms.registry import PLATFORMS
from tests.cast import FakePlatform, Remembering, a_bell, a_channel, a_person, now
from tickets.channels import past
from tickets.channels.kept_errors import in_words
from tickets.permissions import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    a_bell(monkeypatch)
    monkeypatch.setitem(PLATFORMS, "fake", Remembering)
    return a_channel(platform="fake")


@pytest.fixture
def admin() -> User:
    return a_person(role=Role.ADMIN)


def test_an_admin_has_the_last_days_read_and_stops_it(channel: Channel, admin: User) -> None:
    begun = past.read(channel.pk, 30, by=admin)
    assert abs(now() - timedelta(days=30) - begun.since) < timedelta(minutes=1)
    assert past.read(channel.pk, 7, by=admin) == begun, "one that reaches as far back is at work already"
    assert past.stop(channel.pk, by=admin)
    assert not past.stop(channel.pk, by=admin)
    assert Backfill.objects.get().state == "stopped"
    assert [line.verb for line in audit.of(channel)] == [
        "channel.past_stopped", "channel.past_read", "channel.past_read",
    ]  # fmt: skip


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_nobody_else_does(channel: Channel, role: Role) -> None:
    somebody = a_person(channel.brand, role=role)
    with pytest.raises(NotAllowed, match="Only admins"):
        past.read(channel.pk, 30, by=somebody)
    with pytest.raises(NotAllowed, match="Only admins"):
        past.stop(channel.pk, by=somebody)
    assert not Backfill.objects.exists()


@pytest.mark.parametrize("days", [0, -3, 366])
def test_days_are_some_and_not_too_many(channel: Channel, admin: User, days: int) -> None:
    with pytest.raises(NotAllowed, match="from 1 to 365"):
        past.read(channel.pk, days, by=admin)


@pytest.mark.parametrize(("platform", "words"), [("fake", "gives no past"), ("nowhere", "does not know that platform")])
def test_a_platform_without_a_past_says_so(
    channel: Channel, admin: User, monkeypatch: pytest.MonkeyPatch, platform: str, words: str
) -> None:
    monkeypatch.setitem(PLATFORMS, "fake", FakePlatform)
    Channel.objects.update(platform=platform)
    with pytest.raises(NotAllowed, match=words):
        past.read(channel.pk, 30, by=admin)
    channel.refresh_from_db()
    assert not past.of_channel(channel, now()).can_be_read


def test_how_it_stands(channel: Channel, admin: User) -> None:
    assert past.of_channel(channel, now()) == past.Past(can_be_read=True, newest=None)
    begun = past.read(channel.pk, 10, by=admin)
    standing = past.of_channel(channel, now())
    assert (standing.at_work, standing.percent, standing.trouble, standing.next_at) == (True, 0, "", None)
    later = now() + timedelta(minutes=9)
    Backfill.objects.update(reached=begun.since + timedelta(days=5), due_at=later, error="rate_limited: slow down")
    standing = past.of_channel(channel, now())
    assert (standing.percent, standing.next_at) == (50, later)
    assert standing.trouble.startswith("The platform asked us to wait.")
    backfilling.stop(begun.pk)
    standing = past.of_channel(channel, now())
    assert (standing.at_work, standing.next_at) == (False, None)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("gave_up: unreachable", "One page was tried again and again in vain."),
        ("bad_credentials: expired", "The platform no longer accepts our keys. An admin must enter new ones."),
        ("odd_thing: It fell over", "It fell over"),
        ("KeyError: 'author'", "Something that it should hold is missing. It is not what the platform documents."),
        ("Over there: nothing", "Over there: nothing"),
        ("platform_says_no", "platform_says_no"),
        ("", ""),
    ],
)
def test_kept_errors_are_told_in_sentences(error: str, words: str) -> None:
    assert in_words(error) == words
