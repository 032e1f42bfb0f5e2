"""Bad weather over the fakes: of a hundred calls that post, ten time out, five meet a 5xx and five a 429.

Half of what times out is on the network nevertheless, some of it only after we gave up waiting; so is half of what met
a 5xx. Calls that only read have fine weather: what is looked for can be looked for.
"""

import threading
import time
from collections import Counter
from random import Random

from benchmarks.counterparts import Network
from tests.platforms import fake_mastodon
from tests.platforms.faults import Fault

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
        self._too_late = patience * 1.5
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
            time.sleep(self._too_late)
        return kind

    def over(self, network: Network) -> None:
        """Let it rain there, in the place of the faults that a test would order."""
        posting, faults = POSTING[network.name]
        network.fake.faults = Rain(self, posting, faults)


class Rain:
    """What a fake asks whether a call goes wrong. `faults`: what each kind of trouble is there."""

    def __init__(self, weather: Weather, posting: tuple[str, ...], faults: dict[str, Fault]) -> None:
        self._weather = weather
        self._posting = posting
        self._faults = faults

    def take(self, *names: str) -> Fault | None:
        """The fault that the call of these names runs into."""
        return self._faults.get(self._weather.strike()) if names == self._posting else None


TIMED_OUT = {
    "lost": Fault("stall"), "kept": Fault("stall", applied=True), "late": Fault("drop", applied=True),
}  # fmt: skip
IN_JSON = TIMED_OUT | {
    "5xx": Fault("down"), "5xx_kept": Fault("down", applied=True), "429": Fault("too_many", reset=PAUSE),
}  # fmt: skip
BY_MASTODON = TIMED_OUT | {
    "5xx": fake_mastodon.Fault("refuse", status=503, words="Service Unavailable"),
    "5xx_kept": fake_mastodon.Fault("refuse", applied=True, status=503, words="Service Unavailable"),
    "429": fake_mastodon.Fault("refuse", status=429, words="Too many requests", headers=PAUSED),
}
# By which names each network knows a call that posts, and what goes wrong with it.
POSTING: dict[str, tuple[tuple[str, ...], dict[str, Fault]]] = {
    "x": (("POST", "/2/tweets"), IN_JSON),
    "bluesky": (("putRecord",), IN_JSON),
    "mastodon": (("POST /api/v1/statuses",), BY_MASTODON),
    "gotosocial": (("POST /api/v1/statuses",), BY_MASTODON),
}
