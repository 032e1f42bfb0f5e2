"""The light pass: doubles and roots, in the memory of a few numbers a row."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.imports.surveys import Repeats, Threads


@given(ids=st.lists(st.text(max_size=3)))
def test_the_second_of_an_id_and_all_later_are_repeats(ids: list[str]) -> None:
    repeats = Repeats()
    for external_id in ids:
        repeats.note(external_id)
    repeats.close()
    assert [repeats.is_repeat(external_id) for external_id in ids] == [
        external_id in ids[:place] for place, external_id in enumerate(ids)
    ]


# Every post answers an older one: links always lead to an end.
trees = st.dictionaries(st.integers(1, 60), st.integers(0, 59)).map(
    lambda links: {child: parent for child, parent in links.items() if parent < child}
)


@given(links=trees)
def test_a_root_is_where_the_links_end(links: dict[int, int]) -> None:
    threads = Threads()
    for child, parent in links.items():
        threads.note(child, parent)
    threads.close()
    for post_id in range(62):
        root = post_id
        while root in links:
            root = links[root]
        assert threads.root(post_id) == root


def test_a_long_thread_and_a_circle_come_to_an_end() -> None:
    threads = Threads()
    for number in range(1, 5000):
        threads.note(number, number - 1)
    threads.note(9001, 9002)
    threads.note(9002, 9001)
    threads.close()
    assert threads.root(4999) == 0
    assert threads.root(9001) in {9001, 9002}
