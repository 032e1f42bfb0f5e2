"""Mails as they come: lying charsets, odd headers, attachments, machines. Each becomes one true post."""

import base64
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from ingest.platforms.base import Cannot, Kind, Post
from ingest.platforms.email.options import settings_of
from ingest.platforms.email.parse import Arrived, read_mail
from ingest.platforms.email.threads import token_of
from tests.platforms.fake_mail import BRAND, FakeMail, letter
from tests.platforms.fake_mail.letters import as_bytes
from tests.platforms.mail_cast import account, adapter

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
ARABIC = "أين طلبي؟ مضى أسبوع كامل ولم يصل شيء"


@pytest.fixture(scope="module")
def mail() -> FakeMail:
    with FakeMail() as mail:
        return mail


def post_of(mail: FakeMail, made: EmailMessage | bytes, *, size: int = 0, **options: object) -> Post:
    content = as_bytes(made)
    settings = settings_of(account(mail, options=options))
    return read_mail(Arrived(7, 1, content, size or len(content), NOW), settings)


def raw(body: bytes, *headers: str, kind: str = "text/plain") -> bytes:
    usual = ["From: amal@post.example", "Message-ID: <m1@post.example>", f"Content-Type: {kind}"]
    return "\r\n".join([*usual, *headers, "", ""]).encode("utf-8", "surrogateescape") + body


# --- words ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("UTF-8", "cp1256"),
        ("windows-1256", "cp1256"),
        ("cp-1256", "cp1256"),
        ("iso-8859-1", "cp1256"),
        ("iso-8859-1", "utf-8"),
        ("us-ascii", "utf-8"),
        ("windows-1252", "cp1256"),
        ("iso-8859-6", "iso-8859-6"),
        ("x-unknown", "utf-8"),
        ("unknown-8bit", "cp1256"),
        ("hex", "utf-8"),
        ("unicode_escape", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf8mb4", "utf-8"),
        ("'utf-8'", "utf-8"),
        ("", "utf-8"),
        ("", "cp1256"),
    ],
)
def test_arabic_is_read_whatever_its_charset_is_said_to_be(mail: FakeMail, charset: str, encoding: str) -> None:
    kind = f'text/plain; charset="{charset}"' if charset else "text/plain"
    assert post_of(mail, raw(ARABIC.encode(encoding), kind=kind)).text == ARABIC


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("iso-8859-1", "cp1252", "Où est ma commande ? 50 € perdus…"),
        ("iso-2022-jp", "iso-2022-jp", "注文はどこですか"),
        ("gb2312", "gb18030", "联通 镕"),
        ("koi8-r", "koi8-r", "Где мой заказ"),
        ("utf-7", "utf-7", "Où est-ce?"),
    ],
)
def test_other_languages_keep_their_letters(mail: FakeMail, charset: str, encoding: str, text: str) -> None:
    assert post_of(mail, raw(text.encode(encoding), kind=f"text/plain; charset={charset}")).text == text


def test_no_bytes_at_all_stop_a_mail(mail: FakeMail) -> None:
    assert post_of(mail, raw(bytes(range(256)))).text
    assert "\x00" not in post_of(mail, raw(b"a\x00b")).text
    assert post_of(mail, raw(b"!!!not base64!!!", "Content-Transfer-Encoding: base64")).external_id == "m1@post.example"
    assert post_of(mail, b"").author.external_id.startswith("unknown-")
    assert post_of(mail, b"\xff\xfe\x00garbage").kind is Kind.MAIL


def _words(text: str, charset: str, *, at: int) -> str:
    """An encoded subject, its bytes cut in two where no letter ends."""
    data = text.encode(charset)
    parts = (data[:at], data[at:])
    return "\r\n ".join(f"=?{charset}?B?{base64.b64encode(part).decode()}?=" for part in parts)


@pytest.mark.parametrize(
    ("told", "subject"),
    [
        (_words(ARABIC, "utf-8", at=11), ARABIC),
        (_words(ARABIC, "cp1256", at=7), ARABIC),
        ("=?iso-8859-1?Q?O=F9_est_ma_commande=3F?=", "Où est ma commande?"),
        ("=?UTF-8?Q?broken=?= and =?UTF-8?B?////?=", None),
        ("=?nonsense?Q?=D8=A3=D9=8A=D9=86?=", "أين"),
        ("plain =?utf-8?q?=F0=9F=98=A4?= words", "plain 😤 words"),
        (ARABIC.encode().decode("ascii", "surrogateescape"), ARABIC),
        (ARABIC.encode("cp1256").decode("ascii", "surrogateescape"), ARABIC),
        ("أين =?utf-8?q?=D8=B7=D9=84=D8=A8=D9=8A?=", "أين طلبي"),
    ],
)
def test_a_subject_is_read_however_it_is_written(mail: FakeMail, told: str, subject: str | None) -> None:
    found = post_of(mail, raw(b"text", f"Subject: {told}")).raw["subject"]
    assert found == subject if subject else found


def test_the_subject_is_said_first_where_the_text_does_not_say_it(mail: FakeMail) -> None:
    assert post_of(mail, letter("Where is it?", Subject="Order 12")).text == "Order 12\nWhere is it?"
    assert post_of(mail, letter("Where is order 12?", Subject="order  12")).text == "Where is order 12?"
    assert post_of(mail, letter("And now?", Subject="Re: Order 12", In_Reply_To="<a@b.example>")).text == "And now?"
    assert post_of(mail, letter("", Subject="Order 12 is lost")).text == "Order 12 is lost"


def test_html_alone_is_read_and_a_plain_twin_is_preferred(mail: FakeMail) -> None:
    both = letter("plain words")
    both.add_alternative("<p>html words</p>", subtype="html")
    assert post_of(mail, both).text == "My order\nplain words"
    stub = letter("Your reader shows no HTML")
    stub.add_alternative("<p>html words</p>", subtype="html")
    assert post_of(mail, stub).text == "My order\nhtml words"
    page = '<meta charset="windows-1256"><p>أين طلبي</p>'.encode("cp1256")
    assert post_of(mail, raw(page, kind="text/html")).text == "أين طلبي"


def test_a_footer_that_a_server_adds_does_not_hide_the_letter(mail: FakeMail) -> None:
    body = (
        b"--x\r\nContent-Type: text/html\r\n\r\n<p>Where is it?</p>\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nScanned for viruses.\r\n--x--\r\n"
    )
    assert "Where is it?" in post_of(mail, raw(body, kind="multipart/mixed; boundary=x")).text


def test_what_an_answer_quotes_is_kept_beside_it(mail: FakeMail) -> None:
    post = post_of(
        mail, letter("No.\n\nOn 3 Mar 2026 at 9:00 Nawa <care@nawa.example> wrote:\n> Is it there?\n-- \nA.")
    )
    assert post.text == "My order\nNo."
    assert "Is it there?" in post.raw["quoted"]


# --- who and when -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sender", "address", "name"),
    [
        ("Amal <Amal@Post.Example>", "amal@post.example", "Amal"),
        ("AMAL@POST.EXAMPLE", "amal@post.example", ""),
        ('"Amal, of Cairo" <amal@post.example>', "amal@post.example", "Amal, of Cairo"),
        ("=?utf-8?b?2KPZhdmE?= <amal@post.example>", "amal@post.example", "أمل"),
        ("=?utf-8?q?Amal=2C_of_Cairo?= <amal@post.example>", "amal@post.example", "Amal, of Cairo"),
    ],
)
def test_an_author_is_an_address_in_lower_case(mail: FakeMail, sender: str, address: str, name: str) -> None:
    author = post_of(mail, raw(b"text").replace(b"amal@post.example", sender.encode(), 1)).author
    assert (author.external_id, author.handle, author.name) == (address, address, name)


def test_two_mails_without_an_author_are_two_strangers(mail: FakeMail) -> None:
    one, two = (post_of(mail, letter(text, From="")) for text in ("one", "two"))
    assert one.author.external_id != two.author.external_id


@pytest.mark.parametrize("sender", [BRAND, "no-reply@forms.example"])
def test_a_form_that_writes_in_our_name_writes_for_the_customer(mail: FakeMail, sender: str) -> None:
    post = post_of(mail, letter(From=sender, Reply_To="Amal <amal@post.example>"))
    assert post.author.external_id == "amal@post.example"
    assert post.raw["automatic"] is False


@pytest.mark.parametrize("days", [-2, -900, 2])
def test_a_mail_tells_what_its_writers_clock_says_and_when_it_arrived(mail: FakeMail, days: int) -> None:
    claimed = NOW + timedelta(days=days)
    post = post_of(mail, letter(Date=f"{claimed:%a, %d %b %Y %H:%M:%S +0000}"))
    assert (post.posted_at, post.reachable_at) == (claimed, NOW)


def test_a_mail_with_no_time_was_written_when_it_arrived(mail: FakeMail) -> None:
    post = post_of(mail, letter(Date="yesterday, 99:99"))
    assert (post.posted_at, post.reachable_at) == (NOW, NOW)


# --- which and where --------------------------------------------------------------------------------------------------
def test_a_mail_without_an_id_has_a_lasting_one(mail: FakeMail) -> None:
    made = letter("one", Message_ID="")
    again, other = post_of(mail, made), post_of(mail, letter("two", Message_ID=""))
    assert post_of(mail, made).external_id == again.external_id != other.external_id
    assert post_of(mail, letter(Message_ID="<1>")).external_id.startswith("none-")
    assert len(post_of(mail, letter(Message_ID=f"<{'x' * 800}@post.example>")).external_id) < 400


def test_a_thread_is_one_conversation_from_its_first_mail_on(mail: FakeMail) -> None:
    first = post_of(mail, letter(Message_ID="<first@post.example>"))
    second = post_of(mail, letter(Message_ID="<second@x.example>", In_Reply_To="<first@post.example>"))
    third = post_of(
        mail,
        letter(References="<first@post.example>\t <second@x.example>", In_Reply_To="<second@x.example> (Nawa)"),
    )
    assert {first.conversation_key, second.conversation_key, third.conversation_key} == {token_of("first@post.example")}
    assert (third.parent_id, third.root_id) == ("second@x.example", "first@post.example")


@pytest.mark.parametrize(
    "headers",
    [
        {"In_Reply_To": "<radd.0123-4567-89ab.abcdefghijkl@nawa.example>"},
        {"References": "<other@x.example> <radd.0123-4567-89ab.abcdefghijkl@nawa.example>"},
        {"Subject": "RE: My order [#abcdefghijkl]"},
        {"Subject": "رد: طلبي [#ABCDEFGHIJKL]"},
        {"To": "care+radd-abcdefghijkl@nawa.example"},
        {"Subject": "Re: order [#abcdefghijkl]", "In_Reply_To": "<rewritten-by-a-gateway@x.example>"},
    ],
)
def test_an_answer_to_us_finds_its_conversation(mail: FakeMail, headers: dict[str, str]) -> None:
    assert post_of(mail, letter(**headers)).conversation_key == "abcdefghijkl"


@pytest.mark.parametrize(
    "headers",
    [
        {"In_Reply_To": "<radd.0123-4567-89ab.abcdefghijkl@other-desk.example>"},
        {"To": "someone+radd-abcdefghijkl@post.example"},
    ],
)
def test_a_mark_of_another_house_is_not_ours(mail: FakeMail, headers: dict[str, str]) -> None:
    assert post_of(mail, letter(**headers)).conversation_key != "abcdefghijkl"


# --- files ------------------------------------------------------------------------------------------------------------
def _with_file(name: str, content: bytes, kind: str = "application/octet-stream") -> EmailMessage:
    made = letter()
    main, sub = kind.split("/")
    made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made


def test_a_small_picture_is_kept_and_a_large_one_only_told(mail: FakeMail) -> None:
    picture = b"\x89PNG" + b"x" * 500
    told = post_of(mail, _with_file("صورة.png", picture, "image/png")).media[0]
    assert told == {"type": "image", "name": "صورة.png", "size": 504, "content_type": "image/png", "note": "",
                    "data": base64.b64encode(picture).decode()}  # fmt: skip
    large = post_of(mail, _with_file("a.png", picture, "image/png"), keep_bytes=100).media[0]
    assert (large["note"], large["size"], "data" in large) == ("too_large", 504, False)
    other = post_of(mail, _with_file("a.zip", b"PK", "application/zip")).media[0]
    assert (other["type"], other["note"], "data" in other) == ("file", "not_kept", False)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("invoice.exe", b"x", "application/octet-stream"),
        ("invoice.pdf.exe ", b"x", "application/pdf"),
        ("invoice.pdf", b"MZ\x90", "application/pdf"),
        ("photo\u202egnp.exe", b"x", "image/png"),
        ("page.html", b"<script>", "text/html"),
        ("picture.svg", b"<svg>", "image/svg+xml"),
        ("..\\..\\a.js", b"x", "text/plain"),
    ],
)
def test_what_can_run_is_refused(mail: FakeMail, name: str, content: bytes, kind: str) -> None:
    told = post_of(mail, _with_file(name, content, kind)).media[0]
    assert (told["note"], "data" in told) == ("refused", False)
    assert not {"\u202e", "/", "\\"} & set(told["name"])


def test_logos_are_part_of_the_letters_look(mail: FakeMail) -> None:
    made = letter()
    made.add_attachment(b"GIF89a", maintype="image", subtype="gif", disposition="inline", cid="<logo>")
    assert post_of(mail, made).media[0]["note"] == "inline"


def test_a_mail_cut_short_says_so(mail: FakeMail) -> None:
    whole = as_bytes(_with_file("film.mp4", b"x" * 9_000, "video/mp4"))
    post = post_of(mail, whole[:3_000], size=len(whole))
    assert post.raw["cut"] is True
    assert (post.media[0]["type"], post.media[0]["note"]) == ("video", "cut")


def test_a_mail_inside_a_mail_is_a_file(mail: FakeMail) -> None:
    made = letter("see below")
    made.add_attachment(letter("inner words"))
    post = post_of(mail, made)
    assert "inner words" not in post.text
    assert post.media[0]["content_type"] == "message/rfc822"


# --- machines ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied (vacation)"}, "auto_submitted"),
        ({"Auto_Submitted": "auto-generated; owner=x"}, "auto_submitted"),
        ({"X_Autoreply": "yes"}, "auto_submitted"),
        ({"Precedence": "auto_reply"}, "auto_submitted"),
        ({"Subject": "Automatic reply: My order"}, "auto_submitted"),
        ({"Subject": "رد تلقائي: طلبي"}, "auto_submitted"),
        ({"Precedence": "bulk"}, "list"),
        ({"List_Id": "Offers <offers.shop.example>"}, "list"),
        ({"List_Unsubscribe": "<mailto:off@shop.example>"}, "list"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"From": "MAILER-DAEMON@post.example", "Subject": "Undelivered Mail"}, "bounce"),
        ({"From": "no-reply@shop.example"}, "machine"),
        ({"From": BRAND}, "own"),
        ({"From": "care+x@nawa.example"}, "own"),
        ({"X_Radd_Delivery": f"0123-4567 {BRAND}"}, "loop"),
    ],
)
def test_a_machine_is_known_and_never_answered(mail: FakeMail, headers: dict[str, str], why: str) -> None:
    post = post_of(mail, letter(**headers))
    assert (post.raw["automatic"], post.raw["automatic_because"]) == (True, why)
    assert adapter(mail).can_reply(Kind.MAIL, names_us=False, raw=post.raw) is Cannot.AUTOMATIC


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Auto_Submitted": "no"},
        {"X_Auto_Response_Suppress": "All"},
        {"Subject": "Re: Automatic reply: My order"},
        {"Return_Path": "<amal@post.example>"},
        {"X_Radd_Delivery": "0123-4567 care@other-desk.example"},
        {"List_Id": "Care <care.nawa.example>", "Precedence": "list"},
    ],
)
def test_a_person_is_not_taken_for_a_machine(mail: FakeMail, headers: dict[str, str]) -> None:
    post = post_of(mail, letter(**headers), our_lists=["care.nawa.example"])
    assert post.raw["automatic"] is False
    assert adapter(mail).can_reply(Kind.MAIL, names_us=False, raw=post.raw) is None


def test_what_is_kept_of_a_mail_is_bounded(mail: FakeMail) -> None:
    ids = " ".join(f"<{number}@post.example>" for number in range(500))
    people = ", ".join(f"p{number}@post.example" for number in range(500))
    made = letter("x\n\n-----Original Message-----\n" + "old words\n" * 50_000, References=ids, Cc=people)
    kept = post_of(mail, made).raw
    assert (len(kept["references"]), kept["references"][0]) == (30, "0@post.example")
    assert len(kept["cc"]) <= 20
    assert len(str(kept)) < 40_000


def test_a_mail_nested_without_end_is_set_aside_not_fatal() -> None:
    bomb = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2_000))
    with FakeMail() as mail:
        mail.inbox.deliver(b"From: a@post.example\r\n" + bomb)
        mail.inbox.deliver(letter("after it"))
        page = adapter(mail).fetch({})
    assert "after it" in page.posts[-1].text
    assert len(page.posts) + len(page.bad) == 2
