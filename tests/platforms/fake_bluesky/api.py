"""The operations of the fake Bluesky: who may call, what a call does, what comes back."""

import base64
import re
from collections.abc import Callable, Sequence
from datetime import datetime

import regex

from tests.platforms.fake_bluesky import render
from tests.platforms.fake_bluesky.faults import Answer, Json, refusal
from tests.platforms.fake_bluesky.frames import CID_HEAD, raw_cid
from tests.platforms.fake_bluesky.sessions import Sessions
from tests.platforms.fake_bluesky.world import POSTS, FakeAccount, FakePost, World

Query = dict[str, list[str]]
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


class Api:
    """`page_cap`: the most items a page holds, whatever the client asks for. `filters`: knows the wish for reasons."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions = Sessions(world)
        self.page_cap = 100
        self.filters = True
        # Uris the AppView has not indexed yet, or that are spoiled: what it tells in their place.
        self.changes: dict[str, Json] = {}
        self.blobs: dict[str, bytes] = {}
        self._era = 0

    def forget_page_tokens(self) -> None:
        """Every page token given out so far is refused from now on."""
        self._era += 1

    def call(self, method: str, token: str, query: Query, body: Json, raw: tuple[bytes, str]) -> Answer:
        """Do what the call asks for. `raw`: the bytes of its body and their type."""
        with self.world.lock:
            if method == "createSession":
                return self.sessions.log_in(body)
            if method == "refreshSession":
                return self.sessions.refresh(token)
            caller = self.sessions.whose(token)
            if isinstance(caller, tuple):
                return caller
            if method == "uploadBlob":
                return self._blob(*raw)
            operations: dict[str, Callable[[FakeAccount, Query, Json], Answer]] = {
                "listNotifications": self._notifications,
                "searchPosts": self._search,
                "getPosts": self._posts,
                "getPostThread": self._thread,
                "getProfile": self._profile,
                "resolveHandle": self._resolve,
                "getRecord": self._record,
                "putRecord": self._put,
            }
            if method not in operations:
                return refusal(501, "MethodNotImplemented", "Method Not Implemented")
            return operations[method](caller, query, body)

    def _notifications(self, caller: FakeAccount, query: Query, body: Json) -> Answer:
        told = self.world.notifications(caller)
        if self.filters:
            told = [pair for pair in told if pair[1] in query.get("reasons", [pair[1]])]
        reasons = {post.uri: reason for post, reason in told}
        page = self._page([post for post, _ in told], query)
        if page is None:
            return refusal(400, "InvalidRequest", "Malformed cursor")
        shown, more = page
        items = [{**render.notification(post, reasons[post.uri]), **self.changes.get(post.uri, {})} for post in shown]
        return 200, {"notifications": items, **more}

    def _search(self, caller: FakeAccount, query: Query, body: Json) -> Answer:
        since = datetime.fromisoformat(query["since"][0]) if "since" in query else None
        hits = [
            post
            for post in self.world.posts.values()
            if query["q"][0] in post.record["text"] and not self.world.hidden(post, caller)
            if since is None or post.sorts_at >= since
        ]
        page = self._page(sorted(hits, key=lambda post: post.sorts_at, reverse=True), query)
        if page is None:
            return refusal(400, "InvalidRequest", "Malformed cursor")
        return 200, {"posts": [self._view(post, caller) for post in page[0]], **page[1]}

    def _page(self, posts: Sequence[FakePost], query: Query) -> tuple[Sequence[FakePost], Json] | None:
        size = min(int(query.get("limit", ["50"])[0]), self.page_cap)
        start = ""
        if "cursor" in query:
            era, _, start = base64.b64decode(query["cursor"][0]).decode().partition(" ")
            if era != str(self._era):
                return None
        rest = [post for post in posts if not start or _key(post) < start]
        if len(rest) <= size:
            return rest, {}
        token = base64.b64encode(f"{self._era} {_key(rest[size - 1])}".encode()).decode()
        return rest[:size], {"cursor": token}

    def _posts(self, caller: FakeAccount, query: Query, body: Json) -> Answer:
        if len(query["uris"]) > 25:
            return refusal(400, "InvalidRequest", "uris must not have more than 25 elements")
        found = [self.world.posts[uri] for uri in query["uris"] if uri in self.world.posts]
        return 200, {"posts": [self._view(post, caller) for post in found if not self.world.hidden(post, caller)]}

    def _thread(self, caller: FakeAccount, query: Query, body: Json) -> Answer:
        uri, depth, height = query["uri"][0], int(query["depth"][0]), int(query["parentHeight"][0])
        if uri not in self.world.posts:
            return refusal(400, "NotFound", f"Post not found: {uri}")
        return 200, {"thread": render.tree(self.world, uri, caller, depth, height)}

    def _view(self, post: FakePost, caller: FakeAccount) -> Json:
        return {**render.view(self.world, post, caller), **self.changes.get(post.uri, {})}

    def _profile(self, caller: FakeAccount, query: Query, body: Json) -> Answer:
        account = self.world.accounts.get(query["actor"][0])
        if account is None or not account.indexed:
            return refusal(400, "InvalidRequest", "Profile not found")
        return 200, render.profile(account, viewer=caller, full=True)

    def _resolve(self, caller: FakeAccount, query: Query, body: Json) -> Answer:
        for account in self.world.accounts.values():
            if account.handle == query["handle"][0]:
                return 200, {"did": account.did}
        return refusal(400, "InvalidRequest", "Unable to resolve handle")

    def _record(self, caller: FakeAccount, query: Query, body: Json) -> Answer:
        uri = f"at://{query['repo'][0]}/{query['collection'][0]}/{query['rkey'][0]}"
        post = self.world.posts.get(uri)
        if post is None:
            return refusal(400, "RecordNotFound", f"Could not locate record: {uri}")
        return 200, {"uri": uri, "cid": post.cid, "value": post.record}

    def _put(self, caller: FakeAccount, query: Query, body: Json) -> Answer:
        record = body["record"]
        if body["repo"] not in {caller.did, caller.handle} or body["collection"] != POSTS:
            return refusal(400, "InvalidRequest", "Could not find repo")
        wrong = _wrong(body["rkey"], record)
        if wrong:
            return refusal(400, "InvalidRequest", f"Invalid {POSTS} record: {wrong}")
        post = self.world.put(caller, body["rkey"], record)
        return 200, {"uri": post.uri, "cid": post.cid, "validationStatus": "valid"}

    def _blob(self, content: bytes, media_type: str) -> Answer:
        if len(content) > 2_000_000:
            return refusal(413, "PayloadTooLarge", "request entity too large")
        link = "b" + base64.b32encode(raw_cid(content).replace(CID_HEAD, bytes([1, 0x55, 0x12, 0x20]), 1)).decode()
        cid = link.lower().rstrip("=")
        self.blobs[cid] = content
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": media_type, "size": len(content)}
        return 200, {"blob": blob}


def _wrong(rkey: str, record: Json) -> str:
    """What the lexicon has against a post; empty if nothing."""
    text = record["text"].encode()
    if not TID.fullmatch(rkey):
        return "the record key is no TID"
    if len(text) > 3000 or len(regex.findall(r"\X", record["text"])) > 300:
        return "text must not be longer than 300 graphemes"
    try:
        datetime.fromisoformat(record["createdAt"])
        for facet in record.get("facets", []):
            # Not the lexicon's business, but everybody's who reads the post: letters are not to be cut in two.
            assert text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        assert all(ref["uri"] and ref["cid"] for ref in record.get("reply", {}).values())
        assert len(record.get("embed", {}).get("images", [])) <= 4
    except (AssertionError, KeyError, ValueError) as error:
        return f"{type(error).__name__} {error}"
    return ""


def _key(post: FakePost) -> str:
    return f"{post.sorts_at.timestamp():020.6f}:{post.cid}"
