"""A brand with a channel, somebody who works for it and a customer's question; a doorbell and a platform to script."""

import pytest

from accounts.models import Brand, User
from ingest.models import Channel, Message
from tests.cast import FakePlatform, a_bell, a_brand, a_channel, a_person, a_platform, a_ticket
from tests.trial import Model, a_model
from tickets.models import Ticket


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is rung, for nobody to hear."""
    return a_bell(monkeypatch)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> type[FakePlatform]:
    """The platform that follows a script; the channel of a test that has it is on it."""
    return a_platform(monkeypatch)


@pytest.fixture
def model(bell: list[str], monkeypatch: pytest.MonkeyPatch) -> Model:
    """The model `new`, which the engine can load."""
    return a_model(monkeypatch)


@pytest.fixture
def brand(db: None) -> Brand:
    """The brand that the channel, the agent and the ticket are of."""
    return a_brand()


@pytest.fixture
def channel(brand: Brand, request: pytest.FixtureRequest) -> Channel:
    """The brand's channel: on the scripted platform where the test has one, else imported, with nobody to answer."""
    return a_channel(brand, platform="fake" if "platform" in request.fixturenames else "imported")


@pytest.fixture
def agent(channel: Channel) -> User:
    """Somebody of the team that works the channel."""
    return a_person(channel.brand, name="Huda Al-Amri")


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    """A ticket that one message opened: the post `q1`, which begins the thread `t1`."""
    return a_ticket(channel, external_id="q1", conversation_key="t1")


def question() -> Message:
    """The message that opened the ticket, as it stands now."""
    return Message.objects.get(external_id="q1")
