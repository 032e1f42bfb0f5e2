"""A mailbox is read once through, in the order of its uids, whatever its server does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ingest.platforms.base import Json, PlatformError
from ingest.platforms.email import adapter as email
from ingest.platforms.email.adapter import Email
from tests.platforms.contract import walk
from tests.platforms.fake_mail import BRAND, FakeMail, letter
from tests.platforms.fake_mail.letters import id_of
from tests.platforms.mail_cast import account, adapter


@pytest.fixture
def mail() -> Iterator[FakeMail]:
    with FakeMail() as mail:
        yield mail


def say(mail: FakeMail, text: str, **more: object) -> str:
    made = letter(text)
    mail.inbox.deliver(made, **more)
    return id_of(made)


def ids(mail: FakeMail, cursor: Json) -> tuple[list[str], Json]:
    posts, cursor = walk(adapter(mail), cursor)
    return [post.external_id for post in posts], cursor


@pytest.mark.parametrize("tells_uidnext", [True, False])
def test_the_last_mail_does_not_come_back_by_the_star(mail: FakeMail, tells_uidnext: bool) -> None:
    mail.tells_uidnext = tells_uidnext
    one = say(mail, "one")
    told, cursor = ids(mail, {})
    assert told == [one]
    for _ in range(3):
        told, cursor = ids(mail, cursor)
        assert told == []
    assert any(command.endswith(":*") for command in mail.commands)
    two = say(mail, "two")
    assert ids(mail, cursor)[0] == [two]


def test_a_mail_moved_in_with_an_old_date_comes_in(mail: FakeMail) -> None:
    say(mail, "one")
    _, cursor = ids(mail, {})
    old = say(mail, "from the junk folder", at=datetime(2020, 1, 1, tzinfo=UTC))
    assert ids(mail, cursor)[0] == [old]


def test_only_the_last_days_are_read_at_the_beginning(mail: FakeMail) -> None:
    say(mail, "old", at=datetime.now(UTC) - timedelta(days=30))
    new = say(mail, "new", at=datetime.now(UTC) - timedelta(days=3))
    assert ids(mail, {})[0] == [new]


def test_an_archive_moved_in_is_not_read_while_the_beginning_is(
    mail: FakeMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "PAGE_SIZE", 2)
    recent = [say(mail, f"n {n}", at=datetime.now(UTC) - timedelta(days=n % 2 * 90)) for n in range(8)]
    assert ids(mail, {})[0] == recent[::2]


def test_a_renumbered_mailbox_is_read_again_and_loses_nothing(mail: FakeMail) -> None:
    for number in range(3):
        say(mail, f"number {number}")
    first, cursor = ids(mail, {})
    mail.inbox.expunge(1)
    new = say(mail, "while it moved")
    mail.inbox.renumber()
    again, cursor = ids(mail, cursor)
    assert again == [*first[1:], new]
    assert ids(mail, cursor)[0] == []


def test_a_mailbox_put_back_from_a_copy_is_read_again(mail: FakeMail) -> None:
    for number in range(3):
        say(mail, f"number {number}")
    _, cursor = ids(mail, {})
    mail.inbox.mails, mail.inbox.next_uid = mail.inbox.mails[:1], 2
    new = say(mail, "after it")
    assert new in ids(mail, cursor)[0]


def test_mails_that_go_away_stop_nothing(mail: FakeMail) -> None:
    told = [say(mail, f"number {number}") for number in range(4)]
    for uid in (1, 4):
        mail.inbox.expunge(uid)
    assert ids(mail, {})[0] == told[1:3]


def test_a_mail_the_server_lists_and_does_not_give_is_set_aside(mail: FakeMail) -> None:
    one = say(mail, "one")
    say(mail, "two", unreadable=True)
    three = say(mail, "three")
    page = adapter(mail).fetch({})
    assert [post.external_id for post in page.posts] == [one, three]
    assert page.bad[0].payload["uid"] == 2
    assert ids(mail, json.loads(json.dumps(page.cursor)))[0] == []


def test_a_huge_mail_is_read_by_its_beginning(mail: FakeMail) -> None:
    say(mail, "small")
    mail.inbox.deliver(letter("large\n" + "x" * 70 + "\n" + ("y" * 70 + "\n") * 1_000))
    say(mail, "small too")
    posts, _ = walk(adapter(mail, max_bytes=2_000), {})
    assert [post.raw["cut"] for post in posts] == [False, True, False]
    assert "large" in posts[1].text
    assert any("<0.2000>" in command for command in mail.commands)


def test_nothing_is_marked_as_seen(mail: FakeMail) -> None:
    say(mail, "one")
    ids(mail, {})
    spoken = " ".join(mail.commands)
    assert "EXAMINE" in spoken
    assert "STORE" not in spoken
    assert "BODY[]" not in spoken


def test_a_page_that_takes_long_ends_early_and_goes_on(mail: FakeMail, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [say(mail, f"number {number}") for number in range(4)]
    monkeypatch.setattr(email, "PATIENCE", 0)
    page = adapter(mail).fetch({})
    assert ([post.external_id for post in page.posts], page.more) == (told[:1], True)
    assert ids(mail, {})[0] == told


def test_the_past_is_read_to_where_the_backfill_began(mail: FakeMail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "PAGE_SIZE", 2)
    now = datetime.now(UTC)
    told = [say(mail, f"{days}", at=now - timedelta(days=days)) for days in (90, 40, 29, 12, 3, 1)]
    for stored, days in zip(mail.inbox.mails, (90, 40, 29, 12, 3, 1), strict=True):
        stored.content = stored.content.replace(
            b"\r\nDate: ", f"\r\nDate: {now - timedelta(days=days):%d %b %Y %H:%M} +0000\r\nX-Date: ".encode()
        )
    since, posts = now - timedelta(days=30), []
    cursor: Json = {}
    for _ in range(10):
        page = adapter(mail).backfill(since, cursor)
        posts += [post.external_id for post in page.posts]
        cursor = json.loads(json.dumps(page.cursor))
        if not page.more:
            break
        say(mail, "live")
    assert posts == told[2:]
    assert adapter(mail).backfill(since, cursor).posts == ()


# --- trouble ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "on", "words", "code", "permanent"),
    [
        ("say", "LOGIN", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "bad_credentials", True),
        ("say", "LOGIN", "NO LOGIN failed.", "bad_credentials", True),
        ("say", "LOGIN", "NO [UNAVAILABLE] Temporary authentication failure.", "platform_down", False),
        ("say", "LOGIN", "NO [ALERT] Too many simultaneous connections. (Failure)", "rate_limited", False),
        ("say", "LOGIN", "NO [LIMIT] try again in 5 minutes", "rate_limited", False),
        ("drop", "LOGIN", "", "unreachable", False),
        ("bye", "LOGIN", "Server shutting down", "platform_down", False),
        ("bye", "LOGIN", "Too many connections from your IP", "rate_limited", False),
        ("bye", "CONNECT", "Server is going down", "platform_down", False),
        ("drop", "CONNECT", "", "unreachable", False),
        ("garbled", "CONNECT", "", "garbled_answer", False),
        ("stall", "CONNECT", "", "unreachable", False),
        ("say", "EXAMINE", "NO [NONEXISTENT] Unknown Mailbox: INBOX", "bad_options", True),
        ("say", "EXAMINE", "NO [SERVERBUG] Internal error", "platform_down", False),
        ("say", "SEARCH", "BAD Could not parse command", "garbled_answer", False),
        ("say", "SEARCH", "NO [OVERQUOTA] Account exceeded command or bandwidth limits.", "rate_limited", False),
        ("drop", "FETCH", "", "unreachable", False),
        ("cut", "FETCH", "", "unreachable", False),
        ("stall", "FETCH", "", "unreachable", False),
        ("garbled", "FETCH", "", "garbled_answer", False),
    ],
)
def test_what_goes_wrong_in_reading_has_a_name(
    mail: FakeMail, kind: str, on: str, words: str, code: str, permanent: bool
) -> None:
    said = say(mail, "one")
    mail.fault(kind, on, words=words)
    with pytest.raises(PlatformError) as error:
        Email(account(mail, timeout=0.5)).fetch({})
    assert (error.value.code, error.value.permanent) == (code, permanent)
    assert bool(error.value.retry_after) is not permanent
    assert mail.password not in str(error.value)
    assert ids(mail, {})[0] == [said]


@pytest.mark.parametrize(
    ("words", "wait"),
    [
        ("NO [LIMIT] try again in 5 minutes", 300),
        ("NO Request is throttled. Suggested Backoff Time: 42000 milliseconds", 42),
        ("NO Too many logins, wait 99999999 hours", 86_400),
        ("NO Too many logins", 300),
    ],
)
def test_the_wait_a_server_asks_for_is_kept(mail: FakeMail, words: str, wait: float) -> None:
    mail.fault("say", "LOGIN", words=words)
    with pytest.raises(PlatformError) as error:
        adapter(mail).fetch({})
    assert error.value.retry_after == wait


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"imap_host": ""}, "bad_options"),
        ({"imap_host": "a b"}, "bad_options"),
        ({"imap_port": "many"}, "bad_options"),
        ({"imap_port": 70_000}, "bad_options"),
        ({"imap_security": "none"}, "bad_options"),
        ({"smtp_security": ""}, ""),
        ({"token": "all"}, "bad_options"),
        ({"days": -1}, "bad_options"),
        ({"imap_security": "ssl", "ca": "no certificate"}, "bad_options"),
        ({"address": "a b@c"}, "bad_options"),
        ({"folder": "Nowhere"}, "bad_options"),
    ],
)
def test_a_wrong_setting_is_named(mail: FakeMail, options: Json, code: str) -> None:
    if not code:
        adapter(mail, **options).fetch({})
        return
    with pytest.raises(PlatformError) as error:
        adapter(mail, **options).fetch({})
    assert (error.value.code, error.value.permanent) == (code, True)


def test_a_password_in_any_script_enters(mail: FakeMail) -> None:
    mail.password = "كلمة سر ٤٢"
    assert Email(account(mail)).verify().external_id == BRAND


def test_no_password_is_no_way_in(mail: FakeMail) -> None:
    for credentials in ({}, {"password": "a\r\nb"}):
        with pytest.raises(PlatformError) as error:
            Email(account(mail, credentials=credentials)).fetch({})
        assert error.value.code == "bad_credentials"
    assert mail.commands == []


# --- the way ----------------------------------------------------------------------------------------------------------
def test_a_certificate_nobody_knows_is_not_trusted() -> None:
    with FakeMail(security="ssl") as mail, pytest.raises(PlatformError) as error:
        adapter(mail, ca="").fetch({})
    assert (error.value.code, error.value.permanent) == ("bad_certificate", False)
    assert mail.commands == []


def test_a_password_never_goes_unprotected_where_protection_was_asked_for(mail: FakeMail) -> None:
    with pytest.raises(PlatformError) as error:
        adapter(mail, imap_security="starttls").fetch({})
    assert error.value.code == "bad_options"
    assert not any(command.startswith("LOGIN") for command in mail.commands)


def test_a_server_that_wants_protection_is_not_given_a_password_without() -> None:
    with FakeMail(security="starttls") as mail, pytest.raises(PlatformError) as error:
        adapter(mail, imap_security="plain").fetch({})
    assert error.value.code == "bad_options"
    assert not any(command.startswith("LOGIN") for command in mail.commands)


# --- listening --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("idles", [True, False])
def test_mail_is_told_as_it_comes_and_silence_is_told_too(
    mail: FakeMail, idles: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.idles = idles
    monkeypatch.setattr(email, "BEAT", 0.3)
    say(mail, "before")
    stream = adapter(mail).listen({})
    assert next(stream) is None
    for number in range(3):
        said = say(mail, f"number {number}")
        page = next(page for page in stream if page)
        assert [post.external_id for post in page.posts] == [said]
    assert next(stream) is None
    stream.close()
    assert ("IDLE" in mail.commands) is idles


def test_a_stream_goes_on_from_its_cursor(mail: FakeMail) -> None:
    say(mail, "one")
    stream = adapter(mail).listen({})
    missed_after = {"uidvalidity": mail.inbox.uidvalidity, "uid": 1}
    two = say(mail, "two")
    page = next(adapter(mail).listen(missed_after))
    assert page is not None
    assert [post.external_id for post in page.posts] == [two]
    del stream


def test_a_stream_whose_server_hangs_up_ends_with_a_word(mail: FakeMail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "BEAT", 0.3)
    stream = adapter(mail).listen({})
    assert next(stream) is None
    mail.hang_up()
    with pytest.raises(PlatformError) as error:
        next(stream)
    assert (error.value.code, error.value.permanent) == ("unreachable", False)
