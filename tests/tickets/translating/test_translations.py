"""Translations under messages: offered only where one is set and wanted, asked for once, and never in the way."""

from typing import Any, ClassVar

import pytest
from django.conf import settings as of_django
from django.test import Client

from ingest import doorbell
from ingest.models import Channel, Message
from tests.cast import a_brand, a_person, a_ticket
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.models import Ticket
from tickets.translating import base
from tickets.translating.base import Trouble

pytestmark = pytest.mark.django_db
WORDS = "فاتورتي غلط والرصيد نقص"


class Backwards:
    """A translator that turns the words round."""

    label: ClassVar[str] = "Backwards"
    asked: ClassVar[list[tuple[str, str, str]]]
    ill: ClassVar[bool]

    def translate(self, text: str, *, to: str, source: str) -> str:
        self.asked.append((text, to, source))
        if self.ill:
            raise Trouble("503")
        return f"<b>{text[::-1]}</b>"


@pytest.fixture
def backwards(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Backwards]:
    """The desk has a translator, named by its dotted path; nothing it said before is kept."""
    settings.TRANSLATOR = f"{__name__}.Backwards"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    Backwards.asked, Backwards.ill = [], False
    base._made.cache_clear()
    kept: dict[str, bytes] = {}

    class Shelf:
        def get(self, place: str) -> bytes | None:
            return kept.get(place)

        def set(self, place: str, text: str, ex: int) -> None:
            assert ex <= 86_400
            kept[place] = text.encode()

    monkeypatch.setattr(doorbell, "connection", Shelf)
    return Backwards


@pytest.fixture
def message(channel: Channel) -> Message:
    """A complaint in Arabic, read by somebody whose pages are English."""
    ticket = a_ticket(channel, f"{WORDS} wrong")
    Message.objects.update(text=WORDS, language="ar")
    return Message.objects.get(pk=ticket.entries.get().message_id)


@pytest.fixture
def desk(channel: Channel) -> Client:
    return signed_in(a_person(channel.brand))


def address(message: Message) -> str:
    return f"/messages/{message.pk}/translation"


def thread(desk: Client) -> str:
    return desk.get(f"/inbox/all/{Ticket.objects.get().pk}/", headers=HTMX).content.decode()


def test_without_a_translator_nothing_is_offered_and_nothing_leaves(desk: Client, message: Message) -> None:
    assert not of_django.TRANSLATOR
    assert "Translate" not in thread(desk)
    assert "No translation can be had now" in desk.post(address(message), headers=HTMX).content.decode()


def test_a_click_brings_it_marked_as_made_by_a_machine(
    desk: Client, message: Message, backwards: type[Backwards]
) -> None:
    assert f'hx-post="{address(message)}"' in thread(desk)
    assert backwards.asked == []
    html = desk.post(address(message), headers=HTMX).content.decode()
    assert "Translated by machine (<bdi>Backwards</bdi>)" in html
    assert 'lang="en"' in html
    assert f"&lt;b&gt;{WORDS[::-1]}&lt;/b&gt;" in html
    assert backwards.asked == [(WORDS, "en", "ar")]
    assert "<html" in desk.post(address(message)).content.decode()


def test_it_is_asked_for_once_until_the_words_change(
    desk: Client, message: Message, backwards: type[Backwards]
) -> None:
    for _turn in range(2):
        desk.post(address(message), headers=HTMX)
    assert len(backwards.asked) == 1
    Message.objects.update(text="شكرا")
    desk.post(address(message), headers=HTMX)
    assert [text for text, *_to in backwards.asked] == [WORDS, "شكرا"]


def test_what_is_in_the_readers_language_or_gone_is_not_offered(
    desk: Client, message: Message, backwards: type[Backwards]
) -> None:
    desk.cookies[of_django.LANGUAGE_COOKIE_NAME] = "ar"
    assert address(message) not in thread(desk)
    desk.cookies[of_django.LANGUAGE_COOKIE_NAME] = "en"
    Message.objects.update(text="")
    assert address(message) not in thread(desk)
    desk.post(address(message), headers=HTMX)
    assert backwards.asked == []


def test_an_ill_translator_is_said_in_a_line_and_asked_again_later(
    desk: Client, message: Message, backwards: type[Backwards]
) -> None:
    backwards.ill = True
    response = desk.post(address(message), headers=HTMX)
    assert response.status_code == 200
    assert "No translation can be had now. Try again later." in response.content.decode()
    backwards.ill = False
    assert "Translated by machine" in desk.post(address(message), headers=HTMX).content.decode()


def test_another_brands_words_are_sent_nowhere(message: Message, backwards: type[Backwards]) -> None:
    stranger = signed_in(a_person(a_brand()))
    assert stranger.post(address(message), headers=HTMX).status_code == 404
    assert backwards.asked == []
