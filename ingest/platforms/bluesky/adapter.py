"""Bluesky (AT Protocol), over plain XRPC.

Notifications and searches are polled, the firehose tells sooner; answers are written under a record key and a time
that come from the delivery, so that a retry is the same post. Authors are known by their DID: handles change.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from ingest.platforms.base import (
    Account,
    Author,
    Cannot,
    ImageLimits,
    Json,
    Kind,
    Length,
    LookedUp,
    OutcomeUnknown,
    Outgoing,
    Page,
    PlatformError,
    Post,
    Sent,
)
from ingest.platforms.bluesky.firehose import RELAY, Firehose
from ingest.platforms.bluesky.lists import Lists
from ingest.platforms.bluesky.parse import NOT_UNDERSTOOD, POSTS, dict_of, read_author, read_items, read_post, url_of
from ingest.platforms.bluesky.record import answers, created_at, record_key, reply_refs, uri_in
from ingest.platforms.bluesky.session import ENTRY, Entrance
from ingest.platforms.bluesky.text import facets, length
from ingest.platforms.bluesky.thread import BLOCKED, GONE, shut, tree_of
from ingest.platforms.bluesky.walk import NOTIFICATIONS, WORD, Walk
from ingest.platforms.bluesky.wire import DOWN_WAIT, Call, Refused, Wire, checked
from ingest.platforms.entering import Need
from ingest.platforms.told import clean_text

# Commas, also the Arabic one, or lines between the words to follow.
BETWEEN = re.compile(r"[,،\n]")
# A post that came by the firehose may be there before it can be asked for.
NOT_YET = 20.0


class Bluesky:
    """An account on Bluesky, or on another network that speaks the AT Protocol.

    Credentials: `app_password`. Options: `identifier` (handle or e-mail address to log in with), `base_url` (the server
    of the account, where it is not Bluesky's), `firehose_url`, `keywords` (words to search for, a list or a text with
    commas).
    """

    name: ClassVar[str] = "bluesky"
    label: ClassVar[str] = "Bluesky"
    threads: ClassVar[bool] = True
    at_once: ClassVar[int] = 25
    needs: ClassVar[tuple[Need, ...]] = (
        Need("identifier"),
        Need("app_password", secret=True),
        Need("base_url", required=False, usual=ENTRY),
        Need("firehose_url", required=False, usual=RELAY),
    )

    def __init__(self, account: Account) -> None:
        self._account = account

    # --- in ---------------------------------------------------------------------------------------------------------
    def fetch(self, cursor: Json) -> Page:
        """The next page of notifications or found posts that are not known yet (see bluesky_walk)."""
        walk = Walk(cursor, self._words, time.time())
        try:
            found = self._lists.page(walk.source, walk.token)
        except PlatformError as error:
            step = walk.again() if error.code == "rejected" else None
            if step is None:
                raise
            return Page((), step.cursor, more=True, room=self._wire.room)
        step = walk.after(found.uris, found.token)
        new = self._lists.filled(found.only(walk.new(found.uris)))
        told = read_items(new, self._me)
        return Page(told.posts[::-1], step.cursor, told.bad, step.more, room=self._wire.room)

    def backfill(self, since: datetime, cursor: Json) -> Page:
        """What was said to us since then, list by list; posts dated before it stay out."""
        plan = [NOTIFICATIONS, *(WORD + word for word in self._words)]
        source = str(cursor.get("list") or "")
        source = source if source in plan else plan[0]
        found = self._lists.page(source, str(cursor.get("token") or ""), since)
        told = read_items(self._lists.filled(found.items), self._me)
        posts = tuple(post for post in reversed(told.posts) if post.posted_at >= since)
        # Sorted by time: below a post that is too old all are.
        if found.token and len(posts) == len(told.posts):
            return Page(posts, {"list": source, "token": found.token}, told.bad, more=True, room=self._wire.room)
        coming = plan[plan.index(source) + 1 :]
        done = {"list": coming[0], "token": ""} if coming else {}
        return Page(posts, done, told.bad, more=bool(coming), room=self._wire.room)

    def listen(self, cursor: Json) -> Iterator[Page | None]:
        """What concerns us on the firehose: mentions, replies, quotes, our own posts, edits, and deletes of these."""
        given, home = (str(self._account.options.get(name) or "").strip() for name in ("firehose_url", "base_url"))
        # A server without TLS stands in a network of its own, which no public relay knows.
        relay = given or (home if home.startswith("http://") else RELAY)
        relay = re.sub(r"^http", "ws", checked(relay, frozenset({"http", "https", "ws", "wss"})))
        yield from Firehose(relay, self._me, self._account.timeout, self._profile).pages(cursor)

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        """How these posts stand now; `raw["cid"]` is another one where a post was edited.

        A post of somebody who has blocked us is not shown to us. It is not gone, and stays out of both lists.
        """
        answer = self._send("app.bsky.feed.getPosts", uris=list(ids))
        posts = read_items(answer.get("posts") or [], self._me).posts
        missing = set(ids) - {post.external_id for post in posts}
        gone = frozenset(uri for uri in missing if self._node(uri).get("$type") == GONE)
        return LookedUp(posts, gone, room=self._wire.room)

    def thread(self, post: Post) -> Page:
        """The way down from the root, what was answered below the post, and below its root."""
        views = tree_of(self._node(post.external_id, depth=6, parentHeight=80))
        if post.root_id not in {"", post.external_id}:
            views |= tree_of(self._node(post.root_id, depth=6))
        views.pop(post.external_id, None)
        posts = []
        for view in views.values():
            with suppress(*NOT_UNDERSTOOD):
                posts.append(read_post(view, self._me, context=True))
        return Page(tuple(sorted(posts, key=lambda said: said.posted_at)), {}, room=self._wire.room)

    # --- out --------------------------------------------------------------------------------------------------------
    def reply(self, outgoing: Outgoing) -> Sent:
        """Write the answer. Bluesky takes an answer to anything and shows it to nobody: so look first."""
        if not self._entrance.can_enter:
            raise PlatformError("no_account", "There is nothing to enter with", permanent=True)
        text = clean_text(outgoing.text)
        size = length(text)
        if size.used > size.limit:
            raise PlatformError("too_long", f"{size.used} of {size.limit}", permanent=True)
        record: Json = {"$type": POSTS, "text": text, "createdAt": created_at(outgoing), "reply": self._refs(outgoing)}
        if marked := facets(text, lambda handle: self._did_of(handle, outgoing)):
            record["facets"] = marked
        if outgoing.lang:
            record["langs"] = [outgoing.lang]
        if outgoing.images:
            record["embed"] = self._pictures(outgoing)
        return self._written(record_key(outgoing), record)

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """Our own answer, by the key under which it must stand if it stands anywhere."""
        rkey = record_key(outgoing)
        try:
            told = self._send("com.atproto.repo.getRecord", repo=self._me, collection=POSTS, rkey=rkey)
        except Refused as refusal:
            # Servers of before 2024 have no name for it.
            if refusal.name == "RecordNotFound" or "could not locate record" in refusal.words.lower():
                return None
            raise
        record = dict_of(told, "value")
        return self._sent(rkey, told, record) if answers(record, outgoing) else None

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """Whoever is blocked or shut out by the author's rule is known when the post was read."""
        if not self._entrance.can_enter:
            return Cannot.NO_ACCOUNT
        return Cannot.CLOSED if shut(raw or {}) else None

    def length(self, text: str) -> Length:
        """300 graphemes and 3,000 bytes, whichever runs out first."""
        return length(clean_text(text))

    def image_limits(self, kind: Kind) -> ImageLimits:
        """Servers took a million bytes a picture before they took two; an older one still does."""
        return ImageLimits(4, 1_000_000, alt=2000)

    def verify(self) -> Author:
        """Who these credentials are. A young account has no profile yet: then what the login told."""
        session = self._entrance.session()
        known = {"did": session["did"], "handle": session["handle"]}
        try:
            return read_author({**known, **self._send("app.bsky.actor.getProfile", actor=session["did"])})
        except Refused as refusal:
            if refusal.code not in {"rejected", "not_found"}:
                raise
            return read_author(known)

    def _refs(self, outgoing: Outgoing) -> Json:
        node = self._node(outgoing.parent_id)
        if node.get("$type") == GONE:
            young = "seq" in outgoing.parent_raw
            raise PlatformError(
                "gone", "The post is not there", permanent=not young, retry_after=NOT_YET if young else None
            )
        parent = dict_of(node, "post")
        if node.get("$type") == BLOCKED or shut(parent):
            raise PlatformError("not_allowed", "Its author takes no answers from us", permanent=True)
        try:
            return reply_refs(outgoing, parent)
        except KeyError as error:
            raise PlatformError("garbled_answer", "A post without its cid", retry_after=DOWN_WAIT) from error

    def _node(self, uri: str, depth: int = 0, **more: int) -> Json:
        """A post with what stands around it; of type GONE or BLOCKED where we cannot see it."""
        try:
            return dict_of(
                self._send("app.bsky.feed.getPostThread", **{"parentHeight": 0, **more}, uri=uri, depth=depth), "thread"
            )
        except Refused as refusal:
            if refusal.name == "NotFound":
                return {"$type": GONE, "uri": uri}
            raise

    def _did_of(self, handle: str, outgoing: Outgoing) -> str:
        author = dict_of(outgoing.parent_raw, "author")
        if handle == str(author.get("handle") or "").lower():
            return str(author.get("did") or "")
        try:
            return str(self._send("com.atproto.identity.resolveHandle", handle=handle).get("did") or "")
        except Refused:
            # Nobody has that handle: plain text, then.
            return ""

    def _pictures(self, outgoing: Outgoing) -> Json:
        pictures = []
        for image in outgoing.images:
            call = Call("com.atproto.repo.uploadBlob", content=image.content, media_type=image.media_type)
            pictures.append({"alt": clean_text(image.alt), "image": self._entrance.send(call).get("blob")})
        return {"$type": "app.bsky.embed.images", "images": pictures}

    def _written(self, rkey: str, record: Json) -> Sent:
        body = {"repo": self._me, "collection": POSTS, "rkey": rkey, "record": record}
        told = self._entrance.send(Call("com.atproto.repo.putRecord", body=body, writes=True))
        if told.get("uri") != uri_in(self._me, rkey):
            raise OutcomeUnknown("outcome_unknown", "Bluesky said yes but named another post", retry_after=60)
        return self._sent(rkey, told, record)

    def _sent(self, rkey: str, told: Json, record: Json) -> Sent:
        uri = uri_in(self._me, rkey)
        author = {"did": self._me, "handle": self._account.handle}
        # As a post that was read: what goes under it finds its version and its root here.
        return Sent(
            uri, url_of(uri), raw={"uri": uri, "cid": str(told.get("cid") or ""), "author": author, "record": record}
        )

    def _profile(self, did: str) -> Json:
        with suppress(PlatformError):
            return self._send("app.bsky.actor.getProfile", actor=did)
        return {}

    def _send(self, method: str, /, **params: object) -> Json:
        return self._entrance.send(Call(method, params))

    @property
    def _me(self) -> str:
        if not self._account.external_id:
            raise PlatformError("not_connected", "The channel has no DID", permanent=True)
        return self._account.external_id

    @property
    def _words(self) -> list[str]:
        told = self._account.options.get("keywords") or []
        words = BETWEEN.split(told) if isinstance(told, str) else map(str, told)
        return list(dict.fromkeys(word.strip() for word in words if word.strip()))

    @cached_property
    def _lists(self) -> Lists:
        return Lists(self._entrance)

    @cached_property
    def _entrance(self) -> Entrance:
        return Entrance(self._account, self._wire)

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self._account.timeout)
