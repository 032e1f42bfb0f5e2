"""What Mastodon's posts say, once their HTML is words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import Author, Kind
from ingest.platforms.mastodon.parse import read_author, read_status
from ingest.platforms.mastodon.text import addressed, count, same_words, text_of

US = "1"


def status(**changes: Any) -> dict[str, Any]:
    told = {
        "id": "2",
        "created_at": "2026-11-20T10:00:00.000Z",
        "account": {"id": "3", "acct": "amal@other.example", "display_name": "Amal :blobcat:", "followers_count": -1},
        "content": "<p>Hello</p>",
        "mentions": [{"id": US, "acct": "nawa", "url": "https://nawa.example/@nawa"}],
        "visibility": "public",
    }
    return {**told, **changes}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<br>two<br />three</p><p>four</p>", "one\ntwo\nthree\n\nfour"),
        ("<p>2 &lt; 3 &amp;&amp; 5 &gt; 4</p>", "2 < 3 && 5 > 4"),
        ("<p>a\n  b</p>", "a b"),
        ("plain words", "plain words"),
        ("", ""),
        ("<ul><li>bag</li><li>coat</li></ul><p>both</p>", "- bag\n- coat\n\nboth"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<script>alert(1)</script><p>x<!-- y --></p>", "x"),
        ('<p>so <img class="emoji" alt=":blobcat:" src="x"> it is :ok:</p>', "so :blobcat: it is :ok:"),
        ("<p>رحلتي<br>اختفت 😤</p>", "رحلتي\nاختفت 😤"),
    ],
)
def test_lines_entities_and_emoji_are_kept(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            (
                '<a href="https://example.com/a/long/way?x=1"><span class="invisible">https://</span>'
                '<span class="ellipsis">example.com/a</span><span class="invisible">/long/way?x=1</span></a>'
            ),
            "https://example.com/a/long/way?x=1",
        ),
        ('<a href="https://example.com/a/long/way">example.com/a…</a>', "https://example.com/a/long/way"),
        ('<a href="https://example.com/terms">our terms</a>', "our terms (https://example.com/terms)"),
        ('<a href="https://www.example.com">www.example.com</a>', "www.example.com"),
        ('<a href="https://nawa.example/tags/x" class="hashtag">#<span>x</span></a>', "#x"),
        ('<a href="https://a.example/@omar" class="u-url mention">@<span>omar</span></a>', "@omar@a.example"),
        ('<a href="https://b.example/@lina" class="u-url mention">@<span>lina</span></a>', "@lina"),
    ],
)
def test_links_tags_and_names_can_be_read(html: str, text: str) -> None:
    assert text_of(html, {"https://a.example/@omar": "omar@a.example"}) == text


def test_a_tower_of_tags_falls_on_nobody() -> None:
    assert text_of("<b>" * 3000 + "deep") == "deep"


def test_a_content_warning_stands_in_front_and_the_options_of_a_poll_behind() -> None:
    poll = {"options": [{"title": "yes"}, {"title": "no"}]}
    post = read_status(status(spoiler_text="lost bag, angry", poll=poll), US)
    assert post.text == "lost bag, angry\n\nHello\n\n- yes\n- no"


def test_pictures_come_with_their_descriptions() -> None:
    told = [
        {"type": "image", "url": "https://f/1", "preview_url": "https://f/2", "description": "a broken wheel"},
        {"type": "unknown", "url": None, "remote_url": "https://g/1", "preview_url": None, "description": None},
    ]
    first, second = read_status(status(media_attachments=told), US).media
    assert first == {"type": "image", "url": "https://f/1", "preview_url": "https://f/2", "alt": "a broken wheel"}
    assert second == {"type": "unknown", "url": "https://g/1", "preview_url": "", "alt": ""}


def test_an_author_is_known_by_id_and_named_with_the_host() -> None:
    author = read_author(status()["account"])
    assert author == Author("3", "amal@other.example", "Amal :blobcat:", "", None)


def test_numbers_for_ids_and_times_without_zones_are_understood() -> None:
    post = read_status(status(id=7, in_reply_to_id=6, created_at="2026-11-20T10:00:00"), US)
    assert (post.external_id, post.parent_id, post.posted_at.isoformat()) == ("7", "6", "2026-11-20T10:00:00+00:00")


@pytest.mark.parametrize(
    "quote", [{"state": "accepted", "quoted_status": {"id": "9"}}, {"quoted_status_id": "9"}, {"id": "9"}]
)
def test_a_quote_points_to_what_it_quotes_and_does_not_repeat_its_address(quote: dict[str, Any]) -> None:
    html = '<p class="quote-inline">RE: <a href="https://x.example/9">x.example/9</a></p><p>Of course</p>'
    post = read_status(status(content=html, quote=quote, mentions=[]), US)
    assert (post.kind, post.ref_id, post.text) == (Kind.QUOTE, "9", "Of course")


# --- our own words ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "acct", "wanted"),
    [
        ("We are on it", "amal@other.example", "@amal@other.example We are on it"),
        ("@Amal@Other.Example we are on it", "amal@other.example", "@Amal@Other.Example we are on it"),
        ("Thanks @amal@other.example.", "amal@other.example", "Thanks @amal@other.example."),
        # Somebody else of that name, on our own server.
        ("@amal we are on it", "amal@other.example", "@amal@other.example @amal we are on it"),
        ("@amal we are on it", "amal", "@amal we are on it"),
        ("@amal@nawa.example we are on it", "amal", "@amal@nawa.example we are on it"),
        ("نحن نتابع", "@amal", "@amal نحن نتابع"),
        ("Nobody is named", "", "Nobody is named"),
        ("mail amal@other.example", "amal@other.example", "@amal@other.example mail amal@other.example"),
    ],
)
def test_an_answer_names_whom_it_answers_once(text: str, acct: str, wanted: str) -> None:
    assert addressed(text, acct, "nawa.example") == wanted


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_text_is_like_itself_with_names_in_front(text: str) -> None:
    assert same_words(text, f"@amal @omar@other.example {text}")
    assert not same_words(text, f"{text} and more")


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("مرحبا", 5),
        ("مَرْحَبًا", 5),
        ("👨‍👩‍👧‍👦", 1),
        ("👍🏽👍🏿", 2),
        ("🇯🇴🇪🇬", 2),
        ("cafe\u0301", 4),
        ("https://example.com/a/very/long/path/that/goes/on/and/on", 23),
        ("(https://example.com/a).", 26),
        ("https://example.com/aمرحبا", 28),
        ("see example.com", 15),
        ("@amal@other.example hi", 8),
        ("", 0),
    ],
)
def test_a_text_is_as_long_as_mastodon_counts_it(text: str, used: int) -> None:
    assert count(text, per_url=23, like_mastodon=True) == used


def test_other_servers_count_every_code_point() -> None:
    text = "@amal@other.example https://example.com/a/very/long/path 👨‍👩‍👧‍👦"
    assert count(text, per_url=23, like_mastodon=False) == len(text)


@pytest.mark.parametrize("knot", ["@a." * 4000, "https://a." * 3000, "@" * 9000, "a@" * 5000, "@a@" * 4000])
def test_a_knotted_text_is_counted_all_the_same(knot: str) -> None:
    assert count(knot, per_url=23, like_mastodon=True) > 0
    assert addressed(knot, "amal", "nawa.example")
    assert same_words(knot, knot)
