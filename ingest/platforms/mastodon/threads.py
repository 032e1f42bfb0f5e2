"""Threads: no public status says which thread it is in, so the way up to the first post is walked, once per thread."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ingest.platforms.base import BadItem, Json, Page, PlatformError, Post
from ingest.platforms.mastodon.parse import NOT_UNDERSTOOD, bad_item, in_thread, read_status
from ingest.platforms.mastodon.wire import Answer, Wire
from ingest.platforms.told import id_of

STATUSES = "/api/v1/statuses"
# Roots remembered between pages: the threads that people are likely to go on with.
REMEMBERED = 200


class Roots:
    """Which thread a status belongs to. `pairs`: [status id, root id], as a cursor kept them."""

    def __init__(self, wire: Wire, pairs: Iterable[Any] = ()) -> None:
        self._wire = wire
        self._known: dict[str, str] = {str(pair[0]): str(pair[1]) for pair in pairs}

    def pairs(self) -> list[list[str]]:
        """What to keep, oldest first."""
        return [[post_id, root] for post_id, root in self._known.items()][-REMEMBERED:]

    def placed(self, post: Post) -> Post:
        """The post with its thread. Asks the server where a reply's parent is not known; raises PlatformError."""
        root = self._root(post)
        if post.parent_id:
            self._known.setdefault(post.external_id, root)
        if len(self._known) > 2 * REMEMBERED:
            self._known = dict(list(self._known.items())[-REMEMBERED:])
        return in_thread(post, root)

    def _root(self, post: Post) -> str:
        if not post.parent_id:
            return post.external_id
        known = self._known.get(post.external_id) or self._known.get(post.parent_id)
        if known:
            return known
        try:
            above = context(self._wire, post.external_id)["ancestors"]
        except PlatformError as error:
            # One thread that its server cannot tell must not hold up all others: it then begins at the parent.
            if error.code not in {"not_found", "platform_down", "garbled_answer", "forbidden", "rejected"}:
                raise
            above = []
        root = _top(post.parent_id, above)
        self._known.update({id_of(status): root for status in above})
        return root


def _top(parent_id: str, above: list[Json]) -> str:
    """The highest status that can be reached from the parent. Their order in the list is not relied upon."""
    parents = {id_of(status): str(status.get("in_reply_to_id") or "") for status in above}
    at = parent_id
    for _ in parents:
        if not parents.get(at):
            break
        at = parents[at]
    return at


def context(wire: Wire, status_id: str) -> dict[str, list[Json]]:
    """What stands above a status and below it. Raises PlatformError."""
    told = wire.get(f"{STATUSES}/{status_id}/context").one()
    found: dict[str, list[Json]] = {}
    for side in ("ancestors", "descendants"):
        entries = told.get(side)
        found[side] = [entry for entry in entries or [] if isinstance(entry, dict) and entry.get("id")]
    return found


def thread_of(wire: Wire, post: Post, us: str) -> Page:
    """What was said around a post, from the thread's first post on; our own posts are no context, they are ours."""
    top = post.root_id or post.external_id
    try:
        first = wire.get(f"{STATUSES}/{top}")
    except PlatformError as error:
        if error.code != "not_found":
            raise
        # The first post is gone. What is left hangs together around ours.
        top, first = post.external_id, wire.get(f"{STATUSES}/{post.external_id}")
    around = context(wire, top)
    told = [*around["ancestors"], first.one(), *around["descendants"]]
    return _page(told, first, post, us)


def _page(told: list[Json], answer: Answer, post: Post, us: str) -> Page:
    posts: dict[str, Post] = {}
    bad: list[BadItem] = []
    for status in told:
        try:
            found = in_thread(read_status(status, us), post.root_id or post.external_id)
        except NOT_UNDERSTOOD as error:
            bad.append(bad_item(status, error))
            continue
        if found.external_id != post.external_id:
            posts[found.external_id] = replace(found, context=found.author.external_id != us)
    ordered = sorted(posts.values(), key=lambda found: found.posted_at)
    return Page(tuple(ordered), {}, bad=tuple(bad), room=answer.room)
