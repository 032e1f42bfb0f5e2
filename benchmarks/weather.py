"""Bad weather over the fakes: of a hundred calls that post, ten time out, five meet a 5xx and five a 429.

Half of what times out is on the network nevertheless, some of it only after we gave up waiting; so is half of what met
a 5xx. Calls that only read have fine weather: what is looked for can be looked for.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from benchmarks.counterparts import Network
from tests.platforms import fake_bluesky, fake_mastodon, fake_x

# What becomes of a call that posts, up to this number of the dice.
CHANCES = (
    ("lost", 0.05), ("kept", 0.075), ("late", 0.1), ("5xx", 0.125), ("5xx_kept", 0.15), ("429", 0.2),
)  # fmt: skip
TIMEOUTS = ("lost", "kept", "late")
# The seconds a 429 asks us to wait.
PAUSE = 2.0
PAUSED = {"retry-after": f"{PAUSE:.0f}"}


class Weather:
    """One for all networks. `tries`: calls that post, so far; `met`: how they fared.

    `patience`: seconds after which our side gives a call up.
    """

    def __init__(self, seed: int, patience: float) -> None:
        self.met: Counter[str] = Counter()
        self.tries = 0
        self.seconds = patience * 1.5
        self._dice = Random(seed)
        self._lock = threading.Lock()

    def strike(self) -> str:
        """What happens to this call; "" for nothing."""
        with self._lock:
            self.tries += 1
            number = self._dice.random()
            kind = next((kind for kind, below in CHANCES if number < below), "")
            self.met[kind] += 1
        if kind == "late":
            # It reaches the network when nobody waits for its answer any more.
            time.sleep(self.seconds)
        return kind

    def over(self, network: Network) -> None:
        """Let it rain there."""
        if network.name == "x":
            network.fake.faults = OverX(self)
        elif network.name == "bluesky":
            network.fake.faults = OverBluesky(self)
        else:
            network.fake.take = over_mastodon(self)


class OverX:
    """In the place of the fake's list of faults."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather

    def take(self, method: str, path: str) -> fake_x.Fault | None:
        if (method, path) != ("POST", "/2/tweets"):
            return None
        seconds, kind = self._weather.seconds, self._weather.strike()
        faults = {
            "lost": fake_x.Fault("stall", seconds=seconds),
            "kept": fake_x.Fault("stall", seconds=seconds, applied=True),
            "late": fake_x.Fault("drop", applied=True),
            "5xx": fake_x.Fault("down"),
            "5xx_kept": fake_x.Fault("down", applied=True),
            "429": fake_x.Fault("too_many", reset=PAUSE),
        }
        return faults.get(kind)


class OverBluesky:
    """In the place of the fake's list of faults."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather

    def take(self, method: str) -> fake_bluesky.Fault | None:
        if method != "putRecord":
            return None
        seconds, kind = self._weather.seconds, self._weather.strike()
        faults = {
            "lost": fake_bluesky.Fault("stall", seconds=seconds),
            "kept": fake_bluesky.Fault("stall", seconds=seconds, applied=True),
            "late": fake_bluesky.Fault("drop", applied=True),
            "5xx": fake_bluesky.Fault("down"),
            "5xx_kept": fake_bluesky.Fault("down", applied=True),
            "429": fake_bluesky.Fault("too_many", reset=PAUSE),
        }
        return faults.get(kind)


def over_mastodon(weather: Weather) -> Callable[[str], fake_mastodon.Fault | None]:
    """In the place of the fake's own taking of faults."""

    def take(call: str) -> fake_mastodon.Fault | None:
        if call != "POST /api/v1/statuses":
            return None
        faults = {
            "lost": fake_mastodon.Fault("stall"),
            "kept": fake_mastodon.Fault("stall", applied=True),
            "late": fake_mastodon.Fault("drop", applied=True),
            "5xx": fake_mastodon.Fault("refuse", status=503, words="Service Unavailable"),
            "5xx_kept": fake_mastodon.Fault("refuse", applied=True, status=503, words="Service Unavailable"),
            "429": fake_mastodon.Fault("refuse", status=429, words="Too many requests", headers=PAUSED),
        }
        return faults.get(weather.strike())

    return take
