"""An answer goes out as a letter that every mailer threads, once, and its fate is told truly."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from ingest.platforms.base import Cannot, Image, Json, Kind, OutcomeUnknown, Outgoing, PlatformError, Post
from ingest.platforms.email.adapter import Email
from ingest.platforms.email.compose import RIGHT_MARK, directed
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_mail import BRAND, FakeMail, letter
from tests.platforms.fake_mail.letters import id_of
from tests.platforms.mail_cast import account, adapter

KEY = "0d3c2f1e-7a66-4b7e-9a58-1f0c9d1f7a11"


@pytest.fixture
def mail() -> Iterator[FakeMail]:
    with FakeMail() as mail:
        yield mail


def parent(mail: FakeMail, **headers: str) -> Post:
    mail.inbox.deliver(letter(**{"From": "Amal <amal@post.example>", **headers}))
    return walk(adapter(mail), {})[0][-1]


def answered(
    mail: FakeMail, above: Post, text: str = "On its way.", options: Json | None = None, **more: object
) -> EmailMessage:
    adapter(mail, **(options or {})).reply(answer_to(above, text, **{"key": KEY, **more}))
    return mail.letters()[-1]


def test_an_answer_stands_in_its_thread(mail: FakeMail) -> None:
    above = parent(
        mail, Message_ID="<second@post.example>", References="<first@post.example>", Subject="Re: RE: order 12"
    )
    sent = answered(mail, above, options={"from_name": "نوى للعناية"})
    assert sent["Message-ID"] == f"<radd.{KEY}.{above.conversation_key}@nawa.example>"
    assert sent["In-Reply-To"] == "<second@post.example>"
    assert sent["References"] == "<first@post.example> <second@post.example>"
    assert sent["Subject"] == f"Re: order 12 [#{above.conversation_key}]"
    assert (sent["To"], sent["From"]) == ("Amal <amal@post.example>", f"نوى للعناية <{BRAND}>")
    assert sent["X-Radd-Delivery"] == f"{KEY} {BRAND}"
    assert sent["Auto-Submitted"] is None
    assert sent.get_content().strip() == "On its way."
    assert mail.taken[-1][:2] == (BRAND, ["amal@post.example"])


def test_the_customers_next_mail_joins_the_conversation_however_it_was_answered(mail: FakeMail) -> None:
    above = parent(mail)
    sent = answered(mail, above)
    for headers in (
        {"In_Reply_To": sent["Message-ID"]},
        {"Subject": f"Re: {sent['Subject']}"},
        {"References": f"<{above.external_id}> {sent['Message-ID']}", "In_Reply_To": sent["Message-ID"]},
    ):
        assert parent(mail, **headers).conversation_key == above.conversation_key


def test_a_token_goes_where_the_channel_wants_it(mail: FakeMail) -> None:
    above = parent(mail)
    plus = answered(mail, above, options={"token": "plus"})
    assert plus["Reply-To"] == f"care+radd-{above.conversation_key}@nawa.example"
    assert "[#" not in plus["Subject"]
    none = answered(mail, above, options={"token": "none"})
    assert (none["Reply-To"], none["Subject"]) == (None, "Re: My order")


@pytest.mark.parametrize(
    ("headers", "to"),
    [
        ({"Reply_To": "Sister <sister@post.example>"}, "sister@post.example"),
        ({"Reply_To": f"{BRAND}, sister@post.example"}, "sister@post.example"),
        ({"Reply_To": BRAND}, "amal@post.example"),
        ({"Reply_To": "care+radd-abcdefghijkl@nawa.example"}, "amal@post.example"),
    ],
)
def test_an_answer_goes_where_the_customer_wants_it_and_never_to_ourselves(
    mail: FakeMail, headers: dict[str, str], to: str
) -> None:
    answered(mail, parent(mail, **headers))
    assert mail.taken[-1][1] == [to]


def test_long_threads_and_long_ids_are_not_broken(mail: FakeMail) -> None:
    ids = [f"<{'x' * 90}-{number}@post.example>" for number in range(60)]
    above = parent(mail, References=" ".join(ids), Message_ID=f"<{'y' * 120}@post.example>")
    content = mail.taken[-1][2] if answered(mail, above) else b""
    head = content.split(b"\r\n\r\n")[0]
    assert b"=?" not in head
    assert ids[0].encode() in head
    assert ids[-1].encode() in head
    assert max(map(len, head.split(b"\r\n"))) < 998


def test_nothing_a_customer_wrote_can_add_a_header(mail: FakeMail) -> None:
    above = parent(mail)
    evil = {**above.raw, "subject": "x\r\nBcc: all@post.example", "message_id": "a@b>\r\nBcc: all@post.example"}
    sent = answered(mail, above, parent_raw={**evil, "references": ["a\r\nBcc: c@d.example"]}, lang="ar\r\nBcc: x")
    assert sent["Bcc"] is None
    assert mail.taken[-1][1] == ["amal@post.example"]


@pytest.mark.parametrize(
    ("text", "lang", "shown"),
    [
        ("طلبك في الطريق\n12345\nNawa 3", "ar", f"طلبك في الطريق\n{RIGHT_MARK}12345\n{RIGHT_MARK}Nawa 3"),
        ("طلبك في الطريق\n\n#12", "", f"طلبك في الطريق\n\n{RIGHT_MARK}#12"),
        ("Your order 12\nطلبك", "en", "Your order 12\nطلبك"),
    ],
)
def test_every_line_of_an_arabic_answer_runs_from_the_right(text: str, lang: str, shown: str) -> None:
    assert directed(text, lang) == shown


def test_arabic_and_dots_arrive_as_they_were_written(mail: FakeMail) -> None:
    text = "أهلاً أمل 😊\n.\n..\n.نقطة\n" + "س" * 2_000
    sent = answered(mail, parent(mail), text, lang="ar")
    assert sent.get_content().replace(RIGHT_MARK, "").replace("\r\n", "\n").strip() == text
    assert sent["Content-Language"] == "ar"
    assert mail.taken[-1][2].isascii()
    assert len({name.lower() for name in sent}) == len(sent.keys())


def test_a_line_that_is_a_dot_ends_no_letter(mail: FakeMail) -> None:
    text = "one\n.\n..two\n.three"
    sent = answered(mail, parent(mail), text)
    assert sent.get_content().replace("\r\n", "\n").strip() == text
    assert b"\n" not in mail.taken[-1][2].replace(b"\r\n", b"")


def test_pictures_go_along_with_their_words(mail: FakeMail) -> None:
    images = (Image(b"\x89PNG1", "image/png", "The shelf"), Image(b"JPEG", "image/jpeg", "الرف"))
    sent = answered(mail, parent(mail), images=images)
    body, one, two = sent.iter_parts()
    assert "[1] The shelf" in body.get_content()
    assert "[2] الرف" in body.get_content()
    assert (one.get_content(), one.get_content_disposition(), one.get_filename()) == (
        b"\x89PNG1",
        "inline",
        "image-1.png",
    )
    assert two["Content-Description"] == "الرف"


def test_a_machine_is_not_written_to(mail: FakeMail) -> None:
    above = parent(mail, Auto_Submitted="auto-replied")
    with pytest.raises(PlatformError) as error:
        adapter(mail).reply(answer_to(above, "x"))
    assert (error.value.code, error.value.permanent) == ("not_allowed", True)
    assert mail.taken == []


def test_a_channel_without_a_way_out_only_reads(mail: FakeMail) -> None:
    reader = adapter(mail, smtp_host="")
    assert reader.can_reply(Kind.MAIL, names_us=True) is Cannot.NO_ACCOUNT
    with pytest.raises(PlatformError) as error:
        reader.reply(answer_to(parent(mail), "x"))
    assert error.value.code == "no_account"


# --- the copy among what was sent -----------------------------------------------------------------------------------
def test_what_is_sent_is_kept_once_and_found_again(mail: FakeMail) -> None:
    outgoing = answer_to(parent(mail), "On its way.", key=KEY)
    assert adapter(mail).reply(outgoing).raw["copy"] == "saved"
    assert mail.sent.mails[0].flags == ("\\Seen",)
    found = adapter(mail).find_reply(outgoing)
    assert found is not None
    assert found.external_id == id_of(mail.letters()[0])


def test_a_provider_that_keeps_copies_itself_gets_no_second_one() -> None:
    with FakeMail(saves_sent=True) as mail:
        assert adapter(mail).reply(answer_to(parent(mail), "x")).raw["copy"] == "there"
        assert len(mail.sent.mails) == 1


@pytest.mark.parametrize(
    ("options", "copy"), [({"save_sent": "no"}, "off"), ({"sent_folder": "Nowhere"}, "bad_options"), ({}, "saved")]
)
def test_the_copy_is_the_channels_choice(mail: FakeMail, options: Json, copy: str) -> None:
    assert adapter(mail, **options).reply(answer_to(parent(mail), "x")).raw["copy"] == copy


@pytest.mark.parametrize("step", ["LOGIN", "LIST", "APPEND"])
def test_a_copy_that_fails_does_not_unsend_the_letter(mail: FakeMail, step: str) -> None:
    outgoing = answer_to(parent(mail), "x")
    mail.fault("drop", step)
    assert adapter(mail).reply(outgoing).raw["copy"] == "unreachable"
    assert len(mail.taken) == 1


def test_an_answer_whose_id_was_changed_on_the_way_is_found_by_its_mark(mail: FakeMail) -> None:
    outgoing = answer_to(parent(mail), "x", key=KEY)
    adapter(mail).reply(outgoing)
    stored = mail.sent.mails[0]
    stored.content = stored.content.replace(b"<radd.", b"<gateway.")
    found = adapter(mail).find_reply(outgoing)
    assert found is not None
    assert found.external_id.startswith("gateway.")


def test_a_copy_to_ourselves_proves_what_nobody_kept(mail: FakeMail) -> None:
    outgoing = answer_to(parent(mail), "x", key=KEY)
    mail.fault("drop", "LETTER", applied=True)
    with pytest.raises(OutcomeUnknown):
        adapter(mail, copy_to_self=True).reply(outgoing)
    assert mail.sent.mails == []
    assert adapter(mail).find_reply(outgoing) is not None
    back = walk(adapter(mail), {})[0][-1]
    assert (back.author.external_id, back.raw["automatic_because"]) == (BRAND, "own")


# --- trouble on the way out -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("on", "words", "code", "permanent"),
    [
        ("HELLO", "554 5.7.1 Your address is blocked", "rejected", True),
        ("HELLO", "421 4.7.0 Too many connections", "rate_limited", False),
        ("EHLO", "garbage", "garbled_answer", False),
        ("AUTH", "535 5.7.8 Username and Password not accepted", "bad_credentials", True),
        ("AUTH", "454 4.7.0 Temporary authentication failure", "platform_down", False),
        ("MAIL", "550 5.7.60 Client does not have permissions to send as this sender", "not_allowed", True),
        ("MAIL", "530 5.7.0 Authentication required", "bad_credentials", True),
        ("MAIL", "552 5.3.4 Message size exceeds fixed limit", "too_long", True),
        ("MAIL", "452 4.3.1 Insufficient system storage", "platform_down", False),
        ("RCPT", "550 5.1.1 User unknown", "bad_address", True),
        ("RCPT", "554 5.7.1 Relay access denied", "not_allowed", True),
        ("RCPT", "450 4.2.0 Greylisted, see you in 120 seconds", "rate_limited", False),
        ("DATA", "451 4.3.0 Try again later", "platform_down", False),
        ("LETTER", "554 5.7.1 Message refused as spam", "rejected", True),
        ("LETTER", "451 4.7.1 Try again later", "platform_down", False),
        ("LETTER", "550 5.4.5 Daily user sending limit exceeded.", "rejected", True),
    ],
)
def test_a_refusal_has_a_name_and_the_servers_words(
    mail: FakeMail, on: str, words: str, code: str, permanent: bool
) -> None:
    outgoing = answer_to(parent(mail), "x")
    mail.fault("say", on, words=words)
    with pytest.raises(PlatformError) as error:
        adapter(mail).reply(outgoing)
    assert not isinstance(error.value, OutcomeUnknown)
    assert (error.value.code, error.value.permanent) == (code, permanent)
    assert bool(error.value.retry_after) is not permanent
    assert mail.taken == []
    assert adapter(mail).reply(outgoing)


@pytest.mark.parametrize("on", ["HELLO", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("kind", ["drop", "stall"])
def test_what_breaks_off_before_the_letter_was_not_sent(mail: FakeMail, on: str, kind: str) -> None:
    outgoing = answer_to(parent(mail), "x")
    mail.fault(kind, on)
    with pytest.raises(PlatformError) as error:
        Email(account(mail, timeout=0.3)).reply(outgoing)
    assert not isinstance(error.value, OutcomeUnknown)
    assert (error.value.code, error.value.permanent) == ("unreachable", False)


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("kind", ["drop", "stall", "garbled"])
def test_silence_after_the_letter_is_an_unknown_outcome(mail: FakeMail, kind: str, applied: bool) -> None:
    outgoing = answer_to(parent(mail), "x")
    mail.fault(kind, "LETTER", applied=applied)
    with pytest.raises(OutcomeUnknown) as error:
        Email(account(mail, timeout=0.3)).reply(outgoing)
    assert error.value.code == "outcome_unknown"
    assert len(mail.taken) == applied


def test_a_letter_sent_twice_carries_one_id(mail: FakeMail) -> None:
    outgoing = answer_to(parent(mail), "x", key=KEY)
    adapter(mail).reply(outgoing)
    adapter(mail).reply(outgoing)
    assert (len(mail.taken), len(mail.sent.mails)) == (2, 1)
    assert len({id_of(each) for each in mail.letters()}) == 1


def test_a_letter_too_large_for_the_server_is_not_begun(mail: FakeMail) -> None:
    mail.most_bytes = 500
    with pytest.raises(PlatformError) as error:
        adapter(mail).reply(answer_to(parent(mail), "x" * 2_000))
    assert (error.value.code, error.value.permanent) == ("too_long", True)


def test_a_mail_that_names_nobody_cannot_be_answered(mail: FakeMail) -> None:
    outgoing = Outgoing("k", "x", "", "", "", "", Kind.MAIL, datetime.now(UTC))
    with pytest.raises(PlatformError) as error:
        adapter(mail).reply(outgoing)
    assert (error.value.code, error.value.permanent) == ("bad_address", True)


def test_a_domain_in_another_script_is_written_in_ascii(mail: FakeMail) -> None:
    raw = {"from": [{"name": "", "address": "amal@ma\u00f1ana.example"}]}
    adapter(mail).reply(Outgoing(KEY, "x", "m@x.example", "", "", "", Kind.MAIL, datetime.now(UTC), parent_raw=raw))
    assert mail.taken[-1][1] == ["amal@xn--maana-pta.example"]


@pytest.mark.parametrize("writes_utf8", [True, False])
def test_an_address_in_arabic_needs_a_server_that_can_write_it(mail: FakeMail, writes_utf8: bool) -> None:
    mail.writes_utf8 = writes_utf8
    raw = {"from": [{"name": "", "address": "أمل@post.example"}], "message_id": "m@post.example"}
    outgoing = Outgoing(KEY, "x", "m@post.example", "", "", "", Kind.MAIL, datetime.now(UTC), parent_raw=raw)
    if writes_utf8:
        adapter(mail).reply(outgoing)
        assert mail.taken[-1][1] == ["أمل@post.example"]
    else:
        with pytest.raises(PlatformError) as error:
            adapter(mail).reply(outgoing)
        assert error.value.code == "bad_address"


@pytest.mark.parametrize(("on", "code"), [("LOGIN", "bad_credentials"), ("AUTH", "bad_credentials"), ("", "")])
def test_a_connection_is_tried_in_both_directions_before_it_is_kept(mail: FakeMail, on: str, code: str) -> None:
    if not on:
        assert adapter(mail, from_name="Nawa").verify().name == "Nawa"
        assert mail.taken == []
        return
    mail.fault("say", on, words="NO no" if on == "LOGIN" else "535 no")
    with pytest.raises(PlatformError) as error:
        adapter(mail).verify()
    assert error.value.code == code


@pytest.mark.parametrize(("which", "name"), [("imap", "IMAP"), ("smtp", "SMTP")])
def test_of_the_two_servers_the_one_that_nobody_answers_at_is_named(mail: FakeMail, which: str, name: str) -> None:
    with pytest.raises(PlatformError) as error:
        adapter(mail, **{f"{which}_host": "127.0.0.1", f"{which}_port": "9"}).verify()
    assert error.value.code == "unreachable"
    assert error.value.words.startswith(f"{name} 127.0.0.1:9: ")
