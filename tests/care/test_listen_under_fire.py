"""Two real listeners, killed, cut off and locked out again and again: with the poll behind them nothing is lost, and no
post is stored twice."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection

from ingest import collect, connecting
from ingest.connecting import Wish
from ingest.models import Channel, Message
from tests.cast import a_bell, a_brand
from tests.platforms.fake_mastodon import BRAND, TOKEN, FakeMastodon

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fake() -> Iterator[FakeMastodon]:
    with FakeMastodon() as running:
        yield running


@pytest.fixture
def channel(fake: FakeMastodon, monkeypatch: pytest.MonkeyPatch) -> Channel:
    a_bell(monkeypatch)
    given = {"base_url": fake.url, "access_token": TOKEN}
    return connecting.connect(a_brand(), Wish("mastodon", "Under fire", given, poll_seconds=3600))


class Listeners:
    """Processes of `manage.py listen`."""

    def __init__(self) -> None:
        database = connection.settings_dict
        place = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
        self.env = dict(os.environ) | {"DATABASE_URL": f"postgres://{place}"}
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        argv = [sys.executable, "manage.py", "listen"]
        self.running.append(subprocess.Popen(argv, cwd=settings.BASE_DIR, env=self.env))

    def kill(self) -> None:
        """SIGKILL to the one that was started first."""
        first = self.running.pop(0)
        first.kill()
        first.wait()


@pytest.fixture
def listeners() -> Iterator[Listeners]:
    made = Listeners()
    yield made
    while made.running:
        made.kill()


def soon(true: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def stored() -> int:
    return Message.objects.filter(direction="in").count()


def test_nothing_is_lost_and_nothing_doubled(channel: Channel, fake: FakeMastodon, listeners: Listeners) -> None:
    said: list[str] = []

    def say() -> None:
        for number in range(len(said), len(said) + 5):
            said.append(f"my bill is wrong, number {number}.")
            fake.world.post(f"customer{number}", f"@{BRAND.username} {said[-1]}")

    def heard() -> bool:
        return len(fake.streams) == 1

    def hung_up_on() -> bool:
        """Again at each look: one that was being let in heard nothing of the first."""
        fake.hang_up()
        return not fake.streams

    for _listener in range(2):
        listeners.start()
    soon(heard)
    say()
    soon(lambda: stored() == 5)
    # The network goes: whoever hears comes back by itself, or the other takes over, perhaps at once.
    fake.hang_up()
    soon(lambda: fake.ended == 1)
    say()
    soon(heard)
    say()
    soon(lambda: Message.objects.filter(text__contains=said[-1]).exists())
    # One is killed: if it was the one that heard, the other takes over.
    listeners.kill()
    say()
    soon(heard)
    say()
    listeners.start()
    # The token is taken away, and given back later: the channel is not given up.
    fake.api.tokens.clear()
    soon(hung_up_on)
    say()
    fake.api.tokens.add(TOKEN)
    by_stream = stored()
    assert by_stream >= 10, "the streams did bring what was said while they stood"

    Channel.objects.update(lease_until=None, state=Channel.State.ACTIVE)
    collect.poll(channel.pk)
    texts = list(Message.objects.filter(direction="in").values_list("text", flat=True))
    assert len(said) == 30
    assert all(sum(text in known for known in texts) == 1 for text in said)
    assert len(texts) == len(said)
    assert len(fake.streams) <= 1, "no channel is heard twice"
