"""What stands around a post: the tree that Bluesky tells, and whether an answer would be seen there."""

from ingest.platforms.base import Json
from ingest.platforms.bluesky.parse import dict_of, uri_of

GONE = "app.bsky.feed.defs#notFoundPost"
BLOCKED = "app.bsky.feed.defs#blockedPost"
# Of a thread that many have joined, no more than a person reads.
MOST = 300


def tree_of(node: Json) -> dict[str, Json]:
    """The post views of a tree by their uri: the post, those above it, those below."""
    views: dict[str, Json] = {}
    waiting = [node]
    while waiting and len(views) < MOST:
        here = waiting.pop(0)
        if post := dict_of(here, "post"):
            views[uri_of(post)] = post
        replies = here.get("replies")
        around = [dict_of(here, "parent"), *(replies if isinstance(replies, list) else [])]
        waiting += [near for near in around if isinstance(near, dict) and near]
    return views


def shut(view: Json) -> bool:
    """Whether an answer from us would be hidden: the thread is closed to us, or one of us has blocked the other."""
    between = dict_of(dict_of(view, "author"), "viewer")
    return bool(
        dict_of(view, "viewer").get("replyDisabled")
        or between.get("blockedBy")
        or between.get("blocking")
        or between.get("blockingByList")
    )
