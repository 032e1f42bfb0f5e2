"""Whoever names somebody else's thread in a mail gets a ticket of his own, and does not speak as that customer."""

import pytest

from ingest.models import Conversation
from ingest.platforms.base import Author, Kind
from tests.cast import a_channel, a_post, receive, ticket_of

pytestmark = pytest.mark.django_db


def test_a_mail_that_names_a_thread_from_another_address_does_not_join_its_ticket() -> None:
    channel = a_channel()
    mail = {"kind": Kind.MAIL, "conversation_key": "abcdefghijkl"}
    theirs, other = receive(
        channel,
        a_post("my bill is wrong", author=Author("amal@post.example"), **mail),
        a_post("my bill is wrong, refund this card", author=Author("eve@evil.example"), **mail),
    )
    assert theirs.contact_id != other.contact_id
    assert ticket_of(theirs) != ticket_of(other)
    assert Conversation.objects.filter(key="abcdefghijkl").count() == 2
