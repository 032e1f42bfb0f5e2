"""The walk through Bluesky's lists ends, forgets the oldest, and always comes back to the top."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import Json
from ingest.platforms.bluesky.walk import (
    DEEP,
    DEEP_A_LOOK,
    DEEP_EVERY,
    DEEP_PAGES,
    FIRST_PAGES,
    FOUND_PAGES,
    KEPT,
    NOTIFICATIONS,
    Walk,
    pack,
    print_of,
    prints,
)

NOW = 1_800_000_000.0


def look(cursor: Json, lists: dict[str, list[str]], now: float = NOW, size: int = 3) -> tuple[Json, int]:
    """One look at these lists; returns the cursor and the pages it took. Words have lists of their own names."""
    words = [name.removeprefix("word:") for name in lists if name.startswith("word:")]
    for taken in range(1, 10_000):
        walk = Walk(cursor, words, now)
        posts = lists[NOTIFICATIONS if walk.source == DEEP else walk.source]
        at = int(walk.token or 0)
        step = walk.after(posts[at : at + size], str(at + size) if at + size < len(posts) else "")
        cursor = step.cursor
        if not step.more:
            return cursor, taken
    raise AssertionError("without an end")


def many(name: str, count: int) -> list[str]:
    return [f"at://{name}/{n}" for n in range(count)]


def test_the_first_look_reads_no_more_than_its_share_of_a_long_past() -> None:
    cursor, pages = look({}, {NOTIFICATIONS: many("old", 1000)})
    assert pages == FIRST_PAGES
    assert len(prints(cursor["seen"][NOTIFICATIONS])) == 3 * FIRST_PAGES


def test_after_an_outage_everything_that_was_missed_is_walked() -> None:
    cursor, _ = look({}, {NOTIFICATIONS: many("old", 10)})
    _, pages = look(cursor, {NOTIFICATIONS: many("new", 300) + many("old", 10)})
    assert pages == 300 // 3 + 1


def test_a_word_that_everybody_says_is_given_up_in_time() -> None:
    cursor, pages = look({}, {NOTIFICATIONS: [], "word:a": many("old", 100)})
    assert pages == 1 + 1
    _, pages = look(cursor, {NOTIFICATIONS: [], "word:a": many("new", 1000)})
    assert pages == 1 + FOUND_PAGES


def test_the_deep_walk_ends_after_its_pages_and_comes_back_in_an_hour() -> None:
    lists = {NOTIFICATIONS: many("old", 1000)}
    cursor, _ = look({}, lists)
    now, looks = NOW + DEEP_EVERY, 1
    cursor, _ = look(cursor, lists, now)
    while "deep" in cursor:
        now, looks = now + 60, looks + 1
        cursor, _ = look(cursor, lists, now)
    assert looks == DEEP_PAGES // DEEP_A_LOOK
    assert look(cursor, lists, now)[1] == 1
    assert look(cursor, lists, NOW + 2 * DEEP_EVERY)[1] == 1 + DEEP_A_LOOK


@given(st.lists(st.integers(0, 60), max_size=40), st.lists(st.integers(0, 60), max_size=40), st.integers(1, 60))
def test_packing_keeps_the_first_of_each_and_the_order(first: list[int], then: list[int], most: int) -> None:
    both = [[print_of(f"at://{n}") for n in numbers] for numbers in (first, then)]
    packed = prints(pack(*both, most))
    assert packed == list(dict.fromkeys([*both[0], *both[1]]))[:most]


def test_what_is_remembered_is_bounded_and_the_top_of_the_list_stays() -> None:
    lists = {NOTIFICATIONS: many("old", 6000)}
    cursor, _ = look({"seen": {NOTIFICATIONS: ""}, "deep_at": NOW}, lists, size=100)
    top = lists[NOTIFICATIONS][: KEPT[NOTIFICATIONS]]
    assert prints(cursor["seen"][NOTIFICATIONS]) == [print_of(uri) for uri in top]
    assert look(cursor, lists, size=100)[1] == 1
