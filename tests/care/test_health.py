"""Health for machines: alive, ready, and figures that stay cheap to ask for."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.db import connection
from django.db.utils import ConnectionHandler
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from care import health
from ingest import doorbell
from ingest.collect import store
from ingest.drift import week_of
from ingest.models import Channel, Delivery, Message, ReadingWeek
from tests.cast import a_channel, a_post, receive

FEW_QUERIES = 12


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = redis.Redis(port=1, socket_connect_timeout=1)
    monkeypatch.setattr(doorbell, "connection", lambda: nobody)


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A connection to a port where nobody listens."""
    nowhere = ConnectionHandler({"default": connection.settings_dict | {"HOST": "127.0.0.1", "PORT": "1"}})
    monkeypatch.setattr(health, "connection", nowhere["default"])
    yield
    nowhere.close_all()


def samples() -> list[Any]:
    """What /metrics says, line by line."""
    response = Client().get("/metrics")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return [sample for family in families for sample in family.samples]


def figures() -> dict[tuple[str, str], float]:
    """What /metrics says, by name and first label."""
    return {(sample.name, next(iter(sample.labels.values()), "")): sample.value for sample in samples()}


def test_alive_asks_nobody(django_assert_num_queries: DjangoAssertNumQueries, db: None, no_redis: None) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_database_and_redis_answer() -> None:
    response = Client().get("/readyz")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "ok"})


@pytest.mark.django_db
def test_not_ready_without_redis(no_redis: None) -> None:
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "ok"
    assert response.json()["redis"].startswith("not reachable")


@pytest.mark.django_db
def test_not_ready_without_a_database(no_database: None) -> None:
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "not reachable")


@pytest.mark.django_db
def test_not_ready_before_the_tables_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_args: [("a", "b")])
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "migrations pending")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.django_db
def test_machines_need_no_sign_in_no_https_and_only_read(path: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path).status_code == 200
    assert Client().head(path).status_code == 200
    assert Client().post(path).status_code == 405


@pytest.mark.django_db
def test_the_figures_follow_the_messages() -> None:
    channel = a_channel()
    before = figures()
    assert before["radd_messages_waiting", "new"] == 0
    assert before["radd_oldest_unread_seconds", ""] == 0
    store(channel, [a_post("wrong one"), a_post("wrong two", by="sara")])
    waiting = figures()
    assert waiting["radd_messages_waiting", "new"] == 2
    assert waiting["radd_oldest_unread_seconds", ""] > 0
    receive(channel, a_post("wrong three", by="omar"))
    done = figures()
    assert (done["radd_messages_waiting", "new"], done["radd_messages_waiting", "scored"]) == (0, 0)
    assert done["radd_oldest_unread_seconds", ""] == 0


@pytest.mark.django_db
def test_the_figures_tell_of_deliveries_and_channels() -> None:
    good, broken = a_channel(), a_channel(state=Channel.State.BROKEN)
    a_channel(state=Channel.State.PAUSED, name="resting")
    (message,) = receive(good, a_post("wrong"))
    Delivery.objects.create(
        message=message, channel=good, conversation=message.conversation, due_at=timezone.now(), state="unknown"
    )
    found = figures()
    assert found["radd_deliveries", "unknown"] == 1
    assert found["radd_deliveries", "failed"] == 0
    assert found["radd_channel_up", good.name] == 1
    assert found["radd_channel_up", broken.name] == 0
    assert ("radd_channel_up", "resting") not in found


@pytest.mark.django_db
def test_the_figures_tell_what_has_drifted() -> None:
    channel = a_channel()
    week = {"week": week_of(timezone.now()), "messages": 300}
    ReadingWeek.objects.create(channel=channel, language="en", alarms=["sentiment", "corrected_urgency"], **week)
    ReadingWeek.objects.create(channel=channel, language="ar", **week)
    alarms = {tuple(sample.labels.values()) for sample in samples() if sample.name == "radd_drift_alarm"}
    assert alarms == {(channel.name, "en", "sentiment"), (channel.name, "en", "corrected_urgency")}


@pytest.mark.django_db
def test_the_reader_counts_its_work_and_figures_do_without_it(no_redis: None) -> None:
    assert ("radd_messages_waiting", "new") in figures()
    assert not [name for name, _label in figures() if name.startswith("radd_reader")]


@pytest.mark.django_db
def test_the_readers_counters_are_told() -> None:
    doorbell.count(batches=2, messages=64, seconds=1.5)
    found = figures()
    assert found["radd_reader_messages_total", ""] >= 64
    assert found["radd_reader_seconds_total", ""] >= 1.5


@pytest.mark.django_db
def test_a_scrape_costs_the_same_at_any_size(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _turn in range(3):
        channel = a_channel()
        store(channel, [a_post(f"wrong {n}", by=f"c{n}") for n in range(20)])
        with django_assert_max_num_queries(FEW_QUERIES):
            figures()
    assert Message.objects.count() == 60
