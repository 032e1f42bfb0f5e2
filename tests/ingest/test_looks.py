"""What became of looks at a channel, hour by hour, and why they failed."""

from datetime import timedelta
from itertools import count

import pytest
import redis

from ingest import doorbell, looks
from tests.cast import now

_channels = count(900_000_000)


@pytest.fixture
def channel_id() -> int:
    """The id of a channel whose counters stand at nothing."""
    pk = next(_channels)
    pattern = f"*:looks:{pk}:*"
    for key in doorbell.connection().scan_iter(pattern):
        doorbell.connection().delete(key)
    return pk


def test_hours_tell_how_many_looks_failed_and_of_what(channel_id: int) -> None:
    hour = now().replace(minute=0, second=0, microsecond=0)
    for code in ("unreachable", "platform_down", "unreachable", ""):
        looks.note(channel_id, hour + timedelta(minutes=59), failed=True, code=code)
    looks.note(channel_id, hour, failed=False)
    looks.note(channel_id, hour - timedelta(minutes=1), failed=False)
    found = looks.between(channel_id, hour, hour)
    assert (found.failed, found.well) == (4, 1)
    assert found.codes == {"unreachable": 2, "platform_down": 1}
    assert looks.between(channel_id, hour - timedelta(minutes=30), hour).well == 2
    assert looks.failed_share([channel_id], hour + timedelta(minutes=1), hours=1) == {channel_id: (4, 5)}


def test_nothing_is_known_of_an_hour_without_looks(channel_id: int) -> None:
    assert looks.between(channel_id, now(), now()) == looks.Looks()


def test_without_redis_nothing_is_known(channel_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(doorbell, "connection", away)
    looks.note(channel_id, now(), failed=True, code="unreachable")
    assert looks.between(channel_id, now(), now()) == looks.Looks()
