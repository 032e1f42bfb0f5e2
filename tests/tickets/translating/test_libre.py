"""LibreTranslate spoken to over a real socket: what is sent, what is taken, and every way in which it may fail."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.platforms.faults import Fault
from tests.platforms.loopback import JSON, Handler, Loopback
from tickets.translating import libre
from tickets.translating.base import Trouble
from tickets.translating.libre import LibreTranslate


class Server(Loopback):
    """Keeps what it was asked, and answers by its script."""

    def __init__(self) -> None:
        super().__init__(Answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        self.answer: Any = {"translatedText": "My bill is wrong", "detectedLanguage": {"language": "ar"}}
        self.fault: Fault | None = None
        self.location = ""


class Answers(Handler):
    def serve(self) -> None:
        """As LibreTranslate does."""
        self.fake.asked.append((self.path, json.loads(self.sent())))
        if self.fake.fault:
            self.spoil(self.fake.fault, b"")
            return
        head = JSON | ({"location": self.fake.location} if self.fake.location else {})
        self.say(self.fake.status, head, json.dumps(self.fake.answer).encode())


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A LibreTranslate under a path of its own, with a key."""
    monkeypatch.setattr(libre, "SECONDS", 0.5)
    with Server() as server:
        settings.TRANSLATOR_URL, settings.TRANSLATOR_KEY = f"{server.url}/lt/", "secret-key"
        yield server


def test_the_text_alone_goes_out_and_its_translation_comes_back(server: Server) -> None:
    assert LibreTranslate().translate("فاتورتي غلط", to="en", source="ar") == "My bill is wrong"
    sent = {"q": "فاتورتي غلط", "source": "ar", "target": "en", "format": "text", "api_key": "secret-key"}
    assert server.asked == [("/lt/translate", sent)]


def test_a_language_nobody_knows_is_left_to_the_server_and_no_key_is_no_key(server: Server, settings: Any) -> None:
    settings.TRANSLATOR_KEY = ""
    LibreTranslate().translate("?", to="en", source="")
    assert server.asked[0][1]["source"] == "auto"
    assert "api_key" not in server.asked[0][1]


@pytest.mark.parametrize(
    ("status", "answer", "says"),
    [
        (403, {"error": "Invalid API key"}, "403: Invalid API key"),
        (429, {"error": "Slowdown"}, "429: Slowdown"),
        (200, {"error": "xx is not supported"}, "xx is not supported"),
        (200, {"translatedText": None}, "no translation"),
        (200, [1, 2], "not an answer"),
        (500, "oops", "not an answer"),
    ],
)
def test_what_it_refuses_is_told_without_the_key(server: Server, status: int, answer: Any, says: str) -> None:
    server.status, server.answer = status, answer
    with pytest.raises(Trouble, match=says) as trouble:
        LibreTranslate().translate("فاتورتي", to="en", source="ar")
    assert "secret-key" not in str(trouble.value)


@pytest.mark.parametrize("kind", ["drop", "stall", "cut", "html", "half_json"])
def test_a_spoilt_wire_is_trouble_and_nothing_else(server: Server, kind: str) -> None:
    server.fault = Fault(kind, seconds=3)
    with pytest.raises(Trouble):
        LibreTranslate().translate("فاتورتي", to="en", source="ar")


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.location, server.answer = 302, f"{server.url}/elsewhere", {}
    with pytest.raises(Trouble):
        LibreTranslate().translate("فاتورتي", to="en", source="ar")
    assert [path for path, _sent in server.asked] == ["/lt/translate"]


@pytest.mark.parametrize("address", ["", "translate.example.com", "ftp://translate.example.com", "file:///etc/passwd"])
def test_an_address_that_is_none_stops_with_a_sentence(address: str, settings: Any) -> None:
    settings.TRANSLATOR_URL = address
    with pytest.raises(ImproperlyConfigured, match="RADD_TRANSLATOR_URL"):
        LibreTranslate()


def test_a_server_that_is_not_there_is_trouble(settings: Any) -> None:
    closed = Server().start()
    closed.close()
    settings.TRANSLATOR_URL = closed.url
    with pytest.raises(Trouble):
        LibreTranslate().translate("فاتورتي", to="en", source="ar")
