"""Who is on the fake Bluesky, what they have posted, and the events of the firehose."""

import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.platforms.fake_bluesky import frames

Json = dict[str, Any]
POSTS = "app.bsky.feed.post"
HANDLE = re.compile(r"@([\w.-]+\.[a-z]+)")


@dataclass
class FakeAccount:
    """`followers` is told by getProfile only. `indexed`: False for a young account the AppView does not know yet."""

    did: str
    handle: str
    name: str = ""
    followers: int = 10
    password: str = ""
    indexed: bool = True
    blocks: set[str] = field(default_factory=set)


BRAND = FakeAccount("did:plc:nawacarefake2026aaaaaaaa", "nawa.test", "Nawa", 51_000, "nawa-1234-fake-pass")


@dataclass
class FakePost:
    """One post. `closed`: its author lets nobody answer in this thread."""

    uri: str
    cid: str
    author: FakeAccount
    record: Json
    indexed_at: datetime
    closed: bool = False

    @property
    def sorts_at(self) -> datetime:
        """What lists go by, and what they tell as its time: the claimed time, unless that lies in the future."""
        return min(datetime.fromisoformat(self.record["createdAt"]), self.indexed_at)


class World:
    """All accounts and posts. Indexing times grow, so that two posts never share one."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.brand = FakeAccount(**{**vars(BRAND), "blocks": set()})
        self.accounts = {self.brand.did: self.brand}
        self.posts: dict[str, FakePost] = {}
        # (seq, frame) of the firehose.
        self.events: list[tuple[int, bytes]] = []
        self._seq = 80
        self._last = datetime.now(UTC) - timedelta(minutes=1)
        self._keys = 0

    @property
    def seq(self) -> int:
        """The number of the newest event."""
        return self._seq

    def account(self, handle: str, **more: Any) -> FakeAccount:
        """The account with this handle, made if there is none."""
        with self.lock:
            known = next((account for account in self.accounts.values() if account.handle == handle.lower()), None)
            if known is None:
                did = f"did:plc:{handle.replace('.', '').ljust(16, 'x')}{len(self.accounts):08}"
                known = self.accounts[did] = FakeAccount(did, handle, **{"name": handle, **more})
            return known

    def rename(self, account: FakeAccount, handle: str) -> None:
        """The account goes by another handle from now on. Its DID stays."""
        with self.lock:
            account.handle = handle
            self._tell(lambda seq: frames.message("#identity", {"seq": seq, "did": account.did, "handle": handle}))

    def post(self, author: str | FakeAccount, text: str, **more: Any) -> FakePost:
        """A new post.

        reply_to, quotes: uris. at: the time its author claims. plain: names in it are mere text. langs, embed, rkey.
        """
        with self.lock:
            writer = author if isinstance(author, FakeAccount) else self.account(author)
            now = self._now()
            claimed = more.get("at") or now
            record: Json = {"$type": POSTS, "text": text, "createdAt": claimed.isoformat().replace("+00:00", "Z")}
            if parent := self.posts.get(more.get("reply_to", "")):
                own = {"uri": parent.uri, "cid": parent.cid}
                record["reply"] = {"parent": own, "root": parent.record.get("reply", {}).get("root", own)}
            if quoted := self.posts.get(more.get("quotes", "")):
                ref = {"uri": quoted.uri, "cid": quoted.cid}
                record["embed"] = {"$type": "app.bsky.embed.record", "record": ref}
            if not more.get("plain") and (facets := self._facets(text)):
                record["facets"] = facets
            record |= {name: more[name] for name in ("langs", "embed") if name in more}
            self._keys += 1
            return self.put(writer, more.get("rkey") or f"3fake{self._keys:08}", record, now)

    def put(self, author: FakeAccount, rkey: str, record: Json, now: datetime | None = None) -> FakePost:
        """Write a record under a key: a new post, the same one (nothing happens), or an edit of it."""
        with self.lock:
            path = f"{POSTS}/{rkey}"
            uri, cid = f"at://{author.did}/{path}", frames.cid_of(record)
            known = self.posts.get(uri)
            if known and known.cid == cid:
                return known
            at = now or self._now()
            made = FakePost(uri, cid, author, record, known.indexed_at if known else at)
            self.posts[uri] = made
            action = "update" if known else "create"
            self._tell(lambda seq: frames.commit(seq, author.did, action, path, record, at.isoformat()))
            return made

    def edit(self, uri: str, text: str) -> FakePost:
        """The same record with other words."""
        post = self.posts[uri]
        return self.put(post.author, uri.rpartition("/")[2], {**post.record, "text": text})

    def delete(self, uri: str) -> None:
        """The post is gone; what pointed to it goes on pointing."""
        with self.lock:
            post = self.posts.pop(uri)
            path, at = uri.partition(f"{post.author.did}/")[2], self._now().isoformat()
            self._tell(lambda seq: frames.commit(seq, post.author.did, "delete", path, None, at))

    def send(self, frame: bytes) -> None:
        """Any bytes as the next frame of the firehose."""
        with self.lock:
            self._tell(lambda seq: frame)

    def notifications(self, account: FakeAccount) -> list[tuple[FakePost, str]]:
        """Posts of others that concern the account, with the reason, newest first as Bluesky counts."""
        told = [(post, reason) for post in self.posts.values() if (reason := self._reason(post, account))]
        return sorted(told, key=lambda pair: pair[0].sorts_at, reverse=True)

    def hidden(self, post: FakePost, viewer: FakeAccount) -> bool:
        """Whether one has blocked the other."""
        return viewer.did in post.author.blocks or post.author.did in viewer.blocks

    def _reason(self, post: FakePost, account: FakeAccount) -> str:
        ours, record = f"at://{account.did}/", post.record
        if post.author is account or self.hidden(post, account):
            return ""
        if any(f.get("did") == account.did for facet in record.get("facets", []) for f in facet["features"]):
            return "mention"
        embed = record.get("embed", {})
        quoted = embed.get("record", {})
        if str(quoted.get("uri") or quoted.get("record", {}).get("uri")).startswith(ours):
            return "quote"
        reply = record.get("reply", {})
        return "reply" if any(ref["uri"].startswith(ours) for ref in reply.values()) else ""

    def _facets(self, text: str) -> list[Json]:
        known = {account.handle: account.did for account in self.accounts.values()}
        return [
            {
                "index": {
                    "byteStart": len(text[: hit.start()].encode()),
                    "byteEnd": len(text[: hit.end()].encode()),
                },
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": known[hit[1]]}],
            }
            for hit in HANDLE.finditer(text)
            if hit[1] in known
        ]

    def _tell(self, frame: Any) -> None:
        with self.changed:
            self._seq += 1
            self.events.append((self._seq, frame(self._seq)))
            self.changed.notify_all()

    def _now(self) -> datetime:
        now = datetime.now(UTC)
        self._last = max(now, self._last + timedelta(milliseconds=1))
        return self._last.replace(microsecond=self._last.microsecond // 1000 * 1000)
