"""The generic channel keeps the contract of adapters: what a bridge tells comes in, an answer goes out once."""

from collections.abc import Iterator
from typing import Any

import pytest

from ingest.platforms.base import Account, Adapter, Json, PlatformError, Receives
from ingest.platforms.entering import Connects
from ingest.platforms.webhook.adapter import Webhook
from tests.platforms.contract import AnsweringContract, ReadingContract, Trouble
from tests.platforms.fake_bridge import Desk, FakeBridge, Fault
from tests.platforms.fake_bridge.bridge import SECRET
from tests.platforms.fake_bridge.server import Told

# Nobody listens there: the discard port of the loopback.
NOWHERE = "http://127.0.0.1:9/answers"


def account(answer_url: str = "", **changes: Any) -> Account:
    """The brand's account on a bridged network, with its bridge on this machine."""
    options = {"answer_url": answer_url, "allow_private": True, "network": "village", **changes.pop("options", {})}
    fields: Json = {"external_id": "nawa-on-village", "handle": "nawa", "credentials": {"secret": SECRET}, **changes}
    return Account(channel_id=1, options=options, **{"timeout": 5.0, **fields})


@pytest.fixture
def bridge() -> Iterator[FakeBridge]:
    with FakeBridge() as bridge, Desk(account(bridge.answer_url)) as desk:
        bridge.desk_url = desk.inbox
        yield bridge


class BridgeCounterpart:
    """A bridge, and the desk it tells, as the contract wants them."""

    # Nothing is fetched from a bridge, so these are troubles of answering alone.
    troubles = frozenset(
        {Trouble.CONFIRMATION_LOST, Trouble.NEVER_ARRIVED, Trouble.STALLED, Trouble.UNREACHABLE, Trouble.DOWN}
    )
    takes_answers = True
    many = 12
    patience = 2.0

    def __init__(self, bridge: FakeBridge, desk: Desk) -> None:
        self._bridge = bridge
        self._desk = desk
        self._url = bridge.answer_url

    def adapter(self) -> Adapter:
        """At the bridge's address, or, once after UNREACHABLE, at none."""
        url, self._url = self._url, self._bridge.answer_url
        return self._desk.adapter(account(url, timeout=0.4, options={"can_look": "true"}))

    def customer_says(self, text: str) -> str:
        return self._bridge.say(text)

    def make(self, trouble: Trouble) -> None:
        if trouble is Trouble.UNREACHABLE:
            self._url = NOWHERE
            return
        answers = {Trouble.STALLED: Told(200, stall=30), Trouble.DOWN: Told(503)}
        answer = answers.get(trouble, Told(0, none=True))
        self._bridge.faults.append(Fault(answer, on="POST", applied=trouble is Trouble.CONFIRMATION_LOST))

    def our_answers(self) -> list[str]:
        return [f"answer-{number}" for number, _ in enumerate(self._bridge.posted, 1)]


class TestWebhook(ReadingContract, AnsweringContract):
    @pytest.fixture
    def counterpart(self) -> Iterator[BridgeCounterpart]:
        with FakeBridge() as bridge, Desk(account()) as desk:
            bridge.desk_url = desk.inbox
            yield BridgeCounterpart(bridge, desk)


# --- connecting -------------------------------------------------------------------------------------------------------
def test_the_generic_channel_receives_and_is_connected_by_a_person() -> None:
    adapter = Webhook(account())
    assert isinstance(adapter, Receives)
    assert isinstance(adapter, Connects)
    assert {need.name for need in adapter.needs if need.secret} == {"secret", "previous_secret"}


def test_there_is_nothing_to_poll_and_nothing_to_prove() -> None:
    page = Webhook(account()).fetch({"kept": 1})
    assert (page.posts, page.cursor, page.more) == ((), {"kept": 1}, False)
    assert Webhook(account()).challenge({"hub.challenge": "1"}) is None


def test_a_bridge_that_shares_our_secret_says_who_we_are_there(bridge: FakeBridge) -> None:
    author = Webhook(account(bridge.answer_url, external_id="", handle="")).verify()
    assert (author.external_id, author.handle, author.name) == ("nawa-on-village", "nawa", "Nawa")


def test_what_the_admin_says_goes_before_what_the_bridge_says(bridge: FakeBridge) -> None:
    options = {"account_id": "7", "account_handle": "nawa_care"}
    author = Webhook(account(bridge.answer_url, options=options)).verify()
    assert (author.external_id, author.handle) == ("7", "nawa_care")


def test_a_channel_that_only_listens_needs_no_bridge_to_be_connected() -> None:
    assert Webhook(account()).verify().external_id == "us"


def test_a_bridge_with_another_secret_is_not_connected(bridge: FakeBridge) -> None:
    bridge.secrets = ["quite another secret"]
    with pytest.raises(PlatformError, match="The signature does not fit") as error:
        Webhook(account(bridge.answer_url)).verify()
    assert (error.value.code, error.value.permanent) == ("bad_credentials", True)


@pytest.mark.parametrize("credentials", [{}, {"secret": ""}, {"secret": " "}, {"secret": "short"}, {"secret": None}])
def test_a_secret_that_keeps_nobody_out_is_none(credentials: Json) -> None:
    with pytest.raises(PlatformError) as error:
        Webhook(account(credentials=credentials)).verify()
    assert (error.value.code, error.value.permanent) == ("bad_credentials", True)


@pytest.mark.parametrize("told", [b'{"account": 7}', b'{"account": {"id": 7}}', b'{"account": {"avatar_url": "x:y"}}'])
def test_an_account_that_makes_no_sense_is_garbled(bridge: FakeBridge, told: bytes) -> None:
    bridge.faults.append(Fault(Told(200, told)))
    with pytest.raises(PlatformError) as error:
        Webhook(account(bridge.answer_url)).verify()
    assert error.value.code == "garbled_answer"
