"""What Radd expects of every platform adapter, as tests.

A test module makes the other side of its platform, a Counterpart, and inherits the tests:

    class TestBluesky(AdapterContract):
        @pytest.fixture
        def counterpart(self) -> Iterator[Counterpart]: ...

A counterpart names the kinds of trouble it can make; the tests that need another kind are skipped, and say so.
"""

import json
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

import pytest

from ingest.platforms.base import Adapter, Cannot, Json, Kind, OutcomeUnknown, Outgoing, PlatformError, Post


class Trouble(StrEnum):
    """What a counterpart can let happen to the next call."""

    DENIED = "denied"  # our credentials are not taken
    LIMITED = "limited"  # too many calls; the platform says when to come back
    LIMITED_SILENTLY = "limited silently"  # too many calls; it does not say
    DOWN = "down"
    GARBLED = "garbled"  # the answer is not what the platform speaks
    STALLED = "stalled"  # no answer, and the connection stays open
    CONFIRMATION_LOST = "confirmation lost"  # our answer is posted, and we are not told
    NEVER_ARRIVED = "never arrived"  # the connection breaks before anything is done
    UNREACHABLE = "unreachable"  # nobody listens


class Counterpart(Protocol):
    """The other side of a platform: people who post there, and a wire that can be cut."""

    troubles: frozenset[Trouble]
    # An answer can be posted, and looked for.
    takes_answers: bool
    # So many posts do not fit on one page.
    many: int
    # Seconds after which an adapter must have given up on a silent platform.
    patience: float

    def adapter(self) -> Adapter:
        """An adapter made anew, as for each piece of work."""
        ...

    def customer_says(self, text: str) -> str:
        """Somebody posts this to us; returns the post's id as the adapter will tell it."""
        ...

    def make(self, trouble: Trouble) -> None:
        """Let this happen to the next call."""
        ...

    def our_answers(self) -> list[str]:
        """The ids of the answers of ours that are on the platform."""
        ...


def walk(adapter: Adapter, cursor: Json) -> tuple[list[Post], Json]:
    """Fetch until nothing more waits. The cursor travels as it does in the database."""
    posts: list[Post] = []
    for _ in range(200):
        page = adapter.fetch(cursor)
        posts += page.posts
        cursor = json.loads(json.dumps(page.cursor))
        if not page.more:
            return posts, cursor
    raise AssertionError("more, and more, without an end")


def answer_to(post: Post, text: str, **changes: object) -> Outgoing:
    """An answer on its way out, under that post."""
    fields: dict[str, object] = {
        "key": f"key of {text}",
        "text": text,
        "parent_id": post.external_id,
        "root_id": post.root_id or post.external_id,
        "conversation_key": post.conversation_key,
        "to_handle": post.author.handle,
        "kind": post.kind,
        "first_tried_at": datetime.now(UTC),
        "parent_raw": post.raw,
    }
    return Outgoing(**{**fields, **changes})


class Needs:
    """Skips what a counterpart cannot show."""

    def trouble(self, counterpart: Counterpart, trouble: Trouble) -> None:
        """Make it, or skip."""
        if trouble not in counterpart.troubles:
            pytest.skip(f"this counterpart cannot make trouble of the kind: {trouble}")
        counterpart.make(trouble)

    def parent(self, counterpart: Counterpart, text: str = "Where is my parcel?") -> Post:
        """A customer's post to answer, read from the platform."""
        if not counterpart.takes_answers:
            pytest.skip("this platform takes no answers")
        said = counterpart.customer_says(text)
        posts, _ = walk(counterpart.adapter(), {})
        return next(post for post in posts if post.external_id == said)


class ReadingContract(Needs):
    """Posts come in whole, in order, once, and again when asked again."""

    def test_what_was_said_comes_in_with_all_that_a_post_needs(self, counterpart: Counterpart) -> None:
        said = counterpart.customer_says("My flight is gone & nobody <answers>. رحلتي اختفت 😤")
        posts, _ = walk(counterpart.adapter(), {})
        post = next(post for post in posts if post.external_id == said)
        assert "My flight is gone & nobody <answers>. رحلتي اختفت 😤" in post.text
        assert post.author.external_id
        assert post.kind in Kind
        assert post.posted_at.tzinfo is not None
        assert post.conversation_key
        assert json.loads(json.dumps(post.raw)) == post.raw

    def test_nothing_comes_in_twice(self, counterpart: Counterpart) -> None:
        counterpart.customer_says("one")
        _, cursor = walk(counterpart.adapter(), {})
        said = counterpart.customer_says("two")
        posts, cursor = walk(counterpart.adapter(), cursor)
        assert [post.external_id for post in posts] == [said]
        assert walk(counterpart.adapter(), cursor) == ([], cursor)

    def test_a_page_whose_cursor_was_never_saved_comes_again(self, counterpart: Counterpart) -> None:
        said = {counterpart.customer_says(f"number {n}") for n in range(3)}
        first, _ = walk(counterpart.adapter(), {})
        again, _ = walk(counterpart.adapter(), {})
        assert said <= {post.external_id for post in first} == {post.external_id for post in again}

    def test_a_page_is_told_oldest_first(self, counterpart: Counterpart) -> None:
        said = [counterpart.customer_says(f"number {n}") for n in range(3)]
        page = counterpart.adapter().fetch({})
        assert [post.external_id for post in page.posts if post.external_id in said] == said

    def test_many_pages_lose_and_double_nothing(self, counterpart: Counterpart) -> None:
        said = [counterpart.customer_says(f"number {n}") for n in range(counterpart.many)]
        posts, cursor = walk(counterpart.adapter(), {})
        told = [post.external_id for post in posts]
        assert len(set(told)) == len(told)
        assert set(said) <= set(told)
        assert walk(counterpart.adapter(), cursor)[0] == []


class TroubleContract(Needs):
    """Whatever goes wrong has a name, says whether to come back, and holds up no worker."""

    def test_refused_credentials_need_a_person(self, counterpart: Counterpart) -> None:
        self.trouble(counterpart, Trouble.DENIED)
        with pytest.raises(PlatformError) as refusal:
            counterpart.adapter().fetch({})
        assert (refusal.value.code, refusal.value.permanent) == ("bad_credentials", True)

    @pytest.mark.parametrize("trouble", [Trouble.LIMITED, Trouble.LIMITED_SILENTLY])
    def test_a_rate_limit_says_when_to_come_back_and_is_never_slept_through(
        self, counterpart: Counterpart, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.trouble(counterpart, trouble)
        naps: list[float] = []
        monkeypatch.setattr(time, "sleep", naps.append)
        with pytest.raises(PlatformError) as limit:
            counterpart.adapter().fetch({})
        assert (limit.value.code, limit.value.permanent, naps) == ("rate_limited", False, [])
        assert limit.value.retry_after is not None
        assert limit.value.retry_after > 0

    @pytest.mark.parametrize(
        ("trouble", "code"),
        [
            (Trouble.DOWN, "platform_down"),
            (Trouble.GARBLED, "garbled_answer"),
            (Trouble.NEVER_ARRIVED, "unreachable"),
            (Trouble.UNREACHABLE, "unreachable"),
        ],
    )
    def test_what_passes_by_itself_is_tried_again(self, counterpart: Counterpart, trouble: Trouble, code: str) -> None:
        self.trouble(counterpart, trouble)
        with pytest.raises(PlatformError) as error:
            counterpart.adapter().fetch({})
        assert (error.value.code, error.value.permanent) == (code, False)
        assert error.value.retry_after

    def test_a_silent_platform_is_given_up_on_in_time(self, counterpart: Counterpart) -> None:
        self.trouble(counterpart, Trouble.STALLED)
        began = time.monotonic()
        with pytest.raises(PlatformError) as error:
            counterpart.adapter().fetch({})
        assert error.value.code == "unreachable"
        assert time.monotonic() - began < counterpart.patience

    def test_after_trouble_the_same_cursor_goes_on(self, counterpart: Counterpart) -> None:
        counterpart.customer_says("one")
        _, cursor = walk(counterpart.adapter(), {})
        said = counterpart.customer_says("two")
        self.trouble(counterpart, Trouble.DOWN)
        with pytest.raises(PlatformError):
            counterpart.adapter().fetch(cursor)
        posts, _ = walk(counterpart.adapter(), cursor)
        assert [post.external_id for post in posts] == [said]


class AnsweringContract(Needs):
    """An answer is posted once, or its state is known to be unknown."""

    def test_an_answer_is_posted_and_found_again(self, counterpart: Counterpart) -> None:
        outgoing = answer_to(self.parent(counterpart), "It is on its way, sorry & thanks. في الطريق إليك 📦")
        assert counterpart.adapter().find_reply(outgoing) is None
        sent = counterpart.adapter().reply(outgoing)
        assert counterpart.our_answers() == [sent.external_id]
        found = counterpart.adapter().find_reply(outgoing)
        assert found is not None
        assert found.external_id == sent.external_id

    def test_another_answer_is_not_taken_for_ours(self, counterpart: Counterpart) -> None:
        parent = self.parent(counterpart)
        counterpart.adapter().reply(answer_to(parent, "It left our house this morning"))
        assert counterpart.adapter().find_reply(answer_to(parent, "It will be with you tomorrow")) is None

    def test_an_answer_from_before_the_first_attempt_is_not_taken_for_ours(self, counterpart: Counterpart) -> None:
        outgoing = answer_to(self.parent(counterpart), "Please send us your booking number")
        counterpart.adapter().reply(outgoing)
        later = answer_to(
            self.parent(counterpart, "And mine?"), outgoing.text, first_tried_at=datetime.now(UTC) + timedelta(hours=1)
        )
        assert counterpart.adapter().find_reply(later) is None

    @pytest.mark.parametrize("trouble", [Trouble.CONFIRMATION_LOST, Trouble.NEVER_ARRIVED, Trouble.STALLED])
    def test_a_send_that_broke_off_is_unknown_and_looking_settles_it(
        self, counterpart: Counterpart, trouble: Trouble
    ) -> None:
        outgoing = answer_to(self.parent(counterpart), "We have refunded you")
        self.trouble(counterpart, trouble)
        with pytest.raises(OutcomeUnknown):
            counterpart.adapter().reply(outgoing)
        found = counterpart.adapter().find_reply(outgoing)
        assert counterpart.our_answers() == ([found.external_id] if found else [])
        assert bool(found) == (trouble is Trouble.CONFIRMATION_LOST)

    def test_a_send_that_reached_nobody_can_be_tried_again_at_once(self, counterpart: Counterpart) -> None:
        outgoing = answer_to(self.parent(counterpart), "We have refunded you")
        self.trouble(counterpart, Trouble.UNREACHABLE)
        with pytest.raises(PlatformError) as error:
            counterpart.adapter().reply(outgoing)
        assert not isinstance(error.value, OutcomeUnknown)
        assert (error.value.code, error.value.permanent) == ("unreachable", False)

    def test_the_platform_can_be_asked_before_anything_is_written(self, counterpart: Counterpart) -> None:
        adapter = counterpart.adapter()
        for kind in Kind:
            for names_us in (True, False):
                assert adapter.can_reply(kind, names_us=names_us) in {None, *Cannot}
        length = adapter.length("Hello")
        assert length.fits
        assert not adapter.length("").fits
        assert not adapter.length("x" * (length.limit + 1)).fits


class AdapterContract(ReadingContract, TroubleContract, AnsweringContract):
    """All of it."""
