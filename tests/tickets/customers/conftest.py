"""A customer who writes from two accounts: `reem` on the brand's channel, `reem_mail` on another platform."""

import pytest

from accounts.models import Brand
from ingest.models import Channel, Contact
from tests.cast import FakePlatform, a_channel, a_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _scripted(db: None, platform: type[FakePlatform]) -> None:
    """Answers go out by a script."""


@pytest.fixture
def elsewhere(brand: Brand) -> Channel:
    """A channel of the same brand on another platform."""
    return a_channel(brand, platform="imported")


@pytest.fixture
def other(elsewhere: Channel, ticket: Ticket) -> Ticket:
    """A ticket that the second account opened, later than the first one's."""
    return a_ticket(elsewhere, "my line is down", by="reem_mail", external_id="q2", conversation_key="t2")


def account(handle: str) -> Contact:
    """The account by its handle."""
    return Contact.objects.get(handle=handle)
