"""Answering a public post in private, where the platform has a way."""

from uuid import uuid4

import pytest

from accounts.models import User
from ingest.models import Message
from ingest.platforms.base import Kind
from tests.cast import FakePlatform, a_ticket, an_answer, deliver, fresh
from tickets.answering import approvals, guarding, replies
from tickets.answering.approvals import Wish
from tickets.answering.guard.findings import Code
from tickets.models import Approval, Ticket
from tickets.permissions import NotAllowed

pytestmark = pytest.mark.django_db

ASKS = "Amal, the fee was ours. What is your phone number? Then I call you today."


@pytest.fixture
def whispering(platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch) -> type[FakePlatform]:
    """The scripted platform, with a way to answer in private."""
    monkeypatch.setattr(platform, "private_answers", True, raising=False)
    return platform


def codes(ticket: Ticket, *, private: bool) -> set[str]:
    return {found.code for found in guarding.look(ticket, replies.answers_to(ticket), ASKS, private=private).findings}


def test_a_private_answer_goes_out_as_one(whispering: type[FakePlatform], ticket: Ticket) -> None:
    sent = an_answer(ticket, "Your new number is 4411.", private=True)
    deliver()
    assert (sent.message.kind, whispering.posted[0].kind) == ("dm", Kind.DM)
    assert fresh(ticket).waiting_since is None


def test_where_the_platform_has_no_way_it_is_refused_and_never_made_public(
    platform: type[FakePlatform], ticket: Ticket
) -> None:
    assert not replies.may_go_private(replies.answers_to(ticket))
    with pytest.raises(NotAllowed, match="only in public"):
        an_answer(ticket, "Your new number is 4411.", private=True)
    assert not Message.objects.filter(direction="out").exists()


def test_an_answer_to_a_private_message_is_private_anyway(platform: type[FakePlatform], ticket: Ticket) -> None:
    dm = a_ticket(ticket.channel, kind=Kind.DM, by="omar", conversation_key="t9")
    assert an_answer(dm, "Thank you.", private=True).message.kind == "dm"


def test_what_may_not_be_asked_in_public_may_be_in_private(whispering: type[FakePlatform], ticket: Ticket) -> None:
    assert Code.ASKS_PRIVATE in codes(ticket, private=False)
    assert Code.ASKS_PRIVATE not in codes(ticket, private=True)


def test_a_private_answer_that_waits_goes_out_in_private(
    whispering: type[FakePlatform], ticket: Ticket, agent: User
) -> None:
    blames = "It is your own fault that you did not read the contract before, Amal."
    wish = Wish(private=True)
    asked = approvals.answer(ticket.pk, text=blames, by=agent, seen=1, key=uuid4(), wish=wish)
    assert isinstance(asked, Approval)
    assert Wish.read(asked.wish, asked.asked_at).private
