"""Mastodon, GoToSocial and Pleroma keep the contract of adapters."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ingest.platforms.base import Backfills, LooksUp, Streams, TellsThreads
from ingest.platforms.entering import Connects
from ingest.platforms.mastodon.adapter import Mastodon
from tests.platforms.contract import AdapterContract, Trouble
from tests.platforms.fake_mastodon import BRAND, GOTOSOCIAL, MASTODON, PLEROMA, FakeMastodon, account

pytest.register_assert_rewrite("tests.platforms.contract")
# Nobody listens there: the discard port of the loopback.
NOWHERE = "http://127.0.0.1:9"


class MastodonCounterpart:
    """The fake server as the contract wants it."""

    troubles = frozenset(Trouble)
    takes_answers = True
    many = 12
    patience = 2.0

    def __init__(self, fake: FakeMastodon) -> None:
        self._fake = fake
        self._url = fake.url
        self._customers = 0

    def adapter(self) -> Mastodon:
        """At the fake's address, or, once after UNREACHABLE, at none."""
        url, self._url = self._url, self._fake.url
        return Mastodon(account(url, timeout=0.4))

    def customer_says(self, text: str) -> str:
        """Each time somebody else, from here or elsewhere."""
        self._customers += 1
        host = "@other.example" if self._customers % 2 else ""
        return self._fake.world.post(f"customer_{self._customers}{host}", f"@nawa {text}").id

    def make(self, trouble: Trouble) -> None:
        """In the server's words."""
        if trouble is Trouble.UNREACHABLE:
            self._url = NOWHERE
            return
        status, words = self._fake.manner.no_token
        faults: dict[Trouble, dict[str, Any]] = {
            Trouble.DENIED: {"kind": "refuse", "status": status, "words": words},
            Trouble.LIMITED: {
                "kind": "refuse", "status": 429, "headers": {"x-ratelimit-reset": "2999-01-01T00:00:00.000000Z"},
            },
            Trouble.LIMITED_SILENTLY: {"kind": "refuse", "status": 429},
            Trouble.DOWN: {"kind": "refuse", "status": 503},
            Trouble.GARBLED: {"kind": "html"},
            Trouble.STALLED: {"kind": "stall"},
            Trouble.CONFIRMATION_LOST: {"kind": "drop", "applied": True},
            Trouble.NEVER_ARRIVED: {"kind": "drop"},
        }  # fmt: skip
        self._fake.fault(**faults[trouble])

    def our_answers(self) -> list[str]:
        """What stands on the brand's timeline."""
        return [status.id for status in self._fake.world.timeline(BRAND)]


@pytest.mark.parametrize("manner", [MASTODON, GOTOSOCIAL, PLEROMA], ids=["mastodon", "gotosocial", "pleroma"])
class TestMastodon(AdapterContract):
    @pytest.fixture
    def counterpart(self, manner: Any) -> Iterator[MastodonCounterpart]:
        with FakeMastodon(replace(manner, page_cap=5)) as fake:
            yield MastodonCounterpart(fake)


@pytest.mark.parametrize("ability", [Streams, LooksUp, TellsThreads, Backfills, Connects])
def test_mastodon_can_do_more_than_every_platform_must(ability: type) -> None:
    assert isinstance(Mastodon(account(NOWHERE)), ability)
