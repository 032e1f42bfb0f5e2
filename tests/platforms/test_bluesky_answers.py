"""An answer on Bluesky is one post however often it is sent, marked by bytes, and never sent where nobody sees it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import Cannot, Image, Json, Kind, OutcomeUnknown, Outgoing, Post
from ingest.platforms.bluesky.adapter import Bluesky
from ingest.platforms.bluesky.parse import read_post
from ingest.platforms.bluesky.record import EPOCH, created_at, record_key
from ingest.platforms.bluesky.text import facets, length
from tests.platforms.bluesky_cast import account, bluesky, error_of, read
from tests.platforms.contract import answer_to
from tests.platforms.fake_bluesky import BRAND, FakeBluesky

FIRST_TRY = datetime(2026, 11, 21, 8, 15, 30, 123_456, tzinfo=UTC)
MOMENTS = st.integers(1_700_000_000_000_000, 7_000_000_000_000_000).map(lambda us: EPOCH + timedelta(microseconds=us))
FAMILY = "👨‍👩‍👧‍👦"


@pytest.fixture
def asked(sky: FakeBluesky, nawa: Bluesky) -> Post:
    sky.world.post("amal.test", f"@{BRAND.handle} where is my bag?")
    return read(nawa)[0]


def written(sky: FakeBluesky) -> list[Json]:
    return [post.record for post in sky.world.posts.values() if post.author.did == BRAND.did]


# --- once -------------------------------------------------------------------------------------------------------------
def test_the_same_answer_sent_twice_is_one_post_and_one_event(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    outgoing = answer_to(asked, "On it", first_tried_at=FIRST_TRY)
    first = nawa.reply(outgoing)
    events = sky.world.seq
    assert bluesky(sky).reply(outgoing) == first
    assert (len(written(sky)), sky.world.seq) == (1, events)
    assert written(sky)[0]["createdAt"] == "2026-11-21T08:15:30.123Z"
    assert first.url.endswith(f"/profile/{BRAND.did}/post/{record_key(outgoing)}")


def test_an_answer_whose_confirmation_was_lost_is_found_by_its_key(
    sky: FakeBluesky, nawa: Bluesky, asked: Post
) -> None:
    outgoing = answer_to(asked, "On it")
    for kind in ("drop", "half_json", "html", "down", "cut"):
        sky.fault(kind, "putRecord", applied=True)
        assert type(error_of(lambda: nawa.reply(outgoing))) is OutcomeUnknown
    found = nawa.find_reply(outgoing)
    assert found
    assert nawa.reply(outgoing) == found
    assert len(written(sky)) == 1


def test_an_old_servers_word_for_no_such_record_is_known(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    body = b'{"error": "InvalidRequest", "message": "Could not locate record: at://x"}'
    sky.fault("raw", "getRecord", status=400, body=body)
    assert nawa.find_reply(answer_to(asked, "On it")) is None
    sky.fault("down", "getRecord")
    assert error_of(lambda: nawa.find_reply(answer_to(asked, "On it"))).code == "platform_down"


def outgoing_of(key: str, at: datetime) -> Outgoing:
    return Outgoing(key, "", "", "", "", "", Kind.MENTION, at)


@given(st.text(max_size=40), MOMENTS)
def test_a_key_is_a_tid_that_holds_the_first_attempt(key: str, at: datetime) -> None:
    first = outgoing_of(key, at)
    assert re.fullmatch(r"[234567abcdefghij][234567a-z]{12}", record_key(first))
    assert record_key(first) == record_key(outgoing_of(key, at))
    assert record_key(first) < record_key(outgoing_of(key, first.first_tried_at + timedelta(seconds=1)))
    assert datetime.fromisoformat(created_at(first)) <= first.first_tried_at


def test_many_answers_of_one_moment_have_keys_of_their_own() -> None:
    keys = {record_key(outgoing_of(f"delivery {n}", FIRST_TRY)) for n in range(200)}
    assert len(keys) == 200


# --- under what -------------------------------------------------------------------------------------------------------
def test_it_stands_under_its_parent_in_the_thread_of_the_root(sky: FakeBluesky, nawa: Bluesky) -> None:
    root = sky.world.post("amal.test", "Nobody answers")
    parent = sky.world.post("badr.test", f"Ask @{BRAND.handle}", reply_to=root.uri)
    (post,) = read(nawa)
    nawa.reply(answer_to(post, "Here we are"))
    nawa.reply(answer_to(post, "And without what was kept", parent_raw={}))
    refs = {"root": {"uri": root.uri, "cid": root.cid}, "parent": {"uri": parent.uri, "cid": parent.cid}}
    assert [record["reply"] for record in written(sky)] == [refs, refs]


def test_the_second_part_of_an_answer_goes_under_the_first_in_the_thread_of_the_root(
    sky: FakeBluesky, nawa: Bluesky
) -> None:
    root = sky.world.post("amal.test", "Nobody answers")
    sky.world.post("badr.test", f"Ask @{BRAND.handle}", reply_to=root.uri)
    (post,) = read(nawa)
    first = answer_to(post, "We are on it, 1/2")
    sent = nawa.reply(first)
    assert nawa.find_reply(first) == sent, "found again it tells as much"
    as_read = read_post(sent.raw, BRAND.did)
    assert (as_read.external_id, as_read.root_id, as_read.author.handle) == (sent.external_id, root.uri, BRAND.handle)
    nawa.reply(answer_to(post, "and call you, 2/2", parent_id=sent.external_id, parent_raw=sent.raw))
    assert written(sky)[1]["reply"] == {
        "root": {"uri": root.uri, "cid": root.cid},
        "parent": {"uri": sent.external_id, "cid": sky.world.posts[sent.external_id].cid},
    }


def test_a_deleted_post_is_not_answered_into_the_void(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    sky.world.delete(asked.external_id)
    error = error_of(lambda: nawa.reply(answer_to(asked, "On it")))
    assert (error.code, error.permanent, written(sky)) == ("gone", True, [])


def test_a_post_of_the_firehose_may_not_be_there_yet(nawa: Bluesky, asked: Post) -> None:
    young = answer_to(asked, "On it", parent_id=f"{asked.external_id}9", parent_raw={**asked.raw, "seq": 7})
    error = error_of(lambda: nawa.reply(young))
    assert (error.code, error.permanent, bool(error.retry_after)) == ("gone", False, True)


def test_who_blocked_us_or_closed_the_thread_is_not_answered(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    author, post = sky.world.account("amal.test"), sky.world.posts[asked.external_id]
    assert nawa.can_reply(asked.kind, names_us=True, raw=asked.raw) is None
    post.closed = True
    (again,) = read(nawa)
    assert nawa.can_reply(again.kind, names_us=True, raw=again.raw) is Cannot.CLOSED
    assert error_of(lambda: nawa.reply(answer_to(asked, "On it"))).code == "not_allowed"
    post.closed = False
    author.blocks.add(BRAND.did)
    error = error_of(lambda: nawa.reply(answer_to(asked, "On it")))
    assert (error.code, error.permanent, written(sky)) == ("not_allowed", True, [])
    blocked = {"author": {"did": author.did, "viewer": {"blockedBy": True}}}
    assert nawa.can_reply(Kind.MENTION, names_us=True, raw=blocked) is Cannot.CLOSED


def test_without_a_password_nothing_is_answered(sky: FakeBluesky, asked: Post) -> None:
    reader = Bluesky(account(sky, credentials={}))
    assert reader.can_reply(Kind.MENTION, names_us=True) is Cannot.NO_ACCOUNT
    assert error_of(lambda: reader.reply(answer_to(asked, "On it"))).code == "no_account"


# --- words ------------------------------------------------------------------------------------------------------------
def test_marks_in_an_arabic_answer_are_counted_in_bytes(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    sky.world.account("help.nawa.test")
    text = "نعتذر @amal.test، راسلوا @help.nawa.test أو https://nawa.example/مساعدة، #حقائب_ضائعة! 😤 nawa.com"
    nawa.reply(answer_to(asked, text, lang="ar"))
    (record,) = written(sky)
    cut = [
        (
            text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            next(str(value) for name, value in facet["features"][0].items() if name != "$type"),
        )
        for facet in record["facets"]
    ]
    assert cut == [
        ("@amal.test", sky.world.account("amal.test").did),
        ("@help.nawa.test", sky.world.account("help.nawa.test").did),
        ("https://nawa.example/مساعدة", "https://nawa.example/مساعدة"),
        ("#حقائب_ضائعة", "حقائب_ضائعة"),
        ("nawa.com", "https://nawa.com"),
    ]
    assert record["langs"] == ["ar"]
    # The parent's author was known already.
    assert sky.called("resolveHandle") == [{"handle": ["help.nawa.test"]}]


def test_a_name_nobody_has_stays_plain_text(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    nawa.reply(answer_to(asked, "Ask @nobody.test, or write to care@nawa.test"))
    assert "facets" not in written(sky)[0]


def test_a_name_that_could_not_be_looked_up_is_no_plain_text(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    sky.fault("down", "resolveHandle")
    assert error_of(lambda: nawa.reply(answer_to(asked, "Ask @other.test"))).code == "platform_down"
    assert written(sky) == []


@given(st.text(alphabet=st.sampled_from("a .#@،ن😤é/:htps$x"), max_size=60))
def test_no_mark_cuts_a_letter_in_two(text: str) -> None:
    for facet in facets(text, lambda handle: "did:plc:x"):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert text.encode()[start:end].decode()


@pytest.mark.parametrize(
    ("text", "used", "limit"),
    [("Hello", 5, 300), ("سلام", 4, 300), ("سَلَام", 4, 300), ("🇸🇦", 1, 300), (FAMILY, 25, 3000),
     (FAMILY * 121, 3025, 3000), ("", 0, 300), ("\r\n", 1, 300), ("🚀" * 300, 300, 300)],
)  # fmt: skip
def test_length_is_graphemes_or_bytes_whichever_runs_out_first(text: str, used: int, limit: int) -> None:
    assert (length(text).used, length(text).limit) == (used, limit)


@pytest.mark.parametrize("text", ["x" * 301, FAMILY * 121, "ن" * 301])
def test_what_is_too_long_is_not_sent(sky: FakeBluesky, nawa: Bluesky, asked: Post, text: str) -> None:
    error = error_of(lambda: nawa.reply(answer_to(asked, text)))
    assert (error.code, error.permanent, nawa.length(text).fits) == ("too_long", True, False)
    assert sky.called("putRecord") == []


@pytest.mark.parametrize("text", ["x" * 300, FAMILY * 120, "ن" * 300])
def test_what_just_fits_is_taken(nawa: Bluesky, asked: Post, text: str) -> None:
    assert nawa.length(text).fits
    assert nawa.reply(answer_to(asked, text)).external_id


# --- pictures ---------------------------------------------------------------------------------------------------------
def test_pictures_go_out_with_their_words(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    images = (Image(b"\xff\xd8one", "image/jpeg", "موقع المكتب"), Image(b"\x89PNGtwo", "image/png", "A map"))
    outgoing = answer_to(asked, "Here", images=images)
    assert nawa.reply(outgoing) == nawa.reply(outgoing)
    (record,) = written(sky)
    assert record["embed"]["$type"] == "app.bsky.embed.images"
    told = [(one["alt"], one["image"]["mimeType"], one["image"]["size"]) for one in record["embed"]["images"]]
    assert told == [("موقع المكتب", "image/jpeg", 5), ("A map", "image/png", 7)]
    assert sorted(sky.api.blobs.values()) == sorted(image.content for image in images)


def test_a_picture_that_is_not_taken_sends_nothing(sky: FakeBluesky, nawa: Bluesky, asked: Post) -> None:
    large = answer_to(asked, "Here", images=(Image(b"x" * 2_000_001, "image/png", ""),))
    error = error_of(lambda: nawa.reply(large))
    assert (type(error) is OutcomeUnknown, error.permanent, written(sky)) == (False, True, [])
    sky.fault("drop", "uploadBlob")
    error = error_of(lambda: nawa.reply(answer_to(asked, "Here", images=(Image(b"x", "image/png", ""),))))
    assert (error.code, written(sky)) == ("unreachable", [])
