"""Bluesky's firehose: every change of every account, of which we keep what concerns us.

Frames are two DAG-CBOR objects, a header and a body; a commit's body carries its records as a CAR file. Each frame has
a number, `seq`, and a listener that comes back with the last one it saw is told all that came after. The numbers are
those of one relay: another counts otherwise.
"""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import libipld
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from ingest.platforms.base import BEAT, Author, BadItem, Json, Kind, Page, PlatformError, Post
from ingest.platforms.bluesky.parse import NOT_UNDERSTOOD, POSTS, concerns, moment, read_post, url_of
from ingest.platforms.bluesky.walk import pack, print_of, prints
from ingest.platforms.bluesky.wire import CONNECT_SECONDS, DOWN_WAIT, RATE_WINDOW, UNREACHABLE_WAIT
from ingest.platforms.told import clean

RELAY = "wss://bsky.network"
STREAM = "/xrpc/com.atproto.sync.subscribeRepos"
LARGEST_FRAME = 8 * 1024 * 1024
# Posts whose deletion is told: the newest that came by this stream. Of others `look_up` tells.
KEPT = 1_000
# A relay sends far more than this in a second; a listener that falls behind is thrown out, and comes back by `seq`.
QUEUE = 256

Profiles = Callable[[str], Json]


class FutureCursor(Exception):
    """The relay has not come to our number yet: it began to count anew."""


class Firehose:
    """Listens at a relay for the account `me` (a DID). `profile_of`: an author's profile, {} if it cannot be had."""

    def __init__(self, relay: str, me: str, timeout: float, profile_of: Profiles) -> None:
        self._relay = relay
        self._me = me
        self._timeout = timeout
        self._profile_of = profile_of
        self._profiles: dict[str, Json] = {}
        self._seq: int | None = None
        self._told: int | None = None
        self._seen: list[str] = []

    def pages(self, cursor: Json) -> Iterator[Page | None]:
        """Pages from `cursor` on; None, or a page without posts that only moves the cursor, at every beat."""
        if cursor.get("from") == self._relay:
            self._seq = self._told = cursor.get("seq")
            self._seen = prints(cursor.get("seen", ""))
        try:
            yield from self._follow()
        except FutureCursor:
            self._seq = None
            yield from self._follow()

    def _follow(self) -> Iterator[Page | None]:
        with self._connected() as socket:
            said = time.monotonic()
            while True:
                page = None
                with suppress(TimeoutError):
                    page = self._read(socket.recv(timeout=max(0.0, said + BEAT - time.monotonic())))
                if page or time.monotonic() >= said + BEAT:
                    yield page or self._beat()
                    said = time.monotonic()

    @contextmanager
    def _connected(self) -> Iterator[ClientConnection]:
        address = self._relay + STREAM + ("" if self._seq is None else f"?cursor={self._seq}")
        limit = min(CONNECT_SECONDS, self._timeout)
        try:
            with connect(
                address,
                compression=None,
                open_timeout=limit,
                close_timeout=limit,
                max_size=LARGEST_FRAME,
                max_queue=QUEUE,
            ) as socket:
                yield socket
        except InvalidStatus as error:
            raise _turned_away(error.response.status_code) from error
        except (OSError, WebSocketException) as error:
            words = str(error) or type(error).__name__
            raise PlatformError("unreachable", words[:500], retry_after=UNREACHABLE_WAIT) from error

    def _beat(self) -> Page | None:
        return None if self._seq == self._told else self._page((), ())

    def _page(self, posts: tuple[Post, ...], bad: tuple[BadItem, ...]) -> Page:
        self._told = self._seq
        self._seen = prints(pack([print_of(post.external_id) for post in posts], self._seen, KEPT))
        return Page(posts, {"from": self._relay, "seq": self._seq, "seen": "".join(self._seen)}, bad)

    def _read(self, frame: str | bytes) -> Page | None:
        """What of a frame concerns us. A frame that cannot be read is left out: its neighbours matter more."""
        try:
            header, body = libipld.decode_dag_cbor_multi(frame if isinstance(frame, bytes) else frame.encode())
            kind, seq = header.get("t"), body.get("seq")
        except NOT_UNDERSTOOD:
            return None
        if header.get("op") == -1:
            raise _ended(str(body.get("error") or ""), str(body.get("message") or ""))
        if isinstance(seq, int):
            self._seq = seq
        if kind == "#identity":
            self._profiles.pop(str(body.get("did")), None)
        return self._commit(body, frame) if kind == "#commit" and isinstance(frame, bytes) else None

    def _commit(self, body: Json, frame: bytes) -> Page | None:
        ours = self._me.encode() in frame
        posts: list[Post] = []
        bad: list[BadItem] = []
        ops = body.get("ops")
        for op in ops if isinstance(ops, list) else []:
            if not str(op.get("path")).startswith(f"{POSTS}/"):
                continue
            uri = f"at://{body.get('repo')}/{op['path']}"
            try:
                post = self._deleted(uri, body) if op.get("action") == "delete" else None
                post = self._written(uri, op, body) if ours and not post else post
            except NOT_UNDERSTOOD as error:
                bad.append(BadItem(uri, _json({**body, "blocks": None}), f"{type(error).__name__}: {error}"))
                continue
            posts += [post] if post else []
        return self._page(tuple(posts), tuple(bad)) if posts or bad else None

    def _deleted(self, uri: str, body: Json) -> Post | None:
        if print_of(uri) not in self._seen:
            return None
        at = moment(body.get("time")) or datetime.now(UTC)
        author = Author(str(body["repo"]))
        return Post(uri, author, Kind.POST, "", at, conversation_key=uri, url=url_of(uri), deleted_at=at)

    def _written(self, uri: str, op: Json, body: Json) -> Post | None:
        if op.get("action") not in {"create", "update"}:
            return None
        _, blocks = libipld.decode_car(body["blocks"])
        record, author = clean(_json(blocks[op["cid"]])), str(body["repo"])
        if author != self._me and not concerns(record, self._me):
            return None
        item = {
            "uri": uri,
            "cid": libipld.encode_cid(op["cid"]),
            "author": {**self._profile(author), "did": author},
            "record": record,
            "indexedAt": body.get("time"),
            "seq": body.get("seq"),
        }
        # What lists call `indexedAt` goes by the author's claim; this time is the network's.
        post = replace(read_post(item, self._me), reachable_at=moment(body.get("time")))
        return replace(post, edited_at=moment(body.get("time"))) if op["action"] == "update" else post

    def _profile(self, did: str) -> Json:
        if did not in self._profiles:
            if len(self._profiles) >= KEPT:
                self._profiles.clear()
            self._profiles[did] = self._profile_of(did)
        return self._profiles[did]


def _turned_away(status: int) -> PlatformError:
    if status == 429:
        return PlatformError("rate_limited", f"HTTP {status}", retry_after=RATE_WINDOW)
    return PlatformError("platform_down", f"HTTP {status}", retry_after=DOWN_WAIT)


def _ended(name: str, words: str) -> Exception:
    if name == "FutureCursor":
        return FutureCursor(words)
    # ConsumerTooSlow, or what may come: the next connection goes on where this one ended.
    return PlatformError("unreachable", f"{name}: {words}"[:500], retry_after=UNREACHABLE_WAIT)


def _json(value: Any) -> Any:
    """DAG-CBOR as the platform writes it in JSON: bytes are links to other objects, or just bytes."""
    if isinstance(value, bytes):
        with suppress(ValueError):
            return {"$link": libipld.encode_cid(value)}
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    return [_json(inner) for inner in value] if isinstance(value, list) else value
