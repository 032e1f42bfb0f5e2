"""Names of people as they come in: within their own place on a page, whatever signs they hold."""

import pytest

from ingest.collect import store
from ingest.models import Contact
from ingest.platforms.base import Author
from tests.cast import a_channel, a_post

pytestmark = pytest.mark.django_db


def test_a_name_that_turns_the_words_beside_it_round_comes_in_without_those_signs() -> None:
    channel = a_channel()
    author = Author(external_id="a1", handle="re\u2066em\u2069", name="\u202eReem\u202c \u200fسارة\n")
    store(channel, [a_post(author=author)])
    contact = Contact.objects.get(external_id="a1")
    assert (contact.handle, contact.name) == ("reem", "Reem \u200fسارة")
    Contact.objects.update(name="\u202eReem")
    assert Contact.objects.get(external_id="a1").display_name == "Reem"
