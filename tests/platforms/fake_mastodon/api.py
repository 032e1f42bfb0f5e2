"""The operations of the fake server."""

import re
import unicodedata
from typing import Any
from urllib.parse import unquote

from tests.platforms.fake_mastodon import render
from tests.platforms.fake_mastodon.manners import Manner
from tests.platforms.fake_mastodon.oauth import OAuth
from tests.platforms.fake_mastodon.world import BRAND, DOMAIN, TOKEN, World

Json = dict[str, Any]
Query = list[tuple[str, str]]
LINK = re.compile(r"https?://\S+")
HOST = re.compile(r"(@\w+)@[\w.-]*\w")


class Reply:
    """An answer: its status, its JSON, and the query of the pages around it."""

    def __init__(self, status: int, body: Any, **links: str) -> None:
        self.status = status
        self.body = body
        self.links = {name: query for name, query in links.items() if query}


def error(status: int, words: str) -> Reply:
    """A refusal."""
    return Reply(status, {"error": words})


GONE = error(404, "Record not found")


class Api:
    """`posted`: what each call to post asked for. `work`: looks at an upload until it is ready."""

    def __init__(self, world: World, manner: Manner) -> None:
        self.world = world
        self.manner = manner
        self.tokens = {TOKEN}
        self.oauth = OAuth(self.tokens)
        self.work = 1
        self.posted: list[dict[str, str]] = []
        self.media: dict[str, Json] = {}
        self.streaming = ""
        self._keys: dict[str, str] = {}

    def call(self, token: str, method: str, path: str, query: Query, form: Query, key: str) -> Reply:
        """Do what is asked."""
        if path in {"/api/v1/instance", "/api/v2/instance"}:
            return self._instance(int(path[6]))
        if method == "POST" and path in {"/api/v1/apps", "/oauth/token"}:
            take = self.oauth.token if path == "/oauth/token" else self.oauth.register
            return Reply(*take(dict(form)))
        if token not in self.tokens:
            return error(*self.manner.no_token)
        asked = dict(query)
        with self.world.lock:
            if method == "POST":
                return self._post(form, key) if path == "/api/v1/statuses" else self._upload(path, form)
            if path == "/api/v1/accounts/verify_credentials":
                return Reply(200, render.user_json(BRAND))
            if path == "/api/v1/notifications":
                return self._told([value for name, value in query if name == "types[]"], asked)
            if match := re.fullmatch(r"/api/v1/timelines/tag/([^/]+)", path):
                return self._tagged(unquote(match[1]), asked)
            if match := re.fullmatch(r"/api/v1/accounts/(\w+)/statuses", path):
                mine = self.world.timeline(self.world.users[match[1]])
                return self._page(asked, [(s.id, render.status_json(self.world, s)) for s in mine])
            if match := re.fullmatch(r"/api/v1/media/(\w+)", path):
                return self._media(match[1])
            if match := re.fullmatch(r"/api/v1/statuses/(\w+)(/context)?", path):
                return self._status(match[1], around=bool(match[2]))
        return GONE

    # --- reading ------------------------------------------------------------------------------------------------------
    def _instance(self, edition: int) -> Reply:
        manner = self.manner
        if edition > manner.edition:
            return GONE
        statuses = {"max_characters": manner.max_chars, "characters_reserved_per_url": 23}
        if edition == 1:
            told = {"uri": DOMAIN, "version": manner.version, "urls": {"streaming_api": self.streaming}}
            return Reply(200, {**told, "max_toot_chars": manner.max_chars})
        urls = {"streaming": self.streaming}
        limits = {"urls": urls, "statuses": statuses, "media_attachments": {"description_limit": 1500}}
        told = {"domain": DOMAIN, "version": manner.version, "configuration": limits}
        return Reply(200, {**told, "api_versions": {"mastodon": manner.api}})

    def _told(self, kinds: list[str], asked: dict[str, str]) -> Reply:
        if "quote" in kinds and self.manner.api < 7:
            return error(422, "Invalid value for enum")
        shown = [told for told in reversed(self.world.told) if not kinds or told.kind in kinds]
        return self._page(asked, [(told.id, render.told_json(self.world, told)) for told in shown])

    def _tagged(self, tag: str, asked: dict[str, str]) -> Reply:
        if not self.manner.tags:
            return GONE
        return self._page(asked, [(s.id, render.status_json(self.world, s)) for s in self.world.tagged(tag)])

    def _page(self, asked: dict[str, str], newest_first: list[tuple[str, Any]]) -> Reply:
        """One page of a list. min_id: the oldest ones that are newer; since_id: the newest ones."""
        limit = min(int(asked.get("limit", "20")), self.manner.page_cap)
        shown = newest_first
        for name in ("min_id", "since_id"):
            if name in asked:
                shown = [entry for entry in shown if _age(entry[0]) > _age(asked[name])]
        if "max_id" in asked:
            shown = [entry for entry in shown if _age(entry[0]) < _age(asked["max_id"])]
        shown = shown[-limit:] if "min_id" in asked else shown[:limit]
        if not (shown and self.manner.links):
            return Reply(200, [entry[1] for entry in shown])
        older = f"max_id={shown[-1][0]}" if len(shown) == limit else ""
        return Reply(200, [entry[1] for entry in shown], next=older, prev=f"min_id={shown[0][0]}")

    def _status(self, status_id: str, *, around: bool) -> Reply:
        status = self.world.visible(status_id)
        if status is None:
            return GONE
        if not around:
            return Reply(200, render.status_json(self.world, status))
        above = self.world.above(status)
        above = above if self.manner.root_first else above[::-1]
        told = {"ancestors": above, "descendants": self.world.below(status)}
        return Reply(200, {side: [render.status_json(self.world, s) for s in found] for side, found in told.items()})

    # --- writing ------------------------------------------------------------------------------------------------------
    def _post(self, form: Query, key: str) -> Reply:
        asked = dict(form)
        self.posted.append({**asked, "key": key})
        if self.manner.keeps_keys and key in self._keys:
            return self._status(self._keys[key], around=False)
        parent = self.world.visible(asked.get("in_reply_to_id", ""))
        if parent is None:
            return error(404, "The post you are trying to reply to does not appear to exist.")
        if self.length(asked["status"]) > self.manner.max_chars:
            return error(*self.manner.too_long)
        files = [self.media[value] for name, value in form if name == "media_ids[]"]
        if any(file["left"] > 0 for file in files):
            return error(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        made = self.world.post(
            BRAND,
            asked["status"],
            reply_to=parent.id,
            visibility=asked.get("visibility", "public"),
            language=asked.get("language"),
            plain=not self.manner.markdown or asked.get("content_type") == "text/plain",
            media=[{"id": file["id"], "type": "image", "url": None, "description": file["alt"]} for file in files],
        )
        self._keys[key] = made.id
        return self._status(made.id, around=False)

    def length(self, text: str) -> int:
        """How long this server takes a text to be."""
        if self.manner.counts_all:
            return len(text)
        text = HOST.sub(r"\1", LINK.sub("x" * 23, text))
        return sum(not unicodedata.combining(letter) for letter in text)

    def _upload(self, path: str, form: Query) -> Reply:
        if path != "/api/v1/media" and (path != "/api/v2/media" or self.manner.media_edition < 2):
            return GONE
        slow = self.manner.slow_media and path == "/api/v2/media"
        media_id = str(5000 + len(self.media))
        asked = dict(form)
        file = {
            "id": media_id,
            "left": self.work if slow else 0,
            "alt": asked.get("description"),
            "file": asked["file"],
        }
        self.media[media_id] = file
        return Reply(202 if slow else 200, {"id": media_id, "type": "image", "url": None if slow else "https://f"})

    def _media(self, media_id: str) -> Reply:
        file = self.media.get(media_id)
        if file is None:
            return GONE
        file["left"] -= 1
        working = file["left"] > 0
        return Reply(206 if working else 200, {"id": media_id, "url": None if working else "https://f"})


def _age(known_id: str) -> tuple[int, str]:
    return len(known_id), known_id
