"""The whole flow: rings carry a post to its answer; without a single ring, sweeps do; and nothing happens twice."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from care import pipeline
from care.celery import app
from ingest import delivery, doorbell, scoring
from ingest.collect import store
from ingest.models import Channel, Delivery, Message, ReadingWeek
from ingest.platforms.base import Page
from tests.cast import (
    FakePlatform,
    a_channel,
    a_person,
    a_platform,
    a_post,
    a_reader,
    a_ticket,
    an_answer,
    an_own_post,
    receive,
)
from tickets.models import Ticket
from tickets.reports.balance import balance
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db
TASKS = {name for name in app.tasks if name.startswith("radd.")}
# Work on one channel, rung by the sweep that knows which are due.
OF_A_CHANNEL = {"radd.collect", "radd.reconcile"}


LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """What was rung and not answered yet."""
    rings: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(doorbell, "ring", lambda task, *args: rings.append((task, args)))
    return rings


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch) -> type[FakePlatform]:
    monkeypatch.setattr(scoring, "_read", a_reader)
    return a_platform(monkeypatch)


@pytest.fixture
def channel(platform: type[FakePlatform]) -> Channel:
    """A channel where a complaint, some praise and a post of ours wait."""
    # Long ago, so that no week that has just ended has anything in it.
    wrong, fan = a_post("my bill is wrong", posted_at=LONG_AGO), a_post("love it", by="fan", posted_at=LONG_AGO)
    platform.pages.append(Page((wrong, fan, an_own_post(posted_at=LONG_AGO)), {"at": 1}))
    return a_channel(platform="fake")


def run(task: str, *args: int) -> int:
    return int(app.tasks[task](*args))


def answer_the_bell(rung: list[tuple[str, tuple[int, ...]]]) -> list[str]:
    """Do what is rung, in order, until it is quiet."""
    done = []
    while rung:
        task, args = rung.pop(0)
        done.append(task)
        run(task, *args)
    return done


def sweep() -> None:
    """Everything the beat does, once."""
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        run(entry["task"])


def rows() -> dict[str, list[dict[str, Any]]]:
    """All that is stored, but for when a channel was last looked at and an hour last checked."""
    found = {}
    for label in ("ingest", "tickets"):
        for model in apps.get_app_config(label).get_models():
            found[model.__name__] = list(model._default_manager.order_by("pk").values())
    for channel in found["Channel"]:
        for name in ("last_polled_at", "last_ok_at", "next_poll_at"):
            channel.pop(name)
    for hour in found["ChannelHour"]:
        hour.pop("checked_at")
    return found


def test_rings_alone_carry_a_post_to_an_agent_and_an_answer_to_the_customer(
    channel: Channel, platform: type[FakePlatform], rung: list[tuple[str, tuple[int, ...]]]
) -> None:
    agent = a_person(channel.brand, available=True)
    assert run("radd.collect_due") == 1
    answer_the_bell(rung)
    ticket = Ticket.objects.get()
    assert (ticket.assignee, ticket.status) == (agent, "open")
    an_answer(ticket, by=agent)
    answer_the_bell(rung)
    assert platform.texts() == ["We are on it."]
    assert Message.objects.get(text="my bill is wrong").disposition == "answered"
    Channel.objects.update(next_poll_at=None)
    later = a_post("thank you, love it", posted_at=timezone.now())
    platform.pages.append(Page((later,), {"at": 2}))
    run("radd.collect_due")
    answer_the_bell(rung)
    ticket.refresh_from_db()
    assert ticket.lift is not None
    assert ticket.lift > 1
    assert not balance().problems


def test_without_a_single_ring_sweeps_carry_everything(
    channel: Channel, platform: type[FakePlatform], rung: list[tuple[str, tuple[int, ...]]]
) -> None:
    agent = a_person(channel.brand, available=True)
    run("radd.collect", channel.pk)
    for _turn in range(2):
        sweep()
    ticket = Ticket.objects.get(assignee=agent)
    an_answer(ticket, by=agent)
    sweep()
    assert platform.texts() == ["We are on it."]
    assert Message.objects.get(text="my bill is wrong").disposition == "answered"
    assert not Message.objects.exclude(state="triaged").exists()


def test_every_task_run_twice_changes_nothing(
    channel: Channel, platform: type[FakePlatform], rung: list[tuple[str, tuple[int, ...]]]
) -> None:
    agent = a_person(channel.brand, available=True)
    run("radd.collect_due")
    answer_the_bell(rung)
    an_answer(Ticket.objects.get(), by=agent, resolve=True)
    answer_the_bell(rung)
    # The first check of an hour is written down.
    run("radd.reconcile", channel.pk)
    # People are told of what happened a little later, and what was solved is drawn for review.
    run("radd.tell")
    run("radd.sample_reviews")
    before = rows()
    for task in sorted(TASKS - OF_A_CHANNEL):
        run(task)
        run(task)
    for task in sorted(OF_A_CHANNEL):
        run(task, channel.pk)
        run(task, channel.pk)
    assert rows() == before
    assert len(platform.posted) == 1


def test_a_task_that_finds_nothing_rings_nobody(rung: list[tuple[str, tuple[int, ...]]]) -> None:
    assert {run(task) for task in TASKS - OF_A_CHANNEL} == {0}
    assert rung == []


@pytest.mark.parametrize(
    ("task", "then"),
    [("radd.read", "radd.triage"), ("radd.triage", "radd.route"), ("radd.deliver", "radd.settle")],
)
def test_a_stage_that_did_something_rings_the_next(
    channel: Channel, rung: list[tuple[str, tuple[int, ...]]], task: str, then: str
) -> None:
    an_answer(a_ticket(channel))
    store(channel, [a_post("app is down", by="sara")])
    if task == "radd.triage":
        scoring.read_new()
    rung.clear()
    assert run(task) >= 1
    assert (then, ()) in rung


def test_a_message_given_up_on_by_the_reader_rings_triage_too(
    channel: Channel, rung: list[tuple[str, tuple[int, ...]]]
) -> None:
    store(channel, [a_post("poison")])
    Message.objects.update(attempts=settings.READ_ATTEMPTS)
    rung.clear()
    assert run("radd.read") == 1
    assert ("radd.triage", ()) in rung


def test_a_long_queue_is_worked_in_turns(
    channel: Channel, rung: list[tuple[str, tuple[int, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "TURN", -1.0)
    monkeypatch.setattr(settings, "READ_BATCH", 2)
    store(channel, [a_post("fine", by=f"person{number}") for number in range(5)])
    rung.clear()
    assert run("radd.read") == 2
    assert rung == [("radd.triage", ()), ("radd.read", ())]
    answer_the_bell(rung)
    assert set(Message.objects.values_list("state", flat=True)) == {"triaged"}


def test_a_task_answers_its_bell_before_it_looks(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(doorbell, "answered", lambda task, *args: told.append("answered"))
    monkeypatch.setattr(delivery, "deliver_due", lambda: told.append("looked") or 0)
    run("radd.deliver")
    assert told == ["answered", "looked"]


def test_each_due_channel_is_rung_by_itself(rung: list[tuple[str, tuple[int, ...]]]) -> None:
    one, two = a_channel(platform="fake"), a_channel(platform="fake")
    a_channel(platform="fake", state="paused")
    assert run("radd.collect_due") == 2
    assert sorted(rung) == [("radd.collect", (one.pk,)), ("radd.collect", (two.pk,))]


def test_a_ring_for_a_channel_that_is_gone_is_nothing() -> None:
    assert run("radd.collect", 0) == 0


def test_resolved_tickets_are_closed_by_the_sweep(channel: Channel) -> None:
    lifecycle.resolve(a_ticket(channel).pk, by=a_person(channel.brand))
    Ticket.objects.update(resolved_at=timezone.now() - 2 * settings.REOPEN_WITHIN)
    assert run("radd.close_resolved") == 1


def test_weeks_are_measured_by_the_sweep(channel: Channel) -> None:
    receive(channel, a_post("my bill is wrong", posted_at=timezone.now()))
    assert run("radd.measure_drift") == 1
    assert ReadingWeek.objects.get().messages == 1


def test_the_beat_and_the_queues_name_tasks_that_there_are() -> None:
    swept = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert swept == TASKS - OF_A_CHANNEL, "each stage is swept; channels through those that are due"
    assert set(settings.CELERY_TASK_ROUTES) <= TASKS
    assert all(entry["options"]["expires"] for entry in settings.CELERY_BEAT_SCHEDULE.values())


def test_the_reader_has_a_queue_of_its_own() -> None:
    queues = [route["queue"] for task, route in settings.CELERY_TASK_ROUTES.items() if task != "radd.read"]
    assert settings.CELERY_TASK_ROUTES["radd.read"]["queue"] not in queues


def test_tasks_are_acknowledged_late_so_that_a_killed_worker_loses_none() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_working_off_in_one_process_ends_with_nothing_left_and_says_what_was_done(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_person(channel.brand, available=True)
    store(channel, [a_post("wrong", by="a"), a_post("down", by="b"), a_post("poison", by="c")])
    heard: list[tuple[str, int]] = []

    def rest(seconds: float) -> None:
        Message.objects.update(lease_until=None)

    monkeypatch.setattr(time, "sleep", rest)
    totals = pipeline.work_off(lambda stage, count: heard.append((stage, count)))
    assert (totals["triaged"], totals["assigned"]) == (3, 3)
    assert heard[-1][1] == totals[heard[-1][0]]
    assert not Message.objects.exclude(state="triaged").exists()
    assert not Delivery.objects.exists()
