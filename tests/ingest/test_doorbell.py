"""The doorbell: a ring is a hint. Losing one, or having no Redis at all, breaks nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from ingest import doorbell

TASK = "radd.test-bell"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    """What was handed to Celery."""
    tasks: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(current_app, "send_task", lambda task, args, **options: tasks.append((task, args)))
    yield tasks
    for args in ((), (1,), (2,)):
        doorbell.answered(TASK, *args)


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Redis is down."""
    monkeypatch.setattr(doorbell, "connection", lambda: redis.Redis.from_url("redis://127.0.0.1:1/0"))
    yield
    monkeypatch.undo()


@pytest.mark.django_db
def test_a_ring_goes_out_when_the_transaction_commits_and_not_before(
    sent: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        doorbell.ring(TASK, 1)
        assert sent == []
    assert sent == [(TASK, (1,))]


@pytest.mark.django_db
def test_what_is_rolled_back_rings_nobody(sent: list[object], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        doorbell.ring(TASK)
        transaction.set_rollback(True)
    assert sent == []


def test_a_burst_of_rings_is_one_until_somebody_answers(sent: list[object]) -> None:
    for _turn in range(5):
        doorbell._ring_now(TASK, ())
    assert sent == [(TASK, ())]
    doorbell.answered(TASK)
    doorbell._ring_now(TASK, ())
    assert sent == [(TASK, ())] * 2


def test_a_ring_nobody_answers_is_forgotten_by_itself(sent: list[object]) -> None:
    doorbell._ring_now(TASK, ())
    left = doorbell.connection().pttl(doorbell._key(TASK, ()))
    assert 0 < left <= doorbell.FORGET_AFTER * 1000


def test_channels_have_a_bell_each(sent: list[object]) -> None:
    doorbell._ring_now(TASK, (1,))
    doorbell._ring_now(TASK, (2,))
    assert sent == [(TASK, (1,)), (TASK, (2,))]


@pytest.mark.django_db
def test_without_redis_nothing_breaks(
    no_redis: None, sent: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        doorbell.ring(TASK)
        doorbell.ring_pages()
    doorbell.answered(TASK)
    doorbell.count(batches=1)
    assert sent == []


def test_a_broker_that_fails_after_redis_answered_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, sent: list[object]
) -> None:
    def fail(task: str, args: tuple[int, ...], **options: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(current_app, "send_task", fail)
    doorbell._ring_now(TASK, ())


def test_open_pages_are_told_through_the_installations_own_channel() -> None:
    with doorbell.connection().pubsub() as bell:
        bell.subscribe(doorbell.live_channel())
        bell.get_message(timeout=5)
        doorbell._ring_pages_now()
        told = bell.get_message(timeout=5)
    assert told is not None
    assert told["data"] == b"1"
