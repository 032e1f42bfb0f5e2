"""What a channel costs: counted with the page, held against the month's cap; answers never stop."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from ingest import collect, delivery, spending
from ingest.models import Channel, Message, Spend
from ingest.platforms.base import Outgoing, Page, Post, Room, Sent
from ingest.platforms.registry import PLATFORMS
from ingest.spending import Budget
from tests.cast import FakePlatform, a_channel, a_platform, a_post, a_ticket, an_answer

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 16, tzinfo=UTC)  # half of a month of thirty days


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> type[FakePlatform]:
    """The scripted platform, at the prices of X."""
    monkeypatch.setattr("ingest.prices.price", lambda _platform, item: {"post_read": Decimal("0.5")}.get(item))
    return a_platform(monkeypatch)


def a_page(*posts: Post, read: int, room: Room | None = None) -> Page:
    return Page(posts, {"at": 1}, charged={"post_read": read}, room=room)


def test_a_page_its_charge_and_the_room_left_are_kept_together(priced: type[FakePlatform]) -> None:
    reset = timezone.now()
    priced.pages.append(a_page(a_post(), read=3, room=Room(300, 12, reset)))
    channel = a_channel(platform="fake")
    collect.poll(channel.pk)
    assert Spend.objects.get().count == 3
    channel.refresh_from_db()
    assert channel.room == {"limit": 300, "remaining": 12, "resets_at": reset.isoformat()}


def test_charges_of_a_day_add_up_and_each_day_is_its_own() -> None:
    channel = a_channel(platform="x")
    for day in (0, 0, 1):
        spending.note(channel, {"post_read": 2, "user_read": 1, "nothing": 0}, now=NOON + timedelta(days=day))
    spending.note(channel, {"post_create_with_url": 1}, now=NOON + timedelta(days=1))
    kept = list(Spend.objects.order_by("day", "item").values_list("day__day", "item", "count"))
    assert kept == [
        (16, "post_read", 4), (16, "user_read", 2),
        (17, "post_create_with_url", 1), (17, "post_read", 2), (17, "user_read", 1),
    ]  # fmt: skip
    days = spending.by_day(channel, 3, now=NOON + timedelta(days=1))
    assert [(day.day.day, day.reading, day.answers) for day in days] == [
        (15, 0, 0), (16, Decimal("0.040"), 0), (17, Decimal("0.020"), Decimal("0.200")),
    ]  # fmt: skip


def test_noting_is_one_statement_and_nothing_is_none(django_assert_num_queries: Any) -> None:
    channel = a_channel(platform="x")
    with django_assert_num_queries(1):
        spending.note(channel, {"post_read": 2, "user_read": 1})
    with django_assert_num_queries(0):
        spending.note_call(channel, {}, None)
    with django_assert_num_queries(0):
        spending.budget(channel)


def test_a_month_is_projected_from_what_it_has_cost_so_far() -> None:
    assert Budget(Decimal(10), None, NOON).projected == 20
    # The first minutes say nothing of a month.
    assert Budget(Decimal("0.1"), None, NOON.replace(day=1, minute=1)).projected == 12


@pytest.mark.parametrize(
    ("spent", "cap", "ahead", "gone"),
    [(49, 100, False, False), (53, 100, False, False), (54, 100, True, False), (100, 100, True, True),
     (1000, None, False, False)],
)  # fmt: skip
def test_reading_slows_when_spending_runs_ahead_of_the_month(
    spent: int, cap: int | None, ahead: bool, gone: bool
) -> None:
    budget = Budget(Decimal(spent), None if cap is None else Decimal(cap), NOON)
    assert (budget.ahead, budget.gone) == (ahead, gone)


def test_the_wait_spreads_what_is_left_over_the_rest_of_the_month() -> None:
    usual = timedelta(minutes=1)
    well, ahead = Budget(Decimal(10), Decimal(100), NOON), Budget(Decimal(60), Decimal(100), NOON)
    assert well.wait(usual, Decimal(5)) == usual
    # 40 dollars for 15 days: a look of one cent may be had every 324 seconds.
    assert ahead.wait(usual, Decimal("0.01")) == timedelta(seconds=324)
    assert ahead.wait(usual, Decimal(0)) == usual
    assert ahead.wait(usual, Decimal(30)) == spending.SLOWEST
    assert ahead.wait(timedelta(hours=2), Decimal(30)) == timedelta(hours=2)


@time_machine.travel(NOON, tick=False)
def test_a_channel_ahead_of_its_month_is_read_less_often(priced: type[FakePlatform]) -> None:
    priced.pages.append(a_page(a_post(), read=1))
    channel = a_channel(platform="fake", monthly_cap=Decimal(100), poll_seconds=5)
    spending.note(channel, {"post_read": 198})
    assert collect.poll(channel.pk) == 1
    channel.refresh_from_db()
    assert channel.next_poll_at is not None
    assert channel.next_poll_at - NOON > timedelta(minutes=10)


def test_at_the_cap_reading_stops_and_answers_go_out(priced: type[FakePlatform]) -> None:
    channel = a_channel(platform="fake", monthly_cap=Decimal(1))
    answer = an_answer(a_ticket(channel))
    spending.note(channel, {"post_read": 2})
    priced.pages.append(a_page(a_post(), read=1))
    assert collect.poll(channel.pk) == 0
    assert priced.calls == []
    channel.refresh_from_db()
    assert (channel.state, channel.lease_until, channel.error_code) == (Channel.State.ACTIVE, None, "")
    assert channel.next_poll_at is not None
    assert delivery.deliver_due() == 1
    answer.refresh_from_db()
    assert answer.state == "sent"
    # A higher cap is enough to go on.
    Channel.objects.update(monthly_cap=Decimal(500))
    assert collect.poll(channel.pk) == 1


def test_what_an_answer_was_charged_is_kept_with_its_being_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dear(FakePlatform):
        pages, troubles, looks, posted, calls = [], [], [], [], []

        def reply(self, outgoing: Outgoing) -> Sent:
            return Sent("1", charged={"post_create_with_url": 1})

    monkeypatch.setitem(PLATFORMS, "fake", Dear)
    answer = an_answer(a_ticket(a_channel(platform="fake")))
    assert delivery.deliver_due() == 1
    assert list(Spend.objects.values_list("channel", "item", "count")) == [
        (answer.channel_id, "post_create_with_url", 1)
    ]


def test_a_page_that_is_refused_is_still_paid_for(priced: type[FakePlatform]) -> None:
    priced.pages.append(a_page(a_post(), a_post(external_id="x" * 600), read=2))
    collect.poll(a_channel(platform="fake").pk)
    assert Message.objects.count() == 1
    assert Spend.objects.get().count == 2
