"""The lists that Bluesky keeps for us, page by page: notifications, and what a search finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.platforms.base import Json, PlatformError
from ingest.platforms.bluesky.parse import uri_of
from ingest.platforms.bluesky.session import Entrance
from ingest.platforms.bluesky.walk import WORD
from ingest.platforms.bluesky.wire import DOWN_WAIT, Call

REASONS = ("mention", "reply", "quote")
PAGE_SIZE = 100
# As many uris as getPosts takes.
AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Listed:
    """One page as it was told, newest first, and the token of the one that follows it."""

    items: list[Any]
    token: str

    @property
    def uris(self) -> list[str]:
        """What is on it."""
        return [uri for uri in map(uri_of, self.items) if uri]

    def only(self, uris: Iterable[str]) -> list[Any]:
        """The items of these uris, once each, and those that have none."""
        wanted = set(uris)
        items = {uri_of(item): item for item in reversed(self.items) if uri_of(item) in wanted}
        return [*reversed(items.values()), *(item for item in self.items if not uri_of(item))]


class Lists:
    """Reads them in the account's name."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def page(self, source: str, token: str, since: datetime | None = None) -> Listed:
        """One page of a list named as bluesky_walk names them. `since` spares a search what is older."""
        params: Json = {"limit": PAGE_SIZE, **({"cursor": token} if token else {})}
        if source.startswith(WORD):
            params |= {"q": source.removeprefix(WORD), "sort": "latest"}
            params |= {"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")} if since else {}
            answer, name = self._entrance.send(Call("app.bsky.feed.searchPosts", params)), "posts"
        else:
            call = Call("app.bsky.notification.listNotifications", {**params, "reasons": REASONS})
            answer, name = self._entrance.send(call), "notifications"
        items, following = answer.get(name), str(answer.get("cursor") or "")
        if not isinstance(items, list):
            raise PlatformError("garbled_answer", f"There are no {name} in it", retry_after=DOWN_WAIT)
        if following and following == token:
            raise PlatformError("garbled_answer", "It names the same page as the next one", retry_after=DOWN_WAIT)
        return Listed([item for item in items if _wanted(item)], following)

    def filled(self, items: list[Any]) -> list[Any]:
        """The same items with what a notification leaves out: pictures, figures, whether we may answer.

        A nicety: where it cannot be had, the items come as they are.
        """
        bare = [uri_of(item) for item in items if isinstance(item, dict) and "reason" in item]
        views: dict[str, Json] = {}
        for start in range(0, len(bare), AT_ONCE):
            try:
                told = self._entrance.send(Call("app.bsky.feed.getPosts", {"uris": bare[start : start + AT_ONCE]}))
            except PlatformError:
                break
            posts = told.get("posts")
            views |= {uri_of(view): view for view in posts if uri_of(view)} if isinstance(posts, list) else {}
        return [{**item, **views[uri_of(item)]} if uri_of(item) in views else item for item in items]


def _wanted(item: Any) -> bool:
    """Servers that do not know the filter tell of likes and new followers too."""
    return not isinstance(item, dict) or "reason" not in item or item["reason"] in REASONS
