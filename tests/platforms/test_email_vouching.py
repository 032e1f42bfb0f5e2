"""Who a mail is from: a forged From opens nobody's conversation, as far as our own server can tell."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.email.vouching import verdict
from tests.platforms.fake_mail import FakeMail
from tests.platforms.test_email_mails import post_of, raw

OURS = frozenset({"mx.nawa.example"})
THREAD = "References: <first@post.example>"
FAILED = "Authentication-Results: mx.nawa.example; spf=fail; dmarc=fail header.from=post.example"
PASSED = "Authentication-Results: mx.nawa.example; dkim=pass header.d=post.example; dmarc=pass header.from=post.example"


@pytest.fixture(scope="module")
def mail() -> Iterator[FakeMail]:
    with FakeMail() as started:
        yield started


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        (["mx.nawa.example; dmarc=pass header.from=post.example"], "pass"),
        (["MX.nawa.example 1; dkim=none; DMARC=Fail (p=reject; dis=none) header.from=post.example"], "fail"),
        (["mx.nawa.example; none"], ""),
        (["mx.nawa.example; dmarc=temperror"], ""),
        # Written by its sender, and so no witness.
        (["mx.evil.example; dmarc=pass"], ""),
        (["mx.evil.example; dmarc=pass", "mx.nawa.example; dmarc=fail"], "fail"),
        # The topmost is our server's last word; those below may have come with the mail.
        (["mx.nawa.example; dmarc=fail", "mx.nawa.example; dmarc=pass"], "fail"),
        (["mx.nawa.example; spf=pass (dmarc=pass; dmarc=pass)"], ""),
        ([""], ""),
        ([], ""),
    ],
)
def test_only_our_own_servers_topmost_word_counts(headers: list[str], word: str) -> None:
    assert verdict(headers, OURS) == word


@given(st.lists(st.text()))
def test_any_header_has_a_verdict(headers: list[str]) -> None:
    assert verdict(headers, OURS) in {"pass", "fail", ""}
    assert verdict(headers, frozenset()) == ""


def test_another_sender_who_names_a_thread_is_another_contact_in_a_conversation_of_that_key(mail: FakeMail) -> None:
    theirs = post_of(mail, raw(b"where is it?", THREAD))
    other = post_of(mail, raw(b"send it to me", THREAD).replace(b"amal@post.example", b"eve@evil.example"))
    assert theirs.conversation_key == other.conversation_key
    assert theirs.author.external_id != other.author.external_id


def test_a_from_that_our_server_found_forged_is_not_the_customer(mail: FakeMail) -> None:
    known = post_of(mail, raw(b"hello", THREAD, PASSED), auth_server="mx.nawa.example")
    forged = post_of(mail, raw(b"send it to me", THREAD, FAILED), auth_server="mx.nawa.example")
    assert (known.author.external_id, known.raw["authenticated"]) == ("amal@post.example", "pass")
    assert forged.author.external_id.startswith("forged-")
    assert (forged.author.handle, forged.raw["authenticated"]) == ("amal@post.example", "fail")


def test_without_a_server_to_believe_nothing_is_noted(mail: FakeMail) -> None:
    post = post_of(mail, raw(b"hello", FAILED))
    assert (post.author.external_id, post.raw["authenticated"]) == ("amal@post.example", "")
