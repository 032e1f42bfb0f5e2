"""X keeps the contract of adapters, by each way of entering it."""

import pytest

from ingest.platforms.base import Adapter, Json
from ingest.platforms.x.adapter import X
from tests.platforms.conftest import CREDENTIALS, account
from tests.platforms.contract import AdapterContract, Trouble
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import KEYS, USER_TOKEN

# Nobody listens there: the discard port of the loopback.
NOWHERE = "http://127.0.0.1:9"


class XCounterpart:
    """The fake X as the contract wants it."""

    troubles = frozenset(Trouble)
    takes_answers = True
    many = 12
    patience = 2.0

    def __init__(self, fake: FakeX, credentials: Json, options: Json | None = None) -> None:
        self._fake = fake
        self._credentials = credentials
        self._options = options or {}
        self._url = fake.url
        self._customers = 0
        fake.api.page_cap = 5

    def adapter(self) -> Adapter:
        """At the fake's address, or, once after UNREACHABLE, at none."""
        url, self._url = self._url, self._fake.url
        return X(account(url, credentials=self._credentials, options=self._options, timeout=0.4))

    def customer_says(self, text: str) -> str:
        """Each time somebody else."""
        self._customers += 1
        return self._fake.world.post(f"customer_{self._customers}", f"@{BRAND.handle} {text}").id

    def make(self, trouble: Trouble) -> None:
        """In the fake's words."""
        if trouble is Trouble.UNREACHABLE:
            self._url = NOWHERE
            return
        faults: dict[Trouble, tuple[str, Json]] = {
            Trouble.DENIED: ("unauthorized", {}),
            Trouble.LIMITED: ("too_many", {}),
            Trouble.LIMITED_SILENTLY: ("too_many", {"reset": None}),
            Trouble.DOWN: ("down", {}),
            Trouble.GARBLED: ("html", {}),
            Trouble.STALLED: ("stall", {}),
            Trouble.CONFIRMATION_LOST: ("drop", {"applied": True}),
            Trouble.NEVER_ARRIVED: ("drop", {}),
        }
        kind, more = faults[trouble]
        self._fake.fault(kind, **more)

    def our_answers(self) -> list[str]:
        """What stands on the brand's timeline."""
        return [post.id for post in self._fake.world.timeline(BRAND)]


class SearchingCounterpart(XCounterpart):
    """A brand that is spoken of by name, and hardly ever called by its handle."""

    takes_answers = False

    def customer_says(self, text: str) -> str:
        """Every third person writes the handle."""
        self._customers += 1
        name = f"@{BRAND.handle}" if self._customers % 3 == 0 else "Nasim Air"
        return self._fake.world.post(f"customer_{self._customers}", f"{name} {text}").id


WAYS_IN: dict[str, Json] = {
    "app token and keys": CREDENTIALS,
    "keys alone": KEYS,
    "user token": {"oauth2_user_token": USER_TOKEN},
}


@pytest.mark.parametrize(
    ("fake_x", "counterpart"),
    [("old", "app token and keys"), ("new", "keys alone"), ("new", "user token")],
    indirect=True,
)
class TestX(AdapterContract):
    @pytest.fixture
    def counterpart(self, fake_x: FakeX, request: pytest.FixtureRequest) -> XCounterpart:
        return XCounterpart(fake_x, WAYS_IN[request.param])


@pytest.mark.parametrize("fake_x", ["old", "new"], indirect=True)
class TestXSearching(AdapterContract):
    @pytest.fixture
    def counterpart(self, fake_x: FakeX) -> XCounterpart:
        return SearchingCounterpart(fake_x, CREDENTIALS, {"keywords": ["Nasim Air", "nasimair.example"]})
