"""Answers on X: who may be answered, doubles, knowing our own post again, and how long a text is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import Cannot, Kind, Outgoing, PlatformError
from ingest.platforms.x.adapter import X
from ingest.platforms.x.parse import same_words
from tests.platforms.conftest import account
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_x import BRAND, FakePost, FakeX
from tests.platforms.fake_x.api import APP_TOKEN

ELSEWHERE = "https://example.com/"


def question(fake: FakeX, text: str = "where is my bag?", author: str = "amal") -> FakePost:
    return fake.world.post(author, f"@{BRAND.handle} {text}")


def to(parent: FakePost, text: str, since: timedelta = timedelta(0)) -> Outgoing:
    return Outgoing(
        f"key of {text}", text, parent.id, parent.conversation_id, parent.conversation_id, parent.author.handle,
        Kind.MENTION, datetime.now(UTC) + since,
    )  # fmt: skip


def refusal(x: X, outgoing: Outgoing) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        x.reply(outgoing)
    return error.value


def test_an_answer_goes_under_its_parent_and_says_where_it_is(fake_x: FakeX, x: X) -> None:
    parent = question(fake_x)
    sent = x.reply(to(parent, "We are on it"))
    (ours,) = fake_x.world.timeline(BRAND)
    assert (ours.reply_to, ours.conversation_id) == (parent.id, parent.id)
    assert (sent.external_id, sent.url) == (ours.id, f"https://x.com/{BRAND.handle}/status/{ours.id}")
    assert fake_x.calls[-1][3] == {"text": "We are on it", "reply": {"in_reply_to_tweet_id": parent.id}}


# --- doubles ----------------------------------------------------------------------------------------------------------
def test_a_retry_x_calls_a_duplicate_is_the_answer_that_got_through(fake_x: FakeX, x: X) -> None:
    outgoing = to(question(fake_x), "We are on it")
    fake_x.fault("drop", on="POST", applied=True)
    refusal(x, outgoing)
    sent = x.reply(outgoing)
    assert [sent.external_id] == [post.id for post in fake_x.world.timeline(BRAND)]


def test_the_same_words_to_somebody_else_are_refused_and_said_to_be_doubled(fake_x: FakeX, x: X) -> None:
    first, second = question(fake_x), question(fake_x, "my bag too", "omar")
    x.reply(to(first, "We are on it"))
    error = refusal(x, to(second, "We are on it"))
    assert (error.code, error.permanent) == ("duplicate", True)
    assert "duplicate content" in error.words


def test_a_duplicate_that_cannot_be_looked_up_is_not_called_a_failure(fake_x: FakeX, x: X) -> None:
    outgoing = to(question(fake_x), "We are on it")
    x.reply(outgoing)
    fake_x.fault("down", on="GET")
    error = refusal(x, outgoing)
    assert (error.code, error.permanent) == ("platform_down", False)


# --- who may be answered ----------------------------------------------------------------------------------------------
def test_x_refuses_an_answer_to_one_who_did_not_ask_unless_the_plan_is_enterprise(fake_x: FakeX, x: X) -> None:
    stranger = fake_x.world.post("omar", "Nasim Air lost my bag")
    error = refusal(x, to(stranger, "We are sorry"))
    assert (error.code, error.permanent) == ("not_allowed", True)
    assert "not been mentioned" in error.words
    fake_x.api.plan = "enterprise"
    assert x.reply(to(stranger, "We are sorry")).external_id


def test_x_takes_an_answer_to_one_who_quoted_us(fake_x: FakeX, x: X) -> None:
    ours = fake_x.world.post(BRAND, "We have moved")
    quote = fake_x.world.post("omar", "Of course they have", quotes=ours.id)
    assert x.reply(to(quote, "Can we help?")).external_id


def test_a_parent_that_is_gone_is_said_to_be_gone(fake_x: FakeX, x: X) -> None:
    parent = question(fake_x)
    fake_x.world.delete(parent.id)
    error = refusal(x, to(parent, "We are on it"))
    assert (error.code, error.permanent) == ("gone", True)


@pytest.mark.parametrize(
    ("plan", "kind", "names_us", "verdict"),
    [
        ("self_serve", Kind.MENTION, True, None),
        ("self_serve", Kind.REPLY, True, None),
        ("self_serve", Kind.QUOTE, False, None),
        ("self_serve", Kind.POST, False, Cannot.NOT_SUMMONED),
        ("self_serve", Kind.REPLY, False, Cannot.NOT_SUMMONED),
        ("self_serve", Kind.REPOST, True, Cannot.NOT_SUMMONED),
        ("enterprise", Kind.POST, False, None),
        (None, Kind.POST, False, Cannot.NOT_SUMMONED),
    ],
)
def test_who_may_be_answered_is_known_beforehand(
    plan: str | None, kind: Kind, names_us: bool, verdict: Cannot | None
) -> None:
    x = X(account(ELSEWHERE, options={"plan": plan} if plan else {}))
    assert x.can_reply(kind, names_us=names_us) is verdict


@pytest.mark.parametrize("credentials", [{}, {"bearer_token": APP_TOKEN}, {"consumer_key": "k", "access_token": "t"}])
def test_who_may_only_read_cannot_answer_and_says_so_without_a_call(credentials: dict[str, str]) -> None:
    x = X(account(ELSEWHERE, credentials=credentials, options={"plan": "enterprise"}))
    assert x.can_reply(Kind.MENTION, names_us=True) is Cannot.NO_ACCOUNT
    parent = FakePost("1", BRAND, "", datetime.now(UTC), "1", ["1"])
    error = refusal(x, to(parent, "Hello"))
    assert (error.code, error.permanent) == ("no_account", True)


# --- knowing our own answer again -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "Sorry! Track it at https://example.com/track?id=1&x=2 and www.example.com.",
        "نعتذر منك، تابع طلبك هنا: https://example.com/تتبع ثم راسلنا",
        "2 < 3 & 5 > 4, &amp; so on",
        "  two\n\nlines  and   spaces ",
        "cafe\u0301 is caf\u00e9",
        "@amal we see you",
        "👩‍👩‍👧 🇯🇴",
    ],
)
def test_our_answer_is_known_again_whatever_x_made_of_it(fake_x: FakeX, x: X, text: str) -> None:
    outgoing = to(question(fake_x), text)
    sent = x.reply(outgoing)
    assert x.find_reply(outgoing) == sent


def test_our_answer_is_found_behind_many_others_and_not_under_another_parent(fake_x: FakeX, x: X) -> None:
    first, second = question(fake_x), question(fake_x, "mine too", "omar")
    outgoing = to(first, "We are on it")
    sent = x.reply(outgoing)
    for number in range(7):
        x.reply(to(second, f"We are on it, case {number}"))
    fake_x.api.page_cap = 3
    assert x.find_reply(outgoing) == sent
    assert x.find_reply(to(second, "We are on it")) is None


def test_a_clock_two_minutes_off_hides_nothing_and_an_older_twin_stays_hidden(fake_x: FakeX, x: X) -> None:
    parent = question(fake_x)
    x.reply(to(parent, "We are on it"))
    assert x.find_reply(to(parent, "We are on it", since=timedelta(seconds=110)))
    assert x.find_reply(to(parent, "We are on it", since=timedelta(seconds=130))) is None


def test_an_answer_under_an_edited_question_is_found(fake_x: FakeX, x: X) -> None:
    parent = question(fake_x)
    fake_x.world.edit(parent.id, f"@{BRAND.handle} where is my black bag?")
    (post,), _ = walk(x, {})
    outgoing = answer_to(post, "We are on it")
    assert x.find_reply(outgoing) is None
    sent = x.reply(outgoing)
    assert x.find_reply(outgoing) == sent


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_text_is_like_itself_with_names_in_front(text: str) -> None:
    assert same_words(text, f"@amal @omar {text}")
    assert not same_words(text, f"{text} and more")


# --- length -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("م" * 280, 280),
        ("م" * 281, 281),
        ("x" * 280, 280),
        ("مرحبا\u200f", 7),
        ("https://example.com/a/very/long/path/that/goes/on/and/on", 23),
        ("see example.com", 27),
        ("😀", 2),
        ("👩‍👩‍👧‍👦", 2),
        ("日本", 4),
        ("cafe\u0301", 4),
        ("\ud83d", 2),
        ("", 0),
    ],
)
def test_a_text_is_as_long_as_x_counts_it(text: str, used: int) -> None:
    length = X(account(ELSEWHERE)).length(text)
    assert (length.used, length.limit) == (used, 280)
    assert length.fits is (0 < used <= 280)


def test_a_premium_account_has_its_own_limit() -> None:
    length = X(account(ELSEWHERE, options={"limit": 25_000})).length("م" * 10_000)
    assert (length.used, length.fits) == (10_000, True)


@pytest.mark.parametrize("knot", ["a." * 5000, "(a." * 3000, "مرحبا." * 1500, "م" * 10_000 + ".", "a-" * 5000 + "."])
def test_a_knotted_text_is_weighed_all_the_same(knot: str) -> None:
    assert X(account(ELSEWHERE)).length(knot).used == len(knot)
