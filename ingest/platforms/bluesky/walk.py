"""Where a look at Bluesky stands: pure, a cursor in, a cursor out.

Bluesky lists the newest first, and by the time the author claims: a mention dated 2020 comes at the far end. So nothing
is resumed by time. Each list is walked from its top until a full page of posts that are all known, and once an hour
the notifications are read deeper whatever is known there. What is known is remembered by short prints, of the newest
posts of each list only; beyond that depth the firehose alone can tell of a backdated post.

The cursor: `seen` {list: prints, newest first}, `deep_at` (when the last deeper walk began, in seconds), `deep` (how
far it is: `token`, `pages`), `look` (a look under way: `list`, `token`, `found`, `pages`, `again`).
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.platforms.base import Json

NOTIFICATIONS, DEEP, WORD = "notifications", "deep", "word:"
PRINT = 8
DEEP_EVERY = 3600.0
# Pages of a hundred. The deeper walk reads a few at each look, so that new posts never wait for it.
FIRST_PAGES, DEEP_PAGES, DEEP_A_LOOK = 25, 20, 4
# A word that is new to us brings one page of the past; one that we follow, what it missed.
FIRST_FOUND_PAGES, FOUND_PAGES = 1, 20
# How many posts of each list are remembered: more than the deeper walk reads, as posts are deleted above others.
KEPT = {NOTIFICATIONS: 2_500, DEEP: 500}
KEPT_OF_A_WORD = 500


def print_of(uri: str) -> str:
    """48 bits of a uri: of 2,500 posts that we know, one in a hundred thousand million others looks like one."""
    return base64.urlsafe_b64encode(hashlib.blake2b(uri.encode(), digest_size=6).digest()).decode()


def prints(packed: str) -> list[str]:
    """The prints of a packed list."""
    return [packed[at : at + PRINT] for at in range(0, len(packed), PRINT)]


def pack(first: Sequence[str], then: Sequence[str], most: int) -> str:
    """Both lists as one, each print once, no more than `most`."""
    return "".join(list(dict.fromkeys([*first, *then]))[:most])


@dataclass(frozen=True, slots=True)
class Step:
    """The cursor after a page, and whether another page waits."""

    cursor: Json
    more: bool


class Walk:
    """One page's place in the look. `words`: what is searched for; `now`: seconds since 1970."""

    def __init__(self, cursor: Json, words: Sequence[str], now: float) -> None:
        self._cursor = cursor
        self._now = now
        self._plan = [NOTIFICATIONS, *(WORD + word for word in words)]
        # At the very first look the walk down the notifications is the deep one.
        if "deep" in cursor or now - cursor.get("deep_at", now) >= DEEP_EVERY:
            self._plan.append(DEEP)
        look = cursor.get("look") or {}
        self._look = look if look.get("list") in self._plan else self._begin(NOTIFICATIONS)
        followed = {DEEP, *self._plan}
        self._seen: dict[str, str] = {name: kept for name, kept in cursor.get("seen", {}).items() if name in followed}
        self._known = {mark for packed in self._seen.values() for mark in prints(packed)}

    @property
    def source(self) -> str:
        """The list whose page is next: NOTIFICATIONS, DEEP (the same, deeper), or WORD and a word."""
        return str(self._look["list"])

    @property
    def token(self) -> str:
        """The page of it, in the platform's words; empty for the first."""
        return str(self._look["token"])

    def new(self, uris: Sequence[str]) -> list[str]:
        """Those of a page that are not known yet, each once."""
        told = self._known | set(prints(self._look["found"]))
        return [uri for uri in dict.fromkeys(uris) if print_of(uri) not in told]

    def again(self) -> Step | None:
        """The platform has forgotten the page: begin this list anew, once."""
        if not self.token or self._look.get("again"):
            return None
        cursor = {**self._cursor, "look": {**self._look, "token": "", "pages": 0, "again": True}}
        if self.source == DEEP:
            cursor["deep"] = {"token": "", "pages": 0}
        return Step(cursor, more=True)

    def after(self, uris: Sequence[str], token: str) -> Step:
        """Where things stand once the page with these posts is stored. `token`: the page that follows it, if any."""
        found = [*prints(self._look["found"]), *map(print_of, self.new(uris))][: KEPT[NOTIFICATIONS]]
        look = {**self._look, "token": token, "found": "".join(found), "pages": self._look["pages"] + 1}
        cursor = {**self._cursor, "seen": self._seen, "look": look}
        deep = None
        if self.source == DEEP:
            deep = {"token": token, "pages": self._cursor.get("deep", {}).get("pages", 0) + 1}
            cursor |= {"deep": deep, "deep_at": self._cursor["deep_at"] if "deep" in self._cursor else int(self._now)}
        cursor.setdefault("deep_at", int(self._now))
        if not self._ends(uris, token, look["pages"], deep):
            return Step(cursor, more=True)
        if deep and (not token or deep["pages"] >= DEEP_PAGES):
            del cursor["deep"]
        return self._next_list(cursor, found)

    def _ends(self, uris: Sequence[str], token: str, pages: int, deep: Json | None) -> bool:
        if not token:
            return True
        if deep:
            return pages >= DEEP_A_LOOK or int(deep["pages"]) >= DEEP_PAGES
        first = self.source not in self._seen
        if self.source == NOTIFICATIONS:
            most = FIRST_PAGES if first else None
        else:
            most = FIRST_FOUND_PAGES if first else FOUND_PAGES
        all_known = bool(uris) and all(print_of(uri) in self._known for uri in uris)
        return all_known or (most is not None and pages >= most)

    def _next_list(self, cursor: Json, found: Sequence[str]) -> Step:
        kept = KEPT.get(self.source, KEPT_OF_A_WORD)
        cursor["seen"] = {**self._seen, self.source: pack(found, prints(self._seen.get(self.source, "")), kept)}
        coming = self._plan[self._plan.index(self.source) + 1 :]
        if not coming:
            del cursor["look"]
            return Step(cursor, more=False)
        return Step({**cursor, "look": self._begin(coming[0])}, more=True)

    def _begin(self, name: str) -> Json:
        token = self._cursor.get("deep", {}).get("token", "") if name == DEEP else ""
        return {"list": name, "token": token, "found": "", "pages": 0}
