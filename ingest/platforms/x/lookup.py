"""Posts asked for by their ids: how they stand now, and which are gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.platforms.base import Json, LookedUp, Post
from ingest.platforms.told import clean
from ingest.platforms.x import prices as x_prices
from ingest.platforms.x.calls import Calls
from ingest.platforms.x.parse import read_looked_up, versions

AT_ONCE = 100
LONGEST_ID = 19
ASKED_BY = {"id", "ids"}


def look_up(calls: Calls, ids: Sequence[str]) -> LookedUp:
    """How these posts stand now; of an edited one its newest version, under the id it began with.

    X tells an old version where an old id is asked for, so what was edited since is asked for once more.
    """
    told = _ask(calls, ids)
    newest = {versions(post.raw)[-1]: post for post in told.posts}
    edited = {newer: post for newer, post in newest.items() if newer != post.raw["id"]}
    if not edited:
        return LookedUp(told.posts, told.gone, told.charged, calls.room)
    again = _ask(calls, list(edited))
    posts = {post.external_id: post for post in (*told.posts, *again.posts)}
    gone = {str(edited[newer].raw["id"]) for newer in again.gone}
    for newer in again.gone:
        posts.pop(edited[newer].external_id, None)
    charged = x_prices.together(told.charged, again.charged)
    return LookedUp(tuple(posts.values()), told.gone | gone, charged, calls.room)


@dataclass(frozen=True, slots=True)
class _Told:
    posts: tuple[Post, ...]
    gone: frozenset[str]
    charged: Mapping[str, int]


def _ask(calls: Calls, ids: Iterable[str]) -> _Told:
    """One call. An id that is none of a post (a direct message's) would spoil the whole of it, and is left out."""
    asked = [i for i in dict.fromkeys(ids) if i.isascii() and i.isdecimal() and len(i) <= LONGEST_ID]
    if not asked:
        return _Told((), frozenset(), {})
    answer = calls.posts("/2/tweets", {"ids": ",".join(asked)})
    found = read_looked_up(answer, calls.us)
    gone = frozenset(_gone(clean(answer).get("errors"), set(asked), everybody=calls.reads_as_app))
    return _Told(found.posts, gone, x_prices.of_reading(answer))


def _gone(errors: object, asked: set[str], *, everybody: bool) -> Iterable[str]:
    """Those that X does not find. It also keeps back posts of protected and suspended accounts, which must go here too.

    To an account it says the same of one who has blocked it: only where we read as everybody does is the post hidden.
    """
    reasons = {"resource-not-found", "not-authorized-for-resource"} if everybody else {"resource-not-found"}
    for error in errors if isinstance(errors, list) else ():
        told: Json = error if isinstance(error, dict) else {}
        post_id = str(told.get("resource_id") or told.get("value") or "")
        reason = str(told.get("type") or "").rpartition("/")[2]
        if post_id in asked and told.get("parameter") in ASKED_BY and reason in reasons:
            yield post_id
