"""Reading one of X's lists from its newest post down to the last one known, page by page.

X tells the newest first. The mark (`since_id`) moves only when a walk has ended, to the newest post of its first
page: a walk broken off is taken up again where it was, and misses no newcomer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ingest.platforms.base import Json, PlatformError
from ingest.platforms.x.parse import Found, age

Ask = Callable[[Json], tuple[Found, Mapping[str, int]]]
"""Asks for the page of a walk (`since_id`, `next_token`); returns it and what it cost."""
NOTHING = Found((), (), "", "")


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a walk and the cursor after it."""

    found: Found
    cursor: Json
    charged: Mapping[str, int] = field(default_factory=dict)

    @property
    def more(self) -> bool:
        """Whether the walk goes on."""
        return "pending" in self.cursor


def step(cursor: Json, ask: Ask, *, marks_expire: bool = False) -> Step:
    """The next page after this cursor: {}, {"since_id"}, or with the walk under way as "pending".

    `marks_expire`: X refuses a mark that is too old. Then all it still has is read.
    """
    walk = cursor.get("pending") or {"newest_id": "", "next_token": "", "since_id": cursor.get("since_id", "")}
    try:
        found, charged = ask(walk)
    except PlatformError as error:
        again = _begun_again(walk, error, marks_expire=marks_expire)
        if again is None:
            raise
        return Step(NOTHING, {**cursor, "pending": again})
    if found.next_token and found.next_token == walk["next_token"]:
        raise PlatformError("garbled_answer", "X names the same page as the next one", retry_after=60)
    return Step(found, _advanced(cursor, walk, found), charged)


def _begun_again(walk: Json, error: PlatformError, *, marks_expire: bool) -> Json | None:
    """The walk to take up after a refusal, once. What is stored already is known by its id."""
    if error.code != "rejected":
        return None
    if walk["next_token"] and not walk.get("restarted"):
        # X forgets page tokens.
        return {**walk, "newest_id": "", "next_token": "", "restarted": True}
    if marks_expire and walk["since_id"] and not walk["next_token"]:
        return {"newest_id": "", "next_token": "", "since_id": ""}
    return None


def _advanced(cursor: Json, walk: Json, found: Found) -> Json:
    newest = walk["newest_id"] or found.newest_id
    if found.next_token:
        return {**cursor, "pending": {**walk, "newest_id": newest, "next_token": found.next_token}}
    since = max(newest, walk["since_id"], key=age)
    return {"since_id": since} if since else {}
