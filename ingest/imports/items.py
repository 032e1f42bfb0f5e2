"""A row of a file: the post it holds, or why it holds none."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.platforms.base import Post

# The widths of our own tables.
LONGEST_ID = 512
LONGEST_AUTHOR_ID = 255
MOST_FOLLOWERS = 2**31 - 1
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# A clock may be wrong, but not by more.
FURTHEST_AHEAD = timedelta(days=366)


class BadRow(ValueError):
    """A row that makes no post; the words say why, for a person."""


class UnusableFile(Exception):
    """Nothing of this file can be imported; the words say why, for a person."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a first pass over a file sees of a row: which post, by whom, and whether the file says that it is ours."""

    external_id: str
    author_id: str
    handle: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One row: its line number, the row as it stood, and a post or the reason why there is none.

    `ours`: the file says that the brand wrote it. `double`: the file tells this post at another place as well.
    """

    line: int
    raw: Any
    post: Post | None = None
    reason: str = ""
    ours: bool = False
    double: bool = False

    @property
    def sighting(self) -> Sighting | None:
        """What a first pass needs of it."""
        if self.post is None:
            return None
        author = self.post.author
        return Sighting(self.post.external_id, author.external_id, author.handle, self.ours)


def checked(post: Post, now: datetime) -> Post:
    """The post itself, if our tables can hold it. Raises BadRow."""
    _check_id("id", post.external_id, LONGEST_ID, needed=True)
    _check_id("author id", post.author.external_id, LONGEST_AUTHOR_ID, needed=True)
    for name, value in (
        ("conversation key", post.conversation_key),
        ("parent id", post.parent_id),
        ("root id", post.root_id),
        ("ref id", post.ref_id),
    ):
        _check_id(name, value, LONGEST_ID)
    if not 0 <= (post.author.followers or 0) <= MOST_FOLLOWERS:
        raise BadRow(f"the number of followers cannot be {post.author.followers}")
    if not EARLIEST <= post.posted_at <= now + FURTHEST_AHEAD:
        raise BadRow(f"the date is out of range: {post.posted_at.isoformat()}")
    return post


def _check_id(name: str, value: str, longest: int, *, needed: bool = False) -> None:
    if needed and not value:
        raise BadRow(f"the {name} is missing")
    if len(value) > longest:
        raise BadRow(f"the {name} is longer than {longest} characters")
    if "\x00" in value or not value.isprintable():
        raise BadRow(f"the {name} holds characters that no id has")


def printable(raw: str) -> str:
    """Raw text as a rejects file can hold it: bytes that are no text are shown as \\x.. or \\udc.. ."""
    return raw.encode("utf-8", "backslashreplace").decode("utf-8")
