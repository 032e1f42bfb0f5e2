"""Bluesky keeps the contract of adapters, and has the abilities it claims."""

from collections.abc import Iterator

import pytest

from ingest.platforms.base import Adapter, Backfills, LooksUp, Streams, TellsThreads, Unkept
from ingest.platforms.bluesky.adapter import Bluesky
from ingest.platforms.entering import Connects
from tests.platforms.bluesky_cast import NOWHERE, account
from tests.platforms.contract import AdapterContract, Trouble
from tests.platforms.fake_bluesky import BRAND, FakeBluesky

# A look begins with the one; an answer is sent by the other, after a look at what it answers.
THAT_MATTER = "listNotifications putRecord"


class BlueskyCounterpart:
    """The fake Bluesky as the contract wants it. The session is kept, as the channel keeps it."""

    troubles = frozenset(Trouble)
    takes_answers = True
    many = 12
    patience = 2.0

    def __init__(self, fake: FakeBluesky) -> None:
        self._fake = fake
        self._session = Unkept()
        self._lost = False
        self._customers = 0
        fake.api.page_cap = 5

    def adapter(self) -> Adapter:
        """At the fake's address, or, once after UNREACHABLE, at none."""
        lost, self._lost = self._lost, False
        if lost:
            kept = {**self._session.get(), "host": NOWHERE}
            return Bluesky(account(self._fake, session=Unkept(kept), timeout=0.4))
        return Bluesky(account(self._fake, session=self._session, timeout=0.4))

    def customer_says(self, text: str) -> str:
        """Each time somebody else."""
        self._customers += 1
        return self._fake.world.post(f"customer-{self._customers}.test", f"@{BRAND.handle} {text}").uri

    def make(self, trouble: Trouble) -> None:
        """In the fake's words."""
        if trouble is Trouble.UNREACHABLE:
            # As somebody who has been here before: it is the calls that reach nobody, not the login.
            self.adapter().fetch({})
            self._lost = True
        elif trouble is Trouble.LIMITED_SILENTLY:
            self._fake.fault("too_many", THAT_MATTER, reset=None)
        elif trouble is Trouble.CONFIRMATION_LOST:
            self._fake.fault("drop", THAT_MATTER, applied=True)
        else:
            kinds = {
                Trouble.DENIED: "unauthorized",
                Trouble.LIMITED: "too_many",
                Trouble.DOWN: "down",
                Trouble.GARBLED: "html",
                Trouble.STALLED: "stall",
                Trouble.NEVER_ARRIVED: "drop",
            }
            self._fake.fault(kinds[trouble], THAT_MATTER)

    def our_answers(self) -> list[str]:
        """What the brand has posted."""
        return [post.uri for post in self._fake.world.posts.values() if post.author.did == BRAND.did]


class TestBluesky(AdapterContract):
    @pytest.fixture
    def counterpart(self) -> Iterator[BlueskyCounterpart]:
        with FakeBluesky() as fake:
            yield BlueskyCounterpart(fake)


@pytest.mark.parametrize("ability", [Streams, LooksUp, TellsThreads, Backfills, Connects])
def test_it_has_the_abilities_bluesky_offers(ability: type) -> None:
    with FakeBluesky() as fake:
        assert isinstance(Bluesky(account(fake)), ability)
