"""Cleaning: what tables can hold, and words in which no secret of ours stands, however it is written."""

import base64
import html
import json
import logging
import sys
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.stdlib import ProcessorFormatter

from ingest import cleaning
from ingest.cleaning import clean_json, remember_secrets, remember_tokens, told, without_secrets, without_secrets_in
from ingest.platforms.base import Account, Author, OutcomeUnknown, PlatformError, Unkept

TOKEN = "s3cr3t-and/long+enough"
AWKWARD = 'nawa\'s own \\ "password" é'


@pytest.fixture(autouse=True)
def _nothing_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "_opened", {})


def test_what_json_and_postgresql_have_no_place_for_is_replaced() -> None:
    odd = {"a\x00": ["\ud800", float("nan"), ("x",), {1}], 2: None}
    assert clean_json(odd) == {"a": ["?", None, ["x"], "{1}"], "2": None}


WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: f"Bad token {secret} for you",
    "in an address": lambda secret: "https://x.example/?" + urlencode({"access_token": secret, "v": "1"}),
    "in a path": lambda secret: f"/hooks/{quote(secret)}/",
    "in a form": lambda secret: f"token={quote_plus(secret)}&x=1",
    "as JSON": lambda secret: json.dumps({"token": secret}),
    "as JSON with its letters": lambda secret: json.dumps({"token": secret}, ensure_ascii=False),
    "in a page": lambda secret: f"<p>{html.escape(secret)}</p>",
    "in Python": lambda secret: repr({"token": secret}),
    "as basic credentials": lambda secret: "Basic " + base64.b64encode(f"care@nawa.example:{secret}".encode()).decode(),
    "as a SASL answer": lambda secret: base64.b64encode(f"\0care\0{secret}".encode()).decode(),
    "as a token of XOAUTH2": lambda secret: base64.b64encode(f"user=a\1auth=Bearer {secret}\1\1".encode()).decode(),
}


@pytest.mark.parametrize("secret", [TOKEN, AWKWARD])
@pytest.mark.parametrize("way", WRITTEN)
def test_a_secret_is_taken_out_however_it_is_written(secret: str, way: str) -> None:
    written = WRITTEN[way](secret)
    assert without_secrets(written) == written, "nobody has opened it yet"
    remember_secrets({"deep": [{"token": secret}]})
    found = without_secrets(written)
    assert "…" in found
    assert secret not in found
    assert not any(form in found for form in cleaning._forms(secret))


@given(before=st.text(max_size=7), after=st.text(max_size=7))
def test_base64_hides_nothing_wherever_the_secret_begins(before: str, after: str) -> None:
    remember_secrets({"token": TOKEN})
    encoded = base64.b64encode(f"{before}{TOKEN}{after}".encode("utf-8", "replace")).decode()
    assert "…" in without_secrets(encoded)


def test_what_everybody_may_see_and_what_keeps_nobody_out_stays() -> None:
    remember_secrets({"username": "care@nawa.example", "pin": "1234567"})
    remember_tokens({"did": "did:plc:nawacare2026", "limits": {"domain": "nawa.example"}, "access": TOKEN})
    words = "care@nawa.example did:plc:nawacare2026 nawa.example 1234567"
    assert without_secrets(f"{words} {TOKEN}") == f"{words} …"


def test_half_a_secret_at_the_end_of_what_was_cut_is_one_too() -> None:
    remember_secrets({"token": TOKEN})
    assert told(f"refused: {TOKEN[:12]}") == "refused: …"
    assert told("x" * 1995 + TOKEN) == "x" * 1995 + "…"
    assert told(f"refused: {TOKEN[:3]}") == f"refused: {TOKEN[:3]}"


def test_no_more_are_remembered_than_a_bound_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "MOST_SECRETS", 30)
    for number in range(100):
        remember_secrets({"token": f"token-number-{number:04}"})
    assert len(cleaning._opened) == 30
    assert without_secrets("token-number-0099 token-number-0000") == "… token-number-0000"


def test_every_error_of_an_adapter_is_clean_from_the_moment_it_is_made() -> None:
    account = Account(1, "us", "nawa", {"access_token": TOKEN}, {}, session=(session := Unkept()))
    session.renew(lambda _: {"refresh": "another-secret-token"})
    for kind in (PlatformError, OutcomeUnknown):
        error = kind("rejected", f"{TOKEN} is wrong, another-secret-token too\x00")
        assert (error.words, str(error)) == ("… is wrong, … too", "rejected: … is wrong, … too")
    assert TOKEN not in repr(account)
    assert Author("us").external_id in repr(account), "what is open stays readable"


def test_values_are_cleaned_in_their_depth() -> None:
    remember_secrets({"token": TOKEN})
    assert without_secrets_in({TOKEN: [TOKEN, 1, {"a": None}]}) == {"…": ["…", 1, {"a": None}]}


def test_the_log_has_no_secret_that_was_opened_not_even_in_a_traceback() -> None:
    remember_secrets({"token": TOKEN})
    handlers = logging.getLogger().handlers
    handler = next(handler for handler in handlers if isinstance(handler.formatter, ProcessorFormatter))
    try:
        raise KeyError(TOKEN)
    except KeyError:
        record = logging.getLogger("a.library").makeRecord(
            "a.library", logging.ERROR, __file__, 1, "calling %s", (f"https://x.example/?t={quote_plus(TOKEN)}",),
            exc_info=sys.exc_info(),
        )  # fmt: skip
    line = handler.format(record)
    assert "KeyError" in line
    assert TOKEN not in line
    assert quote_plus(TOKEN) not in line
