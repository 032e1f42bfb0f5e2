"""Health for machines: alive, ready, and figures.

/healthz: the process answers. /readyz: it can do its work (PostgreSQL answers and is migrated; Redis answers).
/metrics: Prometheus text, gauges read from the database at scrape time, so that any process can answer.
"""

from collections.abc import Iterator

import redis
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ingest import doorbell, drift
from ingest.models import Channel, Delivery, Message

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Depths are counted up to this many, so that a scrape stays cheap at any size.
CAP = 100_000


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the work can be done, 503 with what is wrong otherwise."""
    checks = {"database": _database(), "redis": _redis()}
    return JsonResponse(checks, status=200 if set(checks.values()) <= {"ok"} else 503)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "not reachable"
    return "migrations pending" if pending else "ok"


def _redis() -> str:
    try:
        doorbell.connection().ping()
    except redis.RedisError:
        return "not reachable: work goes on by sweeps, live pages are slower"
    return "ok"


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus."""
    registry = CollectorRegistry()
    registry.register(Flow())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE)


class Flow:
    """Gauges of the flow from post to answer."""

    def collect(self) -> Iterator[Metric]:
        yield _by_label("radd_messages_waiting", "Messages in each unfinished state", "state", _depths())
        yield _oldest_unread()
        yield _by_label("radd_deliveries", "Unfinished or failed answers by state", "state", _deliveries())
        yield from _reader()
        yield from _channels()
        yield from _drift()


def _by_label(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _depths() -> dict[str, float]:
    states = (Message.State.NEW, Message.State.SCORED, Message.State.HELD)
    return {state.value: float(Message.objects.filter(state=state)[:CAP].count()) for state in states}


def _oldest_unread() -> Metric:
    oldest = Message.objects.unread().order_by("id").values_list("received_at", flat=True).first()
    age = (timezone.now() - oldest).total_seconds() if oldest else 0
    return GaugeMetricFamily("radd_oldest_unread_seconds", "Age of the oldest message the model has not read", age)


def _deliveries() -> dict[str, float]:
    states = (*Delivery.UNFINISHED, Delivery.State.FAILED)
    return {state.value: float(Delivery.objects.filter(state=state).count()) for state in states}


def _reader() -> Iterator[Metric]:
    """Counters that the reader process keeps in Redis; absent while Redis is."""
    try:
        kept = doorbell.counters()
    except redis.RedisError:
        return
    for name in ("batches", "messages", "failures"):
        value = float(kept.get(name, 0))
        yield CounterMetricFamily(f"radd_reader_{name}", f"Model {name} since the counters began", value)
    yield CounterMetricFamily("radd_reader_seconds", "Seconds the model worked", float(kept.get("seconds", 0)))


def _channels() -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "radd_channel_lag_seconds", "Seconds since a channel was last read well", labels=["channel"]
    )
    up = GaugeMetricFamily(
        "radd_channel_up", "1 while a channel is active and its last look went well", labels=["channel"]
    )
    now = timezone.now()
    for channel in Channel.objects.exclude(state__in=[Channel.State.PAUSED, *Channel.GONE]):
        since = channel.last_ok_at or channel.created_at
        lag.add_metric([channel.name], (now - since).total_seconds())
        up.add_metric([channel.name], float(channel.state == Channel.State.ACTIVE and not channel.error_code))
    yield lag
    yield up


def _drift() -> Iterator[Metric]:
    """What gives alarm now: how far the readings moved, and labels that people correct too often."""
    labels = ["channel", "language", "what"]
    alarms = GaugeMetricFamily("radd_drift_alarm", "1 while readings are unlike the weeks before", labels=labels)
    for row in drift.in_force(Channel.objects.all()):
        for what in row.alarms:
            alarms.add_metric([row.channel.name, row.language, what], 1.0)
    yield alarms
