"""How a channel is: one state, and the reasons from the gravest down."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from ingest import collect, health, looks, spending
from ingest.collect import store
from ingest.health import Facts, State, judge
from ingest.models import BadItem, Channel, ChannelHour, InboundEvent
from ingest.platforms.base import PlatformError
from ingest.sessions import Kept
from ingest.silence import Silence
from ingest.spending import Budget
from tests.cast import a_bell, a_channel, a_platform, a_post, a_ticket, an_answer

NOW = datetime(2026, 11, 16, 14, 30, tzinfo=UTC)
WELL = Facts(now=NOW, created_at=NOW - timedelta(days=9), last_ok_at=NOW - timedelta(seconds=20))


def told(**fields: Any) -> tuple[str, list[str]]:
    found = judge(replace(WELL, **fields))
    return found.state.value, [reason.code for reason in found.reasons]


def test_a_channel_without_trouble_is_healthy() -> None:
    assert told() == ("healthy", [])
    assert judge(WELL).well


@pytest.mark.parametrize(
    ("fields", "state", "codes"),
    [
        ({"kept_state": "paused", "error_code": "unreachable"}, "paused", ["paused"]),
        ({"kept_state": "broken", "error_code": "bad_credentials"}, "attention", ["bad_credentials"]),
        ({"error_code": "unreachable", "attempts": 1}, "slow", ["unreachable"]),
        ({"error_code": "unreachable", "attempts": 3}, "failing", ["unreachable"]),
        ({"error_code": "unreachable", "last_ok_at": NOW - timedelta(minutes=11)}, "failing", ["unreachable"]),
        ({"last_ok_at": NOW - timedelta(minutes=11)}, "failing", ["not_looked_at"]),
        ({"last_ok_at": NOW - timedelta(minutes=11), "poll_seconds": 600}, "healthy", []),
        ({"last_ok_at": None, "created_at": NOW}, "healthy", []),
        ({"looks": 8, "failed_looks": 2}, "slow", ["often_fails"]),
        ({"looks": 3, "failed_looks": 2}, "healthy", []),
        ({"expires_at": NOW - timedelta(minutes=1)}, "attention", ["expired"]),
        ({"expires_at": NOW + timedelta(days=2)}, "attention", ["expires_soon"]),
        ({"expires_at": NOW + timedelta(days=4)}, "healthy", []),
        ({"budget": Budget(Decimal(9), Decimal(9), NOW), "last_ok_at": None}, "attention", ["cap_reached"]),
        ({"budget": Budget(Decimal(8), Decimal(9), NOW)}, "slow", ["ahead_of_cap"]),
        ({"budget": Budget(Decimal(8), None, NOW)}, "healthy", []),
        ({"room": {"limit": 9, "remaining": 0, "resets_at": "2026-11-16T14:40:00Z"}}, "slow", ["no_room"]),
        ({"room": {"limit": 9, "remaining": 0, "resets_at": "2026-11-16T14:20:00Z"}}, "healthy", []),
        ({"room": {"limit": 9, "remaining": 1, "resets_at": "2026-11-16T14:40:00Z"}}, "healthy", []),
        ({"silence": Silence(1, 0, 30)}, "attention", ["silent"]),
        ({"lag": 601.0}, "slow", ["late"]),
        ({"lag": 599.0}, "healthy", []),
        ({"lag": 601.0, "silence": Silence(1, 0, 30)}, "attention", ["silent", "late"]),
    ],
)
def test_each_trouble_has_its_state_and_its_reason(fields: dict[str, Any], state: str, codes: list[str]) -> None:
    assert told(**fields) == (state, codes)


@pytest.mark.parametrize(
    ("credentials", "session", "expires"),
    [
        ({}, {}, None),
        ({"expires_at": "2026-12-01T00:00:00Z"}, {}, datetime(2026, 12, 1, tzinfo=UTC)),
        ({}, {"expires_at": 1796083200}, datetime(2026, 12, 1, tzinfo=UTC)),
        ({}, {"expires_at": "2026-12-01 00:00"}, datetime(2026, 12, 1, tzinfo=UTC)),
        # Renewed by being used: nobody needs to do anything.
        ({}, {"expires_at": 1796083200, "refresh_token": "r"}, None),
        ({"expires_at": "soon"}, {}, None),
    ],
)
def test_keys_that_end_are_known(
    credentials: dict[str, Any], session: dict[str, Any], expires: datetime | None
) -> None:
    assert health.expiry(credentials, session) == expires


# --- asking ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_everything_known_of_a_channel_comes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    a_platform(monkeypatch)
    now = timezone.now()
    channel = a_channel(platform="fake", monthly_cap=5)
    Channel.objects.update(created_at=now - timedelta(minutes=30))
    channel.refresh_from_db()
    # The second is from before the channel was connected: its past, not late. For the third only its author speaks.
    times = (now - timedelta(minutes=3), now - timedelta(minutes=50))
    store(channel, [a_post(posted_at=time) for time in times])
    store(channel, [a_post(posted_at=now - timedelta(minutes=20), reachable_at=None)])
    an_answer(a_ticket(channel))
    BadItem.objects.create(channel=channel, external_id="1", payload={}, error="no author")
    hour = now.replace(minute=0, second=0, microsecond=0)
    ChannelHour.objects.create(channel=channel, hour=hour, expected=3, present=1, late=0, missing=2, checked_at=now)
    InboundEvent.objects.create(channel=channel, key="e", payload={}, state="failed", received_at=now)
    Kept(channel.pk).renew(lambda _: {"expires_at": (now + timedelta(days=1)).isoformat()})
    spending.note(channel, {"post_read": 1})
    facts = health.of_channels([channel], now)[channel.pk].facts
    assert (facts.outbox_waiting, facts.outbox_failed, facts.bad_items, facts.missing) == (1, 0, 1, 2)
    assert facts.failed_events == 1
    assert facts.lag == pytest.approx(180, abs=5)
    assert facts.expires_at == now + timedelta(days=1)
    assert facts.budget is not None
    assert facts.budget.cap == 5


@pytest.mark.django_db
def test_many_channels_cost_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    channels = [a_channel() for _ in range(4)]
    with django_assert_num_queries(9):
        health.of_channels(channels[:1], timezone.now())
    with django_assert_num_queries(9):
        health.of_channels(channels, timezone.now())


@pytest.mark.django_db
def test_looks_that_fail_are_counted_by_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = a_platform(monkeypatch, PlatformError("unreachable"))
    channel = a_channel(platform="fake")
    collect.poll(channel.pk)
    platform.pages.clear()
    collect.poll(channel.pk)
    now = timezone.now()
    assert looks.failed_share([channel.pk], now) == {channel.pk: (1, 2)}
    assert looks.failed_share([channel.pk], now + timedelta(hours=3)) == {channel.pk: (0, 0)}


@pytest.mark.django_db
def test_keys_sealed_with_another_key_do_not_break_the_page() -> None:
    channel = a_channel()
    channel.secrets = json.dumps([1])
    channel.save()
    assert health.of_channels(list(Channel.objects.all()), timezone.now())[channel.pk].state is State.HEALTHY
