"""The worked example carries between a stand-in for Telegram and a desk, and never sends an answer twice."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.platforms.base import Author, Kind, OutcomeUnknown, Outgoing, PlatformError, Post, Sent
from ingest.platforms.webhook.adapter import Webhook
from tests.platforms.contract import answer_to
from tests.platforms.fake_bridge import Desk, FakeTelegram
from tests.platforms.fake_bridge.bridge import SECRET
from tests.platforms.fake_bridge.server import Told
from tests.platforms.fake_bridge.telegram import TOKEN, refusal
from tests.platforms.test_webhook import account

BRIDGE = Path(__file__).parents[2] / "examples" / "bridge_telegram.py"


def wait_for(found: Callable[[], Any]) -> Any:
    """What it gives as soon as it gives something."""
    for _ in range(500):
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError("it never came")


class Running:
    """The example as a process of its own, between Telegram's stand-in and a desk."""

    def __init__(self, telegram: FakeTelegram, desk: Desk, folder: Path, *, token: str = TOKEN) -> None:
        self.telegram, self.desk = telegram, desk
        self._folder, self._token = folder, token
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "bridge.log"
        self.url = ""

    def start(self) -> None:
        settings = {
            "RADD_URL": self.desk.inbox,
            "RADD_SECRET": SECRET,
            "TELEGRAM_URL": self.telegram.url,
            "TELEGRAM_TOKEN": self._token,
            "BRIDGE_PORT": "0",
            "BRIDGE_FILE": str(self._folder / "bridge.sqlite3"),
            "BRIDGE_POLL_SECONDS": "0.2",
            "BRIDGE_PAUSE_SECONDS": "0.05",
        }
        self._log.write_text("")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([sys.executable, BRIDGE], env={**os.environ, **settings}, stderr=log)
        said = wait_for(lambda: [line for line in self.log.splitlines() if "answers are taken at" in line])
        self.url = said[0].split()[-1]

    def stop(self) -> None:
        """As a machine that loses its power."""
        assert self._process
        self._process.kill()
        self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def adapter(self, **changes: Any) -> Webhook:
        return Webhook(account(self.url, **changes))

    def posts(self, count: int) -> list[Post]:
        """What the desk has, when there are so many."""
        wait_for(lambda: len(self.desk.events) >= count)
        return [post for page in self.desk.read() for post in page.posts]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with FakeTelegram() as telegram, Desk(account()) as desk:
        running = Running(telegram, desk, tmp_path)
        running.start()
        yield running
        running.stop()


def answer(running: Running, text: str = "It left our house this morning") -> Outgoing:
    running.telegram.write("Where is my parcel?")
    return answer_to(running.posts(1)[0], text)


def test_what_is_written_to_the_bot_comes_in(running: Running) -> None:
    first = running.telegram.write("Where is my parcel & why? أين طردي؟ 📦", chat=1001)
    running.telegram.write("And mine?", chat=1002, message_id=first)
    one, other = running.posts(2)
    assert (one.external_id, one.text, one.kind) == ("1001/1", "Where is my parcel & why? أين طردي؟ 📦", Kind.DM)
    assert one.author == Author("village:1001", "villager_1001", "Villager")
    assert (other.external_id, other.conversation_key) == ("1002/1", "1002")


def test_an_edit_a_reply_and_a_picture_come_in(running: Running) -> None:
    number = running.telegram.write("Whre is it?")
    running.telegram.write("Where is it?", message_id=number, edit_date=int(time.time()) + 5)
    running.telegram.write("This one", reply_to_message={"message_id": number})
    running.telegram.write("", caption="Look at it", photo=[{}])
    running.telegram.write("", sticker={})
    _, edit, reply, picture, sticker = running.posts(5)
    assert (edit.external_id, edit.text) == (f"1001/{number}", "Where is it?")
    assert edit.edited_at is not None
    assert (reply.parent_id, picture.text) == (f"1001/{number}", "Look at it")
    assert sticker.text.startswith("(a message without words")


def test_what_a_bot_wrote_is_left_alone(running: Running) -> None:
    running.telegram.write("I am a bot", **{"from": {"id": 5, "is_bot": True, "first_name": "Bot"}})
    running.telegram.write("I am not")
    assert [post.text for post in running.posts(1)] == ["I am not"]


def test_telegram_forgets_only_what_the_desk_has_taken(running: Running) -> None:
    running.desk.refusals = [503, 500, 429]
    running.telegram.write("Is anybody there?")
    assert running.posts(1)[0].text == "Is anybody there?"
    assert running.log.count("carrying failed") == 3
    wait_for(lambda: 701 in running.telegram.offsets)
    # Three refusals and a yes: four times the same news was asked for.
    assert running.telegram.offsets.count(0) >= 4


def test_a_bridge_that_was_away_catches_up_and_doubles_nothing(running: Running) -> None:
    running.telegram.write("before")
    running.posts(1)
    running.stop()
    running.telegram.write("meanwhile")
    running.start()
    assert [post.text for post in running.posts(2)] == ["before", "meanwhile"]


def test_an_answer_is_sent_under_what_it_answers_and_once(running: Running) -> None:
    outgoing = answer(running, "It is on its way. في الطريق 📦")
    sent = running.adapter().reply(outgoing)
    assert sent == running.adapter().reply(outgoing)
    assert sent.external_id == "1001/2"
    assert running.telegram.sent == [
        {
            "chat_id": 1001,
            "text": "It is on its way. في الطريق 📦",
            "reply_parameters": {"message_id": 1, "allow_sending_without_reply": True},
        }
    ]


def test_a_restart_forgets_no_answer(running: Running) -> None:
    outgoing = answer(running)
    sent = running.adapter().reply(outgoing)
    running.stop()
    running.start()
    assert running.adapter().reply(outgoing).external_id == sent.external_id
    assert len(running.telegram.sent) == 1


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("fault", [Told(0, none=True), Told(502, b"<html>"), Told(200, b"{", cut=True)])
def test_where_nobody_knows_nothing_is_sent_again(running: Running, fault: Told, applied: bool) -> None:
    outgoing = answer(running)
    running.telegram.faults = [(fault, applied)]
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            running.adapter().reply(outgoing)
    assert len(running.telegram.sent) == applied


def test_telegrams_wait_is_passed_on_and_the_answer_goes_out_after_it(running: Running) -> None:
    outgoing = answer(running)
    running.telegram.faults = [(refusal(429, "Too Many Requests: retry after 35", retry_after=35), False)]
    with pytest.raises(PlatformError) as limit:
        running.adapter().reply(outgoing)
    assert (limit.value.code, limit.value.retry_after) == ("rate_limited", 35)
    assert isinstance(running.adapter().reply(outgoing), Sent)


def test_telegrams_no_reaches_the_agent_in_its_words(running: Running) -> None:
    outgoing = answer(running)
    running.telegram.faults = [(refusal(403, "Forbidden: bot was blocked by the user"), False)]
    with pytest.raises(PlatformError, match="blocked by the user") as error:
        running.adapter().reply(outgoing)
    assert (error.value.code, error.value.permanent) == ("rejected", True)


def test_where_telegram_cannot_be_reached_the_answer_waits(running: Running) -> None:
    outgoing = answer(running)
    running.telegram.close()
    with pytest.raises(PlatformError) as error:
        running.adapter().reply(outgoing)
    assert (type(error.value), error.value.code) == (PlatformError, "platform_down")


def test_it_answers_nobody_but_radd(running: Running) -> None:
    outgoing = answer(running)
    for secret in ("quite another secret", "a secret shared by two machines "[::-1]):
        with pytest.raises(PlatformError) as error:
            running.adapter(credentials={"secret": secret}).reply(outgoing)
        assert error.value.code == "bad_credentials"
    assert running.telegram.sent == []


def test_it_can_be_connected(running: Running) -> None:
    assert running.adapter(options={"account_id": "bot-42"}).verify().external_id == "bot-42"


def test_its_log_never_tells_the_bots_token(tmp_path: Path) -> None:
    with FakeTelegram() as telegram, Desk(account()) as desk:
        running = Running(telegram, desk, tmp_path, token="43:wrong-token")
        running.start()
        wait_for(lambda: "carrying failed: HTTP Error 401" in running.log)
        telegram.close()
        wait_for(lambda: "refused" in running.log)
        running.stop()
        assert "wrong-token" not in running.log
