"""What is new in a mail is told apart from what it quotes, in the ways that mailers mark it."""

import time

import pytest

from ingest.platforms.email.html import to_text
from ingest.platforms.email.text import fold, unflowed

OLD = "We are sorry to hear that.\nNawa Care"
QUOTED = "> We are sorry to hear that.\n> Nawa Care"

ATTRIBUTIONS = [
    "On Mon, Mar 3, 2025 at 10:30 AM Nawa Care <care@nawa.example> wrote:",
    "On Mon, Mar 3, 2025 at 10:30 AM Nawa Care\n<care@nawa.example> wrote:",
    "On 3 Mar 2025, at 10:30, Nawa Care <\ncare+radd-abcdefghijkl@nawa.example\n> wrote:",
    "Nawa Care <care@nawa.example> wrote:",
    "---- On Mon, 03 Mar 2025 10:30:00 +0300 Nawa Care <care@nawa.example> wrote ----",
    "في الاثنين، ٣ مارس ٢٠٢٥ في ١٠:٣٠ ص تمت كتابة ما يلي بواسطة \u202aNawa <care@nawa.example\u202c>:",
    "في ٣ مارس ٢٠٢٥، الساعة ١٠:٣٠ ص، كتب Nawa Care <care@nawa.example>:",
    "في 3/3/2025 10:30 ص، كتبت نوى:",
    "كتب Nawa Care في 3/3/2025 10:30 ص:",
    "كتبت خدمة نوى <care@nawa.example> في الاثنين، 3 مارس 2025 الساعة 10:30 ص:",
    "بتاريخ الإثنين، 3 مارس 2025 في 10:30 ص كتب نوى <care@nawa.example>:",
    "Le lun. 3 mars 2025 à 10:30, Nawa Care <care@nawa.example> a écrit :",
    "2025-03-03 10:30 GMT+03:00 Nawa Care <care@nawa.example>:",
]
BLOCKS = [
    "From: Nawa Care <care@nawa.example>\nSent: Monday, March 3, 2025 10:30 AM\nTo: Customer\nSubject: RE: My order",
    "________________________________\nFrom: Nawa Care\nSent: Monday\nTo: Customer\nSubject: RE: My order",
    "*From:* Nawa Care\n*Date:* Monday\n*To:* Customer\n*Subject:* My order",
    "من: Nawa Care <care@nawa.example>\nتم الإرسال: الاثنين، 3 مارس 2025 10:30 ص\nإلى: زبون\nالموضوع: طلبي",
    "المرسل: نوى\nالتاريخ: ٣ مارس\nالى: زبون\nالموضوع: طلبي",
    "\u200fمن:\u200f نوى\n\u200fتاريخ الإرسال: الاثنين\n\u200fإلى: زبون",
    "-----Original Message-----\nFrom: Nawa Care\nSubject: My order",
    "-----الرسالة الأصلية-----\nمن: نوى",
]
NEW = ["It has still not come!", "لم يصل الطلب بعد!\nأين هو؟"]


@pytest.mark.parametrize("new", NEW)
@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_answer_above_a_quote_is_all_that_is_new(new: str, attribution: str) -> None:
    folded = fold(f"{new}\n\n{attribution}\n\n{QUOTED}\n", answers=True)
    assert folded.new == new
    assert "We are sorry" in folded.quoted
    assert attribution.partition("\n")[0] in folded.quoted


@pytest.mark.parametrize("attribution", ATTRIBUTIONS[:11])
def test_a_quote_without_marks_is_old_all_the_same(attribution: str) -> None:
    folded = fold(f"It has still not come!\n\n{attribution}\n{OLD}\n", answers=True)
    assert folded.new == "It has still not come!"
    assert folded.quoted.endswith("Nawa Care")


@pytest.mark.parametrize("new", NEW)
@pytest.mark.parametrize("block", BLOCKS)
def test_from_a_block_of_headers_on_all_is_old(new: str, block: str) -> None:
    folded = fold(f"{new}\n\n{block}\n\n{OLD}", answers=True)
    assert folded.new == new
    assert folded.quoted.startswith(block[:20])


def test_answers_between_the_lines_of_a_quote_are_new() -> None:
    folded = fold(
        "On 3 Mar 2025 at 10:30 Nawa <care@nawa.example> wrote:\n> Which order?\nNumber 12.\n> Which city?\nCairo.\n",
        answers=True,
    )
    assert folded.new == "Number 12.\nCairo."
    assert "> Which city?" in folded.quoted


@pytest.mark.parametrize(
    "text",
    [
        "On the phone your colleague wrote:\nnothing at all. I want my money.",
        "From: the day I ordered, nothing came.\nI want my money.",
        "في المرة السابقة كتب لي زميلكم:\nسنعيد المبلغ. أين هو؟",
        "On Monday he wrote:",
        "I ordered -- twice -- and\n--\nnothing\n" + "came\n" * 20,
    ],
)
def test_a_story_that_sounds_like_a_quote_is_new(text: str) -> None:
    assert fold(text, answers=False).new == text.strip()


def test_what_a_customer_forwards_is_what_he_wants_to_show() -> None:
    text = (
        "See below.\n\n---------- Forwarded message ---------\nFrom: Shop\nDate: Monday\nSubject: Paid\nTo: me\n\nPaid."
    )
    assert fold(text, answers=False).new == text
    outlook = "Look.\n\nFrom: Shop\nSent: Monday\nTo: me\nSubject: Paid\n\nPaid."
    assert fold(outlook, answers=False, forwards=True).new == outlook


def test_a_mail_that_is_nothing_but_a_quote_is_told_whole_unless_it_answers() -> None:
    text = f"On 3 Mar 2025 at 10:30 Nawa <care@nawa.example> wrote:\n{QUOTED}"
    assert fold(text, answers=False).new == text
    assert fold(text, answers=True).new == ""


@pytest.mark.parametrize(
    ("ending", "signature"),
    [
        ("-- \nAmal\n+20 100", "Amal\n+20 100"),
        ("--\nAmal", "Amal"),
        ("Sent from my iPhone", "Sent from my iPhone"),
        ("أُرسلت من الـ iPhone", "أُرسلت من الـ iPhone"),
        ("تم الإرسال من هاتفي", "تم الإرسال من هاتفي"),
        ("Get Outlook for Android <https://aka.example/x>", "Get Outlook for Android <https://aka.example/x>"),
    ],
)
def test_a_signature_is_folded(ending: str, signature: str) -> None:
    folded = fold(f"Where is it?\n\n{ending}\n", answers=False)
    assert (folded.new, folded.signature) == ("Where is it?", signature)


def test_a_mail_that_is_nothing_but_a_signature_is_told_whole() -> None:
    assert "Amal" in fold("-- \nAmal wants her money", answers=False).new


def test_a_line_that_begins_with_from_keeps_its_words() -> None:
    assert fold("Hello,\n>From Cairo it never left.\nBye", answers=True).new == "Hello,\nFrom Cairo it never left.\nBye"


def test_soft_line_breaks_are_taken_out() -> None:
    assert unflowed("a long \nline\n> old \n> line\n-- \nme") == "a long line\n> old line\n-- \nme"
    assert unflowed("كلمة طويـ \nلة", delete_space=True) == "كلمة طويـلة"


# --- HTML -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two &amp; <b>three</b></p>", "One\n\nTwo & three"),
        ("one<br>two<div>three</div>four", "one\ntwo\nthree\nfour"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        (
            "<table><tr><td>Order</td><td>12</td></tr><tr><td>City</td><td>Cairo</td></tr></table>",
            "Order 12\nCity Cairo",
        ),
        ("<style>p{}</style><script>alert(1)</script><title>T</title><p>seen</p>", "seen"),
        ('<div style="display:none">preview</div><span hidden>x</span>seen', "seen"),
        ('<p>see <a href="https://nawa.example/x">here</a></p>', "see here <https://nawa.example/x>"),
        ('<a href="https://nawa.example/">nawa.example</a>', "nawa.example"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ("new<blockquote>old<blockquote>older</blockquote></blockquote>newer", "new\n> old\n>> older\nnewer"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('I am <img alt="😡" src="x"> <img alt="logo.png" src="y">', "I am 😡"),
        ("a\u200b\u00adb&nbsp;c", "ab c"),
        ('<p dir="rtl">أين <b>طلبي</b>؟</p>', "أين طلبي؟"),
        ("<!-- [if mso]>x<![endif] --><p>y</p>", "y"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("<p>I <3 it, 5<6 and 7>6</p>", "I <3 it, 5<6 and 7>6"),
        ("<!--[if mso]><p>office</p><![endif]--><p>all</p>", "all"),
        ("<p>some" * 1_500, "\n".join(["some"] * 1_500)),
    ],
)
def test_html_is_told_as_a_reader_sees_it(html: str, text: str) -> None:
    assert to_text(html) == text


def test_the_quote_of_a_web_mailer_is_folded_as_any_other() -> None:
    html = (
        '<div dir="ltr">Still nothing.</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, Mar 3, 2025 at'
        ' 10:30 AM Nawa &lt;<a href="mailto:care@nawa.example">care@nawa.example</a>&gt; wrote:<br></div>'
        "<blockquote>We are sorry.</blockquote></div>"
    )
    assert fold(to_text(html), answers=True).new == "Still nothing."


def test_the_quote_of_outlook_is_folded_too() -> None:
    html = (
        '<div>Still nothing.</div><hr><div id="divRplyFwdMsg"><b>From:</b> Nawa Care<br><b>Sent:</b> Monday<br>'
        "<b>To:</b> Amal<br><b>Subject:</b> Re: order</div><div>We are sorry.</div>"
    )
    assert fold(to_text(html), answers=True).new == "Still nothing."


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 30_000 + "deep",
        "<blockquote>" * 5_000 + "deep",
        "<a href=" * 30_000,
        "<!" * 100_000,
        "<!--" * 50_000,
        "<!-- x -->" * 50_000,
        "<script>" * 30_000,
        "<b>" * 90_000,
        "<p style='" * 30_000 + ">",
        "<![CDATA[" * 20_000,
        "&#" * 100_000,
        "<p " + "x=1 " * 50_000,
    ],
)
def test_no_html_holds_up_a_worker(html: str) -> None:
    began = time.monotonic()
    to_text(html)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "text",
    [
        "On " * 60_000,
        "On " + "x" * 200_000,
        ">" * 200_000,
        "a@" * 90_000,
        "\n".join(["From: x"] * 5_000),
        "في " * 60_000,
    ],
)
def test_no_text_holds_up_a_worker(text: str) -> None:
    began = time.monotonic()
    fold(text, answers=True)
    assert time.monotonic() - began < 5
