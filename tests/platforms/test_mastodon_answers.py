"""Answers on Mastodon and its kin: who sees them, whom they name, doubles, length, pictures."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.platforms.base import Account, Cannot, Image, Kind, OutcomeUnknown, Outgoing, PlatformError, Post
from ingest.platforms.mastodon.adapter import Mastodon
from ingest.platforms.mastodon.parse import read_status
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_mastodon import BRAND, GOTOSOCIAL, MASTODON, PLEROMA, FakeMastodon, FakeStatus, account

KINDS = [MASTODON, GOTOSOCIAL, PLEROMA]
EVERY = pytest.mark.parametrize("fake", KINDS, indirect=True, ids=["mastodon", "gts", "pl"])
PICTURE = Image(b"\x89PNG\r\n\x1a\n\xff\x00", "image/png", "رسم للحقيبة")


@pytest.fixture
def fake(request: pytest.FixtureRequest) -> Iterator[FakeMastodon]:
    with FakeMastodon(getattr(request, "param", MASTODON)) as server:
        yield server


@pytest.fixture
def us(fake: FakeMastodon) -> Account:
    """One account, so that its session lasts."""
    return account(fake.url)


def asked(fake: FakeMastodon, us: Account, author: str = "amal@other.example", **more: Any) -> Post:
    said = fake.world.post(author, more.pop("text", "@nawa where is my bag?"), **more)
    return next(post for post in walk(Mastodon(us), {})[0] if post.external_id == said.id)


def ours(fake: FakeMastodon) -> list[FakeStatus]:
    return fake.world.timeline(BRAND)


def refusal(us: Account, outgoing: Outgoing) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        Mastodon(us).reply(outgoing)
    return error.value


# --- who sees it, and whom it names -----------------------------------------------------------------------------------
@EVERY
@pytest.mark.parametrize(
    ("theirs", "wanted"),
    [
        ("public", "public"),
        ("unlisted", "unlisted"),
        ("private", "private"),
        ("direct", "direct"),
        # What some servers have beside these: to its author alone.
        ("mutuals_only", "direct"),
    ],
)
def test_an_answer_is_seen_as_widely_as_what_it_answers(
    fake: FakeMastodon, us: Account, theirs: str, wanted: str
) -> None:
    post = asked(fake, us, visibility=theirs)
    Mastodon(us).reply(answer_to(post, "We are on it", lang="ar"))
    (answer,) = ours(fake)
    assert (answer.visibility, answer.reply_to, answer.language) == (wanted, post.external_id, "ar")
    assert answer.text == "@amal@other.example We are on it"


def test_a_private_talk_stays_one_even_where_what_is_answered_is_not_known(fake: FakeMastodon, us: Account) -> None:
    post = asked(fake, us, visibility="direct")
    Mastodon(us).reply(answer_to(post, "First", parent_raw={}, kind=Kind.REPLY))
    second = answer_to(post, "Second", parent_id=ours(fake)[0].id, parent_raw={}, kind=Kind.REPLY)
    Mastodon(us).reply(second)
    assert [status.visibility for status in ours(fake)] == ["direct", "direct"]
    # Below our own answer it is still the customer who is named.
    assert [status.text for status in ours(fake)] == ["@amal@other.example Second", "@amal@other.example First"]


@EVERY
@pytest.mark.parametrize("visibility", ["private", "direct"])
def test_the_second_part_of_an_answer_goes_under_the_first_and_is_seen_by_the_same_people(
    fake: FakeMastodon, us: Account, visibility: str
) -> None:
    post = asked(fake, us, visibility=visibility)
    first = answer_to(post, "We are on it, 1/2", kind=Kind.REPLY)
    sent = Mastodon(us).reply(first)
    found = Mastodon(us).find_reply(first)
    assert found
    for part in (sent, found):
        assert read_status(part.raw, BRAND).parent_id == post.external_id
        before = len(fake.calls)
        again = {"parent_id": part.external_id, "parent_raw": part.raw, "kind": Kind.REPLY}
        Mastodon(us).reply(answer_to(post, "and call you, 2/2", key=f"{before}", **again))
        # Nothing has to be asked about the first part.
        assert "GET" not in {call[0] for call in fake.calls[before:]}
    told = {(status.reply_to, status.visibility, status.text.split()[0]) for status in ours(fake)[:2]}
    assert told == {(sent.external_id, visibility, "@amal@other.example")}


def test_what_is_sent_to_a_direct_message_is_direct_whatever_else_is_said(fake: FakeMastodon, us: Account) -> None:
    post = asked(fake, us)
    Mastodon(us).reply(answer_to(post, "Quietly", kind=Kind.DM))
    assert ours(fake)[0].visibility == "direct"


def test_a_parent_that_cannot_be_asked_for_stops_the_answer_before_it_is_sent(fake: FakeMastodon, us: Account) -> None:
    post = asked(fake, us, visibility="direct")
    fake.fault("refuse", on=f"GET /api/v1/statuses/{post.external_id}", status=503)
    error = refusal(us, answer_to(post, "Hello", parent_raw={}))
    assert (type(error), error.code, ours(fake)) == (PlatformError, "platform_down", [])


@EVERY
def test_a_neighbour_is_named_without_a_host_and_nobody_twice(fake: FakeMastodon, us: Account) -> None:
    post = asked(fake, us, "lina")
    Mastodon(us).reply(answer_to(post, "We are on it"))
    Mastodon(us).reply(answer_to(post, "Still @lina@nawa.example, we are"))
    assert [status.text for status in ours(fake)] == ["Still @lina@nawa.example, we are", "@lina We are on it"]
    assert all(fake.world.user("lina") in fake.world.named(status) for status in ours(fake))


# --- doubles ----------------------------------------------------------------------------------------------------------
def test_mastodon_drops_a_second_send_by_its_key(fake: FakeMastodon, us: Account) -> None:
    outgoing = answer_to(asked(fake, us), "We are on it", key="6f1c")
    first, second = Mastodon(us).reply(outgoing), Mastodon(us).reply(outgoing)
    assert first.external_id == second.external_id
    assert {form["key"] for form in fake.api.posted} == {"6f1c"}


@pytest.mark.parametrize("fake", [GOTOSOCIAL, PLEROMA], indirect=True, ids=["gts", "pl"])
def test_servers_that_ignore_the_key_are_looked_at_before_a_second_send(fake: FakeMastodon, us: Account) -> None:
    outgoing = answer_to(asked(fake, us), "We are on it")
    fake.fault("drop", on="POST", applied=True)
    assert type(refusal(us, outgoing)) is OutcomeUnknown
    found = Mastodon(us).find_reply(outgoing)
    assert found is not None
    assert [status.id for status in ours(fake)] == [found.external_id]
    assert found.url.endswith(found.external_id)


@EVERY
@pytest.mark.parametrize(
    "text",
    [
        "Track it: https://example.com/track/that/is/rather/long?id=1&x=2 or www.example.com.",
        "تابع طلبك هنا: https://example.com/track ثم راسلنا #ناوا",
        "2 < 3 & 5 > 4, &amp; so *on*",
        "  two\n\nlines  and   spaces\n1. one\n2. two ",
        "cafe\u0301 is caf\u00e9",
        "@amal@other.example and @lina, we see you",
        "👩‍👩‍👧 🇯🇴 :blobcat:",
    ],
)
def test_our_answer_is_known_again_whatever_the_server_made_of_it(fake: FakeMastodon, us: Account, text: str) -> None:
    fake.world.user("lina")
    outgoing = answer_to(asked(fake, us), text)
    assert Mastodon(us).find_reply(outgoing) is None
    assert Mastodon(us).reply(outgoing).external_id == getattr(Mastodon(us).find_reply(outgoing), "external_id", "")


def test_words_reach_servers_that_read_markdown_as_they_were_typed() -> None:
    with FakeMastodon(GOTOSOCIAL) as fake:
        us = account(fake.url)
        Mastodon(us).reply(answer_to(asked(fake, us), "2 *and* 3"))
        assert ours(fake)[0].plain


@EVERY
@pytest.mark.parametrize("parent_goes", [True, False])
def test_our_answer_is_found_behind_many_others(fake: FakeMastodon, us: Account, parent_goes: bool) -> None:
    fake.api.manner = replace(fake.manner, page_cap=3)
    post, other = asked(fake, us), asked(fake, us, "omar")
    outgoing = answer_to(post, "We are on it")
    sent = Mastodon(us).reply(outgoing)
    for number in range(7):
        Mastodon(us).reply(answer_to(other, f"We are on it, case {number}"))
    if parent_goes:
        fake.world.delete(post.external_id)
    found = Mastodon(us).find_reply(outgoing)
    assert found is not None
    assert found.external_id == sent.external_id
    assert Mastodon(us).find_reply(answer_to(other, "We are on it")) is None


def test_a_customer_who_repeats_our_words_is_not_taken_for_us(fake: FakeMastodon, us: Account) -> None:
    post = asked(fake, us)
    fake.world.post("omar", "We are on it", reply_to=post.external_id)
    assert Mastodon(us).find_reply(answer_to(post, "We are on it")) is None


def test_a_clock_two_minutes_off_hides_nothing_and_an_older_twin_stays_hidden(fake: FakeMastodon, us: Account) -> None:
    post = asked(fake, us)
    Mastodon(us).reply(answer_to(post, "We are on it"))
    now = datetime.now(UTC)
    near = answer_to(post, "We are on it", first_tried_at=now + timedelta(seconds=110))
    far = answer_to(post, "We are on it", first_tried_at=now + timedelta(seconds=130))
    assert Mastodon(us).find_reply(near)
    assert Mastodon(us).find_reply(far) is None


# --- refusals and length ----------------------------------------------------------------------------------------------
@EVERY
@pytest.mark.parametrize("words", ["", "Validierung fehlgeschlagen: Status"])
def test_too_long_is_said_to_be_too_long_in_whatever_words(fake: FakeMastodon, us: Account, words: str) -> None:
    status = fake.manner.too_long[0]
    fake.api.manner = replace(fake.manner, too_long=(status, words or fake.manner.too_long[1]))
    error = refusal(us, answer_to(asked(fake, us), "م" * 5001))
    assert (error.code, error.permanent, ours(fake)) == ("too_long", True, [])


@EVERY
def test_a_parent_that_is_gone_is_said_to_be_gone(fake: FakeMastodon, us: Account) -> None:
    outgoing = answer_to(asked(fake, us), "We are on it")
    fake.world.delete(outgoing.parent_id)
    assert (refusal(us, outgoing).code, refusal(us, replace(outgoing, parent_raw={})).code) == ("gone", "gone")


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (422, "Validation failed: Media is odd", "rejected"),
        (403, "This action is not allowed", "not_allowed"),
        (403, "This action is outside the authorized scopes", "not_allowed"),
        (401, "The access token has expired", "bad_credentials"),
    ],
)
def test_a_refusal_is_known_not_to_be_there(
    fake: FakeMastodon, us: Account, status: int, words: str, code: str
) -> None:
    outgoing = answer_to(asked(fake, us), "We are on it")
    fake.fault("refuse", on="POST", status=status, words=words)
    error = refusal(us, outgoing)
    assert (type(error), error.code, error.words, error.permanent) == (PlatformError, code, words, True)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"id": null}'])
def test_a_yes_without_an_id_is_unknown(fake: FakeMastodon, us: Account, body: bytes) -> None:
    outgoing = answer_to(asked(fake, us), "We are on it")
    fake.fault("raw", on="POST", body=body)
    assert type(refusal(us, outgoing)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("fake", "room", "limit"),
    [(MASTODON, 32, 500), (GOTOSOCIAL, 100, 5000), (PLEROMA, 100, 1000)],
    indirect=["fake"],
    ids=["mastodon", "gts", "pl"],
)
def test_the_limit_is_the_servers_and_leaves_room_for_the_name(
    fake: FakeMastodon, us: Account, room: int, limit: int
) -> None:
    assert Mastodon(us).length("hello").limit == 500 - 32
    Mastodon(us).verify()
    calls = len(fake.calls)
    assert Mastodon(us).length("hello").limit == limit - room
    assert Mastodon(us).length("@amal@other.example hello").limit == limit
    # Somebody is typing, and a transaction may be open: nobody is asked.
    assert len(fake.calls) == calls


@EVERY
def test_the_longest_text_that_fits_is_taken_whoever_is_answered(fake: FakeMastodon, us: Account) -> None:
    Mastodon(us).verify()
    post = asked(fake, us, f"{'a' * 30}@{'b' * 50}.example")
    text = "x" * Mastodon(us).length("x").limit
    assert Mastodon(us).length(text).fits
    assert Mastodon(us).reply(answer_to(post, text)).external_id


def test_who_has_no_token_cannot_answer(fake: FakeMastodon) -> None:
    bare = Mastodon(account(fake.url, credentials={}))
    assert bare.can_reply(Kind.MENTION, names_us=True) is Cannot.NO_ACCOUNT
    assert Mastodon(account(fake.url)).can_reply(Kind.DM, names_us=False) is None
    with pytest.raises(PlatformError) as error:
        bare.fetch({})
    assert (error.value.code, error.value.permanent) == ("bad_credentials", True)


# --- pictures ---------------------------------------------------------------------------------------------------------
@EVERY
def test_a_picture_goes_out_with_its_description(fake: FakeMastodon, us: Account) -> None:
    Mastodon(us).reply(answer_to(asked(fake, us), "Is it this one?", images=(PICTURE, replace(PICTURE, alt=""))))
    assert [medium["description"] for medium in ours(fake)[0].media] == ["رسم للحقيبة", None]
    assert {file["file"].encode("latin-1") for file in fake.api.media.values()} == {PICTURE.content}


def test_a_picture_still_being_worked_on_is_waited_for_elsewhere_and_uploaded_once(
    fake: FakeMastodon, us: Account
) -> None:
    fake.api.manner, fake.api.work = replace(MASTODON, slow_media=True), 2
    outgoing = answer_to(asked(fake, us), "Is it this one?", images=(PICTURE, PICTURE))
    for _ in range(2):
        error = refusal(us, outgoing)
        assert (error.code, error.permanent, error.retry_after) == ("media_processing", False, 5)
    Mastodon(us).reply(outgoing)
    assert len(fake.api.media) == len(ours(fake)[0].media) == 2


def test_an_upload_the_server_has_lost_is_made_again(fake: FakeMastodon, us: Account) -> None:
    fake.api.manner = replace(MASTODON, slow_media=True)
    outgoing = answer_to(asked(fake, us), "Is it this one?", images=(PICTURE,))
    refusal(us, outgoing)
    fake.api.media.clear()
    refusal(us, outgoing)
    Mastodon(us).reply(outgoing)
    assert len(ours(fake)[0].media) == 1


def test_an_upload_that_broke_off_leaves_no_doubt_about_the_answer(fake: FakeMastodon, us: Account) -> None:
    outgoing = answer_to(asked(fake, us), "Is it this one?", images=(PICTURE,))
    fake.fault("drop", on="POST /api/v2/media", applied=True)
    error = refusal(us, outgoing)
    assert (type(error), error.code) == (PlatformError, "unreachable")
