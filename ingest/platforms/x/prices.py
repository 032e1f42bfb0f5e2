"""What X charges for, by the names of its price list: each resource that an answer returns, and each post made."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from twitter_text import extract_urls

from ingest.platforms.base import Json, Outgoing
from ingest.platforms.x.parse import INCLUDED_POSTS, untangled

POST_READ = "post_read"
OWN_MENTION_READ = "own_mention_read"
USER_READ = "user_read"
DM_READ = "dm_read"
POST_CREATE = "post_create"
POST_CREATE_WITH_URL = "post_create_with_url"
POST_CREATE_SUMMONED = "post_create_summoned"
DM_CREATE = "dm_create"
POST_EVENT = "post_event"
DM_EVENT = "dm_event"


def of_reading(answer: Json, item: str = POST_READ) -> dict[str, int]:
    """What an answer costs whose `data` are such items.

    X says that it charges "per resource returned": authors and quoted posts that came along are counted too.
    """
    includes = answer.get("includes")
    along = includes if isinstance(includes, dict) else {}
    data = answer.get("data")
    items = data if isinstance(data, list) else [data] if isinstance(data, dict) else []
    known = _ids(items)
    counts = Counter({item: len(items)})
    counts[POST_READ] += len(_ids(entry for name in INCLUDED_POSTS for entry in along.get(name) or []) - known)
    counts[USER_READ] += len(_ids(along.get("users") or []))
    return {name: count for name, count in counts.items() if count}


def of_sending(outgoing: Outgoing, *, summoned: bool) -> dict[str, int]:
    """What an answer costs. One with a link costs the most, whoever asked for it."""
    if extract_urls(untangled(outgoing.text)):
        return {POST_CREATE_WITH_URL: 1}
    return {POST_CREATE_SUMMONED if summoned else POST_CREATE: 1}


def together(*counts: Mapping[str, int]) -> dict[str, int]:
    """The sum of several."""
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)


def _ids(entries: Any) -> set[str]:
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and entry.get("id")}
