"""Listening: one process hears every channel whose platform pushes, each in a thread of its own.

A stream only makes things come sooner; `collect.poll` decides what is complete. Each time a connection stands, the
channel's poll is rung, and so closes the gap that was before it. A page's posts are stored together with the stream's
cursor. PostgreSQL's advisory lock of a channel is held while it is heard, so that two listeners never hear one twice;
it is lost with its connection, wherever the process or the machine goes.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import SystemRandom

import structlog
from django.db import Error, connection
from django.db.models import TextField
from django.db.models.functions import MD5
from django.utils import timezone

from ingest import adapters, doorbell, spending
from ingest.collect import store_page
from ingest.models import Channel
from ingest.platforms.base import Page, PlatformError, Streams
from ingest.platforms.registry import adapter_of

log = structlog.get_logger(__name__)
DICE = SystemRandom()

# Seconds between looks at which channels there are.
LOOK = 5.0
# Seconds that threads have to end in when the process is told to.
FAREWELL = 5.0
# A connection that lasted this many seconds was a good one: back-off begins anew after it.
GOOD = 60.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
# After an error that trying again cannot mend. Polling goes on, and tells an admin what is wrong.
WAIT_AFTER_PERMANENT = 900.0
# "Radd" as a number: the upper half of our advisory locks; the lower half is the channel.
LOCKS = 0x52616464 << 32


# --- which channels ---------------------------------------------------------------------------------------------------
def channels_to_hear(now: datetime | None = None) -> dict[int, str]:
    """The channels that are to be heard, by id, each with a mark of how it is set up: another mark, another start.

    Loads an adapter only where an active channel is of its platform. At the month's cap nothing is heard.
    """
    active = Channel.objects.filter(state=Channel.State.ACTIVE).defer("secrets").annotate(sealed=_digest())
    wanted = [c for c in active if c.options.get("stream") != "off" and _streams(c.platform)]
    capped = [channel for channel in wanted if channel.monthly_cap is not None]
    gone = {pk for pk, budget in spending.budgets(capped, now).items() if budget.gone} if capped else set()
    return {channel.pk: _mark(channel) for channel in wanted if channel.pk not in gone}


def _digest() -> MD5:
    """Of the credentials as they lie encrypted, so that new ones are noticed without opening them."""
    return MD5("secrets", output_field=TextField())


def _streams(platform: str) -> bool:
    try:
        return issubclass(adapter_of(platform), Streams)
    except KeyError:
        return False


def _mark(channel: Channel) -> str:
    sealed = getattr(channel, "sealed", "")
    return repr(
        (channel.platform, channel.external_id, channel.handle, sorted(channel.options.items(), key=str), sealed)
    )


# --- one channel ------------------------------------------------------------------------------------------------------
class Ear:
    """A thread that hears one channel until it is told to stop, whatever happens to its connections."""

    def __init__(self, channel_id: int, mark: str = "") -> None:
        self.channel_id = channel_id
        self.mark = mark
        self.stop = threading.Event()
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name=f"channel {channel_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self.stop.is_set():
            self.stop.wait(self._turn())

    def _turn(self) -> float:
        """One connection, from beginning to end; returns the seconds to wait before the next."""
        began = time.monotonic()
        try:
            if not _take_lock(self.channel_id):
                return LOOK
            self._hear_once()
            error = PlatformError("stream_ended")
        except PlatformError as caught:
            error = caught
        except Exception as caught:
            log.exception("hearing failed", channel=self.channel_id)
            error = PlatformError("unexpected", type(caught).__name__)
        finally:
            # And with the connection the lock.
            with suppress(Error):
                connection.close()
        if self.stop.is_set():
            return 0
        self._failures = 1 if time.monotonic() - began > GOOD else self._failures + 1
        wait = back_off(error, self._failures)
        log.warning("stream ended", channel=self.channel_id, code=error.code, words=error.words[:200], wait=round(wait))
        return wait

    def _hear_once(self) -> None:
        channel = Channel.objects.get(pk=self.channel_id)
        adapter = adapters.of(channel)
        if not isinstance(adapter, Streams):
            return
        stream = adapter.listen(channel.stream_cursor)
        stands = False
        try:
            for page in stream:
                if self.stop.is_set():
                    # Not stored, its cursor not saved: it comes again, by the next connection or the poll.
                    return
                if not stands:
                    stands = True
                    _ring_poll(channel)
                _take(channel, page)
        finally:
            if close := getattr(stream, "close", None):
                close()


def back_off(error: PlatformError, failures: int) -> float:
    """Seconds to wait after so many failures in a row, spread so that many channels do not come back at once."""
    if error.permanent:
        wait = WAIT_AFTER_PERMANENT
    elif error.retry_after:
        return error.retry_after * DICE.uniform(1, 1.1)
    else:
        wait = min(FIRST_WAIT * 2 ** min(failures - 1, 20), LONGEST_WAIT)
    return wait * DICE.uniform(0.5, 1)


def _take_lock(channel_id: int) -> bool:
    """Whether this thread's connection has the channel's lock from here on. It is given back with the connection."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_try_advisory_lock(%s)", [LOCKS + channel_id])
        return bool(sql.fetchone()[0])


def _ring_poll(channel: Channel) -> None:
    """The connection stands: have the time before it read."""
    Channel.objects.filter(pk=channel.pk, state=Channel.State.ACTIVE).update(next_poll_at=timezone.now())
    doorbell.ring("radd.collect", channel.pk)


def _take(channel: Channel, page: Page | None) -> None:
    if page is None:
        # Nothing came; but is the lock still ours? A lost connection raises.
        with connection.cursor() as sql:
            sql.execute("SELECT 1")
        return
    if store_page(channel, page, stream_cursor=page.cursor).new:
        Channel.objects.filter(pk=channel.pk).update(last_new_at=timezone.now())


# --- all of them ------------------------------------------------------------------------------------------------------
class Listener:
    """Keeps an ear on every channel that wants one."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.ears: dict[int, Ear] = {}

    def run(self, pulse: Callable[[], None] = lambda: None) -> None:
        """Until `stop` is set or an exception ends it. `pulse` is called after each look that went well."""
        try:
            while not self.stop.is_set():
                try:
                    self.look()
                    pulse()
                except Error:
                    log.exception("the database cannot be asked which channels there are")
                    with suppress(Error):
                        connection.close()
                self.stop.wait(LOOK)
        finally:
            self._end()

    def look(self) -> None:
        """Bring the ears in step with the channels: those added, paused, removed, set up otherwise."""
        wanted = channels_to_hear()
        for channel_id, ear in list(self.ears.items()):
            if wanted.get(channel_id) != ear.mark:
                ear.stop.set()
            if not ear.is_alive:
                del self.ears[channel_id]
        for channel_id in wanted.keys() - self.ears.keys():
            self.ears[channel_id] = ear = Ear(channel_id, wanted[channel_id])
            ear.start()

    def _end(self) -> None:
        """Threads end at their next word or beat; those that are slower die with the process, which loses nothing."""
        for ear in self.ears.values():
            ear.stop.set()
        until = time.monotonic() + FAREWELL
        for ear in self.ears.values():
            ear.join(max(until - time.monotonic(), 0))
