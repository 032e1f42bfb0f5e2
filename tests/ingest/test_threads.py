"""Threading: posts of one thread share a key, and every post has one."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import Author, Kind, Post
from ingest.threads import conversation_key
from tests.cast import now

ids = st.text(max_size=20)


def a_post(external_id: str, **fields: str) -> Post:
    return Post(external_id, Author("a"), Kind.MENTION, "text", now(), **fields)


def test_the_platforms_own_thread_comes_first_then_the_root_then_the_parent_then_the_post() -> None:
    known = {"conversation_key": "thread", "root_id": "root", "parent_id": "parent"}
    assert conversation_key(a_post("self", **known)) == "thread"
    assert conversation_key(a_post("self", root_id="root", parent_id="parent")) == "root"
    assert conversation_key(a_post("self", parent_id="parent")) == "parent"
    assert conversation_key(a_post("self")) == "self"


def test_a_first_post_and_its_replies_share_a_thread_where_only_roots_are_told() -> None:
    assert conversation_key(a_post("1")) == conversation_key(a_post("2", root_id="1", parent_id="1"))


@given(st.text(min_size=1, max_size=2000), ids, ids, st.text(max_size=2000))
def test_every_post_has_a_key_that_fits_its_column(external_id: str, thread: str, root: str, parent: str) -> None:
    key = conversation_key(a_post(external_id, conversation_key=thread, root_id=root, parent_id=parent))
    assert 0 < len(key) <= 512
