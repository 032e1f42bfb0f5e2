"""What the fake X pushes: events of accounts that are followed, and posts that rules find, on streams and webhooks."""

import base64
import hmac
import json
import queue
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import requests

from tests.platforms.fake_x import render, search
from tests.platforms.fake_x.media import Media
from tests.platforms.fake_x.world import BRAND, NAMED, FakePost, FakeUser, World

Json = dict[str, Any]
FIELDS = {
    "tweet.fields": "author_id,conversation_id,created_at,entities,in_reply_to_user_id,lang,note_tweet,public_metrics,"
    "referenced_tweets,edit_controls",
    "user.fields": "profile_image_url,public_metrics,verified,verified_type",
    "expansions": "author_id,referenced_tweets.id",
}
END = object()


@dataclass
class Stream:
    """An open connection: what waits to be written on it, and the fields its posts are told with."""

    filtered: bool
    fields: dict[str, str]
    waiting: "queue.SimpleQueue[Any]" = field(default_factory=queue.SimpleQueue)


class Activity:
    """`keep_alive`: seconds between empty lines, None for none at all. `offered`: kinds that can be followed."""

    def __init__(self, world: World, secret: str) -> None:
        self.world = world
        self.keep_alive: float | None = 20.0
        self.offered: set[str] | None = None
        self.streams: list[Stream] = []
        self.subscriptions: list[Json] = []
        self.rules: list[Json] = []
        self.webhooks: dict[str, Json] = {}
        # Every event as it was told, and (status, body) of each webhook call.
        self.told: list[Json] = []
        self.answers: list[tuple[int, str]] = []
        # Pictures that messages may hold.
        self.media: Media | None = None
        self._secret = secret.encode()
        self._count = 0
        world.listeners.append(self._happened)

    def signature(self, body: bytes) -> str:
        """As X signs."""
        return "sha256=" + base64.b64encode(hmac.new(self._secret, body, sha256).digest()).decode()

    # --- events -----------------------------------------------------------------------------------------------------
    def event(self, kind: str, payload: Json, includes: Json | None = None, uuid: str = "") -> Json:
        """An event of the brand's account."""
        told: Json = {"event_uuid": uuid or self._number(), "filter": {"user_id": BRAND.id}, "event_type": kind}
        return {"data": {**told, "payload": payload, **({"includes": includes} if includes else {})}}

    def post_event(self, kind: str, post: FakePost) -> Json:
        """An event about a post. As on X it has the post's own id."""
        page = render.page(self.world, [post], FIELDS)
        return self.event(kind, page["data"][0], page.get("includes"), uuid=post.id)

    def message(self, sender: FakeUser, text: str, to: FakeUser = BRAND) -> Json:
        """A direct message to the brand, told to who follows them."""
        told: Json = {
            "type": "message_create", "id": self.world.new_id(), "created_timestamp": str(int(time.time() * 1000)),
            "message_create": {
                "target": {"recipient_id": to.id}, "sender_id": sender.id,
                "message_data": {"text": render.escaped(text), "entities": {}},
            },
        }  # fmt: skip
        self.world.messages.append(
            {"id": told["id"], "from": sender.id, "to": to.id, "text": text, "at": datetime.now(UTC)}
        )
        people = {
            user.id: {
                "id": user.id, "screen_name": user.handle, "name": user.name, "followers_count": user.followers,
                "profile_image_url_https": "https://pbs.twimg.com/face.jpg",
            }
            for user in (sender, to)
        }  # fmt: skip
        event = self.event("dm.received", {"direct_message_events": [told], "users": people})
        self._tell(event)
        return event

    def push(self, told: Any) -> None:
        """Write this on every open stream."""
        for stream in list(self.streams):
            stream.waiting.put(told)

    def cut(self) -> None:
        """End every open stream."""
        self.push(END)

    def _happened(self, what: str, post: FakePost) -> None:
        if what == "delete":
            # An account follows the deletion of its own posts.
            if post.author.id == BRAND.id:
                self._tell(self.event("post.delete", {"id": post.id, "author_id": post.author.id}))
            return
        parent, quoted = self.world.posts.get(post.reply_to), self.world.posts.get(post.quotes)
        named = BRAND.handle.lower() in {name.lower() for name in NAMED.findall(post.text)}
        # A name that X itself put in front of a reply fires no mention.
        kinds = {
            "post.mention.create": named and not (parent and parent.author.id == BRAND.id),
            "post.reply.create": bool(parent and parent.author.id == BRAND.id),
            "post.quote.create": bool(quoted and quoted.author.id == BRAND.id),
        }
        for kind, fires in kinds.items():
            if fires and post.author.id != BRAND.id:
                self._tell(self.post_event(kind, post))
        self._find(post)

    def _tell(self, event: Json) -> None:
        self.told.append(event)
        for known in [s for s in self.subscriptions if s["event_type"] == event["data"]["event_type"]]:
            if known.get("webhook_id"):
                self._call(self.webhooks[known["webhook_id"]]["url"], event)
            else:
                for stream in [stream for stream in self.streams if not stream.filtered]:
                    stream.waiting.put(event)

    def _find(self, post: FakePost) -> None:
        matched = [rule for rule in self.rules if search.matches(rule["value"], post)]
        for stream in [stream for stream in self.streams if stream.filtered] if matched else []:
            page = render.page(self.world, [post], stream.fields)
            rules = [{key: rule[key] for key in ("id", "tag") if key in rule} for rule in matched]
            stream.waiting.put({**page, "data": page["data"][0], "matching_rules": rules})

    # --- webhooks ---------------------------------------------------------------------------------------------------
    def _call(self, url: str, event: Json) -> None:
        body = json.dumps(event).encode()
        headers = {"x-twitter-webhooks-signature": self.signature(body), "content-type": "application/json"}

        def work() -> None:
            answer = requests.post(url, data=body, headers=headers, timeout=10)
            self.answers.append((answer.status_code, answer.text))

        threading.Thread(target=work, daemon=True).start()

    def register(self, url: str) -> Json | None:
        """A webhook, if its address proves to know the app's secret; else None."""
        token = secrets.token_urlsafe(16)
        try:
            answer = requests.get(url, {"crc_token": token}, timeout=3).json()
        except (requests.RequestException, ValueError):
            return None
        if answer.get("response_token") != self.signature(token.encode()):
            return None
        made = {"id": self._number(), "url": url, "valid": True, "created_at": "2026-11-21T10:00:00.000Z"}
        self.webhooks[made["id"]] = made
        return made

    # --- what is followed -------------------------------------------------------------------------------------------
    def subscribe(self, body: Json) -> Json | None:
        """A subscription, or None for a kind that is not offered."""
        if self.offered is not None and body["event_type"] not in self.offered:
            return None
        now = "2026-11-21T10:00:00.000Z"
        made = {**body, "subscription_id": self._number(), "created_at": now, "updated_at": now}
        self.subscriptions.append(made)
        return made

    def change_rules(self, body: Json) -> Json:
        """Add or delete."""
        gone = set(body.get("delete", {}).get("ids", ()))
        self.rules = [rule for rule in self.rules if rule["id"] not in gone]
        made = [{**rule, "id": self._number()} for rule in body.get("add", ())]
        self.rules += made
        summary = {"deleted": len(gone), "not_deleted": 0}
        if made:
            summary = {"created": len(made), "not_created": 0, "valid": len(made), "invalid": 0}
        return {**({"data": made} if made else {}), "meta": {"sent": "2026-11-21T10:00:00.000Z", "summary": summary}}

    def _number(self) -> str:
        self._count += 1
        return str(2_080_000_000_000_000_000 + self._count)
