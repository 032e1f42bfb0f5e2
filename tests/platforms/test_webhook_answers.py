"""Answers reach the bridge once and whole, and each of its refusals has a name and the bridge's own words."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ingest.platforms.base import Cannot, Image, Json, Kind, OutcomeUnknown, Outgoing, PlatformError
from ingest.platforms.webhook.adapter import Webhook
from tests.platforms.fake_bridge import FakeBridge, Fault
from tests.platforms.fake_bridge.bridge import SECRET
from tests.platforms.fake_bridge.server import Told, told
from tests.platforms.test_webhook import account, bridge

__all__ = ["bridge"]

KEY = "0f0c3a44-8a77-4c0e-9a51-5f6a0d4d8a11"


def outgoing(**changes: Any) -> Outgoing:
    fields: Json = {
        "key": KEY,
        "text": "It is on its way. في الطريق إليك 📦",
        "parent_id": "77",
        "root_id": "70",
        "conversation_key": "t1",
        "to_handle": "villager_7",
        "kind": Kind.COMMENT,
        "first_tried_at": datetime.now(UTC),
        "parent_raw": {"id": "77", "data": {"board": 4}},
        "lang": "ar",
    }
    return Outgoing(**{**fields, **changes})


def looking(bridge: FakeBridge, **changes: Any) -> Webhook:
    """The adapter of a channel whose bridge tells what it has."""
    return Webhook(account(bridge.answer_url, options={"can_look": True}, **changes))


def error_of(call: Callable[[], object]) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        call()
    return error.value


# --- posting ----------------------------------------------------------------------------------------------------------
def test_an_answer_is_handed_over_with_all_that_a_bridge_needs(bridge: FakeBridge) -> None:
    image = Image(b"\x89PNG", "image/png", "A parcel")
    sent = Webhook(account(bridge.answer_url)).reply(outgoing(images=(image,)))
    assert (sent.external_id, sent.url) == ("answer-1", "https://village.example/answers/1")
    (call,) = bridge.posted
    assert call["type"] == "answer"
    assert (call["key"], call["text"], call["lang"]) == (KEY, "It is on its way. في الطريق إليك 📦", "ar")
    assert call["account"] == {"id": "nawa-on-village", "handle": "nawa"}
    assert call["in_reply_to"] == {
        "id": "77",
        "root_id": "70",
        "thread_id": "t1",
        "kind": "comment",
        "author_handle": "villager_7",
        "data": {"board": 4},
    }
    assert base64.b64decode(call["images"][0]["base64"]) == b"\x89PNG"


def test_what_a_bridge_said_comes_back_to_it_with_the_answer(bridge: FakeBridge) -> None:
    assert outgoing(parent_raw={}).parent_raw == {}
    Webhook(account(bridge.answer_url)).reply(outgoing(parent_raw={}))
    Webhook(account(bridge.answer_url)).reply(outgoing(key="2", parent_raw={"data": "no object"}))
    assert [call["in_reply_to"]["data"] for call in bridge.posted] == [{}, {}]


def test_the_call_says_who_it_is_and_carries_the_key(bridge: FakeBridge) -> None:
    Webhook(account(bridge.answer_url)).reply(outgoing())
    headers = bridge.calls[0].headers
    assert headers["idempotency-key"] == KEY
    assert headers["content-type"] == "application/json"
    assert headers["host"] == bridge.url.removeprefix("http://")


def test_every_attempt_has_the_same_body_and_a_signature_of_its_own(
    bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = outgoing()
    Webhook(account(bridge.answer_url)).reply(answer)
    in_a_minute = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: in_a_minute)
    Webhook(account(bridge.answer_url)).reply(answer)
    first, second = bridge.calls
    assert first.body == second.body
    assert first.headers["radd-signature"] != second.headers["radd-signature"]


def test_the_same_key_twice_is_one_answer(bridge: FakeBridge) -> None:
    adapter = Webhook(account(bridge.answer_url))
    assert adapter.reply(outgoing()) == adapter.reply(outgoing())
    assert len(bridge.posted) == 1


def test_a_key_in_any_letters_travels_in_a_header_and_in_a_path(bridge: FakeBridge) -> None:
    answer = outgoing(key="key/of “في الطريق” 📦?#%")
    sent = looking(bridge).reply(answer)
    found = looking(bridge).find_reply(answer)
    assert found is not None
    assert found.external_id == sent.external_id


def test_while_the_secret_is_replaced_the_bridge_may_have_either(bridge: FakeBridge) -> None:
    both = {"secret": "the new secret of two machines", "previous_secret": SECRET}
    assert Webhook(account(bridge.answer_url, credentials=both)).reply(outgoing()).external_id == "answer-1"
    bridge.secrets = [both["secret"]]
    assert Webhook(account(bridge.answer_url, credentials=both)).reply(outgoing(key="2")).external_id == "answer-2"


def test_half_a_letter_does_not_stop_an_answer(bridge: FakeBridge) -> None:
    Webhook(account(bridge.answer_url)).reply(outgoing(text="a\ud83d\x00b"))
    assert bridge.posted[0]["text"] == "a\ufffdb"


def test_a_channel_without_a_bridge_takes_no_answers() -> None:
    error = error_of(lambda: Webhook(account()).reply(outgoing()))
    assert (error.code, error.permanent) == ("no_account", True)


# --- what a yes is ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("answer", [Told(202), Told(202, b"{}"), Told(202, b"later"), told(202, {"id": None})])
def test_accepted_without_an_id_is_known_by_its_key(bridge: FakeBridge, answer: Told) -> None:
    bridge.faults.append(Fault(answer))
    assert Webhook(account(bridge.answer_url)).reply(outgoing()).external_id == KEY


def test_accepted_with_an_id_is_known_by_it(bridge: FakeBridge) -> None:
    bridge.faults.append(Fault(told(202, {"id": "5"})))
    assert Webhook(account(bridge.answer_url)).reply(outgoing()).external_id == "5"


@pytest.mark.parametrize("status", [200, 201, 409])
def test_there_already_is_as_good_as_just_posted(bridge: FakeBridge, status: int) -> None:
    bridge.faults.append(Fault(told(status, {"id": "5", "url": "https://village.example/5"})))
    sent = Webhook(account(bridge.answer_url)).reply(outgoing())
    assert (sent.external_id, sent.url) == ("5", "https://village.example/5")


@pytest.mark.parametrize("url", ["javascript:alert(1)", 7, None, "//village.example", "https://a b"])
def test_an_address_that_is_none_is_left_out(bridge: FakeBridge, url: Any) -> None:
    bridge.faults.append(Fault(told(200, {"id": "5", "url": url})))
    assert Webhook(account(bridge.answer_url)).reply(outgoing()).url == ""


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"id": 5}', b'{"id": " "}', b'{"id": "' + b"x" * 513 + b'"}'])
@pytest.mark.parametrize("status", [200, 201, 204, 409])
def test_a_yes_without_an_id_is_unknown(bridge: FakeBridge, status: int, body: bytes) -> None:
    bridge.faults.append(Fault(Told(status, b"" if status == 204 else body)))
    error = error_of(lambda: Webhook(account(bridge.answer_url)).reply(outgoing()))
    assert (type(error), error.code, error.permanent) == (OutcomeUnknown, "outcome_unknown", False)
    assert error.retry_after


# --- what a no is -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "kind", "code", "permanent"),
    [
        (301, PlatformError, "bad_options", True),
        (307, PlatformError, "bad_options", True),
        (400, PlatformError, "rejected", True),
        (401, PlatformError, "bad_credentials", True),
        (403, PlatformError, "bad_credentials", True),
        (404, PlatformError, "rejected", True),
        (410, PlatformError, "gone", True),
        (413, PlatformError, "too_long", True),
        (422, PlatformError, "rejected", True),
        (408, OutcomeUnknown, "outcome_unknown", False),
        (429, PlatformError, "rate_limited", False),
        (500, OutcomeUnknown, "outcome_unknown", False),
        (502, OutcomeUnknown, "outcome_unknown", False),
        (503, PlatformError, "platform_down", False),
        (504, OutcomeUnknown, "outcome_unknown", False),
    ],
)
@pytest.mark.parametrize("worded", [True, False])
def test_a_refusal_has_a_name_and_the_bridges_words(
    bridge: FakeBridge, status: int, kind: type, code: str, permanent: bool, worded: bool
) -> None:
    answer = told(status, {"error": "The board is closed"}) if worded else Told(status, b"<html>No</html>")
    bridge.faults.append(Fault(answer))
    error = error_of(lambda: Webhook(account(bridge.answer_url)).reply(outgoing()))
    assert (type(error), error.code, error.permanent) == (kind, code, permanent)
    assert ("The board is closed" if worded else str(status)) in error.words
    assert bool(error.retry_after) is not permanent
    assert bridge.posted == []


@pytest.mark.parametrize("said", [{"error": {"message": "Closed"}}, {"error": "Closed", "message": "x"}])
def test_words_are_read_in_both_usual_places(bridge: FakeBridge, said: Json) -> None:
    bridge.faults.append(Fault(told(422, said)))
    assert error_of(lambda: Webhook(account(bridge.answer_url)).reply(outgoing())).words == "Closed"


@pytest.mark.parametrize("said", [{"error": ["Closed"]}, {"error": ""}, {"error": {"message": 7}}, {}])
def test_words_that_are_none_give_way_to_the_status(bridge: FakeBridge, said: Json) -> None:
    bridge.faults.append(Fault(told(422, said)))
    assert error_of(lambda: Webhook(account(bridge.answer_url)).reply(outgoing())).words.startswith("422")


def test_long_words_are_cut(bridge: FakeBridge) -> None:
    bridge.faults.append(Fault(told(422, {"error": "no " * 10_000})))
    assert len(error_of(lambda: Webhook(account(bridge.answer_url)).reply(outgoing())).words) == 500


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 1, 1),
        ("99999999999", 86_400, 86_400),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 1, 1),
        ("", 60, 60),
        ("-5", 60, 60),
        ("soon", 60, 60),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_a_bridge_asks_for(bridge: FakeBridge, status: int, header: str, least: float, most: float) -> None:
    bridge.faults.append(Fault(Told(status, headers={"retry-after": header})))
    error = error_of(lambda: Webhook(account(bridge.answer_url)).reply(outgoing()))
    assert least <= (error.retry_after or 0) <= most


def test_a_bridge_may_name_the_time_to_come_back(bridge: FakeBridge) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    bridge.faults.append(Fault(Told(429, headers={"retry-after": in_an_hour})))
    error = error_of(lambda: Webhook(account(bridge.answer_url)).reply(outgoing()))
    assert 3000 <= (error.retry_after or 0) <= 3600


def test_without_a_word_about_the_wait_it_is_a_minute(bridge: FakeBridge) -> None:
    bridge.faults.append(Fault(Told(429)))
    assert error_of(lambda: Webhook(account(bridge.answer_url)).reply(outgoing())).retry_after == 60


# --- looking ----------------------------------------------------------------------------------------------------------
def test_a_bridge_that_cannot_look_is_asked_again_and_posts_once(bridge: FakeBridge) -> None:
    adapter = Webhook(account(bridge.answer_url))
    bridge.faults.append(Fault(Told(0, none=True), applied=True))
    assert isinstance(error_of(lambda: adapter.reply(outgoing())), OutcomeUnknown)
    assert adapter.find_reply(outgoing()) is None
    assert adapter.reply(outgoing()).external_id == "answer-1"
    assert len(bridge.posted) == 1
    assert {call.method for call in bridge.calls} == {"POST"}


def test_looking_is_signed_and_asks_for_the_key(bridge: FakeBridge) -> None:
    looking(bridge).find_reply(outgoing())
    (call,) = bridge.calls
    assert (call.method, call.path, call.body) == ("GET", f"/answers/{KEY}", b"")
    assert call.headers["radd-signature"]


def test_an_address_with_a_query_keeps_it_when_looking(bridge: FakeBridge) -> None:
    options = {"can_look": "yes"}
    Webhook(account(f"{bridge.answer_url}/?board=4", options=options)).find_reply(outgoing())
    assert bridge.calls[0].path == f"/answers/{KEY}?board=4"


def test_an_answer_still_in_work_is_known_by_its_key(bridge: FakeBridge) -> None:
    bridge.faults.append(Fault(Told(202)))
    found = looking(bridge).find_reply(outgoing())
    assert found is not None
    assert found.external_id == KEY


@pytest.mark.parametrize(
    ("answer", "code", "permanent"),
    [
        (told(200, {}), "garbled_answer", False),
        (told(200, {"id": "5", "posted_at": "soon"}), "garbled_answer", False),
        (Told(200, b"<html>"), "garbled_answer", False),
        (Told(401), "bad_credentials", True),
        (Told(429), "rate_limited", False),
        (Told(500), "platform_down", False),
        (Told(503), "platform_down", False),
        (Told(0, none=True), "unreachable", False),
        (Told(200, b'{"id": "5"}', cut=True), "unreachable", False),
    ],
)
def test_a_look_that_fails_says_nothing_of_the_answer(
    bridge: FakeBridge, answer: Told, code: str, permanent: bool
) -> None:
    bridge.faults.append(Fault(answer))
    error = error_of(lambda: looking(bridge).find_reply(outgoing()))
    assert (type(error), error.code, error.permanent) == (PlatformError, code, permanent)


# --- before anything is written ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        (None, set(Kind)),
        ("", set(Kind)),
        ("all", set(Kind)),
        (True, set(Kind)),
        ("none", set()),
        (False, set()),
        ("review, dm", {Kind.REVIEW, Kind.DM}),
        (["comment"], {Kind.COMMENT}),
        ("nonsense", set()),
    ],
)
def test_a_channel_answers_the_kinds_it_says(answers: Any, kinds: set[Kind]) -> None:
    adapter = Webhook(account("https://bridge.example/", options={"answers": answers}))
    for kind in Kind:
        expected = None if kind in kinds else Cannot.NO_ACCOUNT
        assert adapter.can_reply(kind, names_us=False) is expected


@pytest.mark.parametrize("raw", [None, {}, {"no_answer": None}, {"no_answer": "busy"}, {"no_answer": ["gone"]}])
def test_a_message_of_which_nothing_is_said_can_be_answered(raw: Json | None) -> None:
    assert Webhook(account("https://bridge.example/")).can_reply(Kind.DM, names_us=True, raw=raw) is None


def test_without_a_bridge_nothing_can_be_answered() -> None:
    assert Webhook(account()).can_reply(Kind.DM, names_us=True) is Cannot.NO_ACCOUNT


@pytest.mark.parametrize(
    ("told_limit", "limit"), [("280", 280), (280, 280), (None, 5000), ("", 5000), ("many", 5000), (0, 5000), (-1, 5000)]
)
def test_the_limit_is_the_channels(told_limit: Any, limit: int) -> None:
    assert Webhook(account(options={"limit": told_limit})).length("x").limit == limit


def test_lengths_are_counted_in_code_points() -> None:
    assert Webhook(account()).length("في 📦").used == 4


def test_the_body_is_json_that_a_person_can_read(bridge: FakeBridge) -> None:
    Webhook(account(bridge.answer_url)).reply(outgoing())
    assert "في الطريق إليك".encode() in bridge.calls[0].body
    assert json.loads(bridge.calls[0].body)["first_tried_at"].endswith("+00:00")
