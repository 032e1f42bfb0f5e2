"""The AT Protocol's own servers (PLC, PDS, AppView) from npm, with Nawa's account and people on them.

Spoken to by plain XRPC. Radd's calls go through a proxy that can keep an answer back; its firehose and ours do not.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.counterparts.holding import Holding
from tests.counterparts.network import Answer, Held, Unavailable
from tests.counterparts.servers import HERE, node_modules, running
from tests.databases import admin, with_name

Json = dict[str, Any]

POSTS = "app.bsky.feed.post"
START_SECONDS = 90.0
BRAND, NAME = "nawa", "Nawa Telecom"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
"""The smallest PNG: one red point."""
# With which dev-env signs its tokens.
SIGNED_WITH = b"jwt-secret"


class Bluesky:
    """The network while it runs."""

    platform, label = "bluesky", "Bluesky"
    pushes = edits = tells_deletions = chats = True

    def __init__(self, told: Json, server: int) -> None:
        versions = told["versions"]
        self.against = (
            f"@atproto/dev-env {versions['version']} (PLC, PDS {versions['pds']}, AppView {versions['bsky']})"
        )
        self.pds = f"http://127.0.0.1:{urlsplit(told['pds']).port}"
        self.server = server
        self.proxy = Holding(urlsplit(told["pds"]).port or 0, b"com.atproto.repo.putRecord")
        self.people: dict[str, Json] = {}
        self.meet(BRAND)
        self.app_password = str(self.call("com.atproto.server.createAppPassword", BRAND, name="radd")["password"])

    # --- Network ----------------------------------------------------------------------------------------------------
    def credentials(self) -> dict[str, str]:
        return {"identifier": f"{BRAND}.test", "app_password": self.app_password}

    def options(self) -> dict[str, str]:
        return {"base_url": f"http://127.0.0.1:{self.proxy.port}", "firehose_url": self.pds, "keywords": NAME}

    def meet(self, by: str) -> None:
        if by in self.people:
            return
        account = {"handle": f"{by}.test", "email": f"{by}@people.example", "password": secrets.token_hex(8)}
        made = self.call("com.atproto.server.createAccount", **account)
        self.people[by] = {**made, "password": account["password"]}
        # Until the AppView has heard of an account it refuses all that is asked in its name.
        self.until(lambda: self.profile(by), f"{by} on the AppView")

    def mention(self, text: str, by: str = "lina") -> str:
        return self.say(by, f"@{BRAND}.test {text}", facets=[self.naming(BRAND)])

    def reply(self, to: str, text: str, by: str = "lina") -> str:
        return self.say(by, text, reply=self.refs(to))

    def edit(self, post: str, text: str) -> None:
        did, rkey = where(post)
        record = self.record(post)
        words = record["text"].split(" ", 1)[0]
        self.call(
            "com.atproto.repo.putRecord", self.who(did), repo=did, collection=POSTS, rkey=rkey,
            record={**record, "text": f"{words} {text}"},
        )  # fmt: skip

    def delete(self, post: str) -> None:
        did, rkey = where(post)
        self.call("com.atproto.repo.deleteRecord", self.who(did), repo=did, collection=POSTS, rkey=rkey)

    def answers_to(self, post: str) -> list[Answer]:
        ours = [
            one for one in self.posts_of(BRAND) if one["value"].get("reply", {}).get("parent", {}).get("uri") == post
        ]
        return [Answer(one["uri"], one["value"]["text"]) for one in sorted(ours, key=lambda one: str(one["uri"]))]

    def held(self) -> AbstractContextManager[Held]:
        return self.proxy.held()

    # --- more of it, for claims of its own --------------------------------------------------------------------------
    def say(self, by: str, text: str, **more: Any) -> str:
        """A post of anybody's; `more`: other fields of its record, `createdAt` among them."""
        self.meet(by)
        record = {"$type": POSTS, "text": text, "createdAt": now(), **more}
        did = self.people[by]["did"]
        return str(self.call("com.atproto.repo.createRecord", by, repo=did, collection=POSTS, record=record)["uri"])

    def naming(self, who: str, start: int = 0) -> Json:
        """The facet that names somebody by a handle at that byte."""
        did = self.people[who]["did"]
        end = start + len(f"@{who}.test")
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": did}
        return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}

    def refs(self, to: str) -> Json:
        """What a post under that one carries."""
        parent = {"uri": to, "cid": self.got(to)["cid"]}
        return {"root": self.record(to).get("reply", {}).get("root", parent), "parent": parent}

    def got(self, post: str) -> Json:
        """The record as its own server has it, with its cid."""
        did, rkey = where(post)
        return self.call("com.atproto.repo.getRecord", repo=did, collection=POSTS, rkey=rkey)

    def record(self, post: str) -> Json:
        return dict(self.got(post)["value"])

    def posts_of(self, by: str) -> list[Json]:
        """Every post in somebody's repository."""
        did = self.people[by]["did"]
        return list(self.call("com.atproto.repo.listRecords", repo=did, collection=POSTS, limit=100)["records"])

    def seen_by(self, by: str, post: str) -> Json:
        """The post's thread as the AppView shows it to somebody."""
        return dict(self.call("app.bsky.feed.getPostThread", by, uri=post, depth=10)["thread"])

    def profile(self, by: str, whose: str = "") -> Json:
        """Somebody's as the AppView shows it to somebody; {} until it does."""
        try:
            return self.call("app.bsky.actor.getProfile", by, actor=self.people[whose or by]["did"])
        except requests.HTTPError:
            return {}

    def rename(self, by: str, handle: str) -> None:
        """Another handle for the same account."""
        self.call("com.atproto.identity.updateHandle", by, handle=handle)

    def block(self, by: str, whom: str) -> None:
        """Somebody wants nothing more from somebody."""
        me, kind = self.people[by]["did"], "app.bsky.graph.block"
        record = {"$type": kind, "subject": self.people[whom]["did"], "createdAt": now()}
        self.call("com.atproto.repo.createRecord", by, repo=me, collection=kind, record=record)
        # The AppView learns of it as of everything else: in order.
        self.until(lambda: self.profile(by, whom)["viewer"].get("blocking"), "the block on the AppView")

    def close_replies(self, by: str, post: str) -> None:
        """The author lets nobody answer that post."""
        me, kind = self.people[by]["did"], "app.bsky.feed.threadgate"
        record = {"$type": kind, "post": post, "allow": [], "createdAt": now()}
        self.call("com.atproto.repo.putRecord", by, repo=me, collection=kind, rkey=where(post)[1], record=record)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Inside it, the servers take connections and do nothing."""
        os.kill(self.server, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.server, signal.SIGCONT)

    def password_of(self, by: str) -> str:
        return str(self.people[by]["password"])

    def later(self, say: Callable[[], str], seconds: float = 1.0) -> str:
        """Have something said in a moment, by a thread of its own; true at once."""
        threading.Timer(seconds, say).start()
        return "later"

    def shown(self, by: str, post: str) -> Json | None:
        """The post as the AppView shows it to somebody; None while it does not."""
        try:
            return self.seen_by(by, post)
        except requests.HTTPError:
            return None

    def await_shown(self, *posts: str) -> None:
        """Until the AppView shows these to the brand. Authors are shown their own at once, by their own server."""
        for post in posts:
            self.until(lambda post=post: self.shown(BRAND, post), f"{post} on the AppView")

    def run_out(self, access: str) -> str:
        """The same token as it will be once its time is over."""
        head = access.partition(".")[0]
        old = {**claims(access), "iat": 1_600_000_000, "exp": 1_600_007_200}
        words = f"{head}.{_sealed(json.dumps(old).encode())}"
        return f"{words}.{_sealed(hmac.digest(SIGNED_WITH, words.encode(), 'sha256'))}"

    def who(self, did: str) -> str:
        return next(name for name, one in self.people.items() if one["did"] == did)

    def call(self, method: str, by: str = "", /, **words: Any) -> Json:
        """One XRPC call, in somebody's name. Raises requests.HTTPError with what the server said."""
        headers = {"Authorization": f"Bearer {self.people[by]['accessJwt']}"} if by else {}
        url, reads = f"{self.pds}/xrpc/{method}", ".get" in method or ".list" in method or ".search" in method
        if reads:
            told = requests.get(url, params=words, headers=headers, timeout=20)
        else:
            told = requests.post(url, json=words, headers=headers, timeout=20)
        if not told.ok:
            raise requests.HTTPError(f"{method}: {told.status_code} {told.text[:500]}", response=told)
        return dict(told.json()) if told.content else {}

    def until(self, look: Any, what: str, seconds: float = 30) -> Any:
        """The first true value of `look`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(0.1)
        raise AssertionError(f"never came: {what}")


def where(post: str) -> tuple[str, str]:
    """The DID and the record key of a post's uri."""
    did, _, rkey = post.removeprefix("at://").partition(f"/{POSTS}/")
    return did, rkey


def claims(token: str) -> Json:
    """What a JWT says."""
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def _sealed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def parent_of(record: Json) -> str:
    """The uri of what a post answers; empty if it answers nothing."""
    return str(record.get("reply", {}).get("parent", {}).get("uri", ""))


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def started() -> Iterator[Bluesky]:
    """The network from nothing: a database of its own on the tests' server, gone afterwards."""
    modules = node_modules("@atproto/dev-env")
    home = Path(tempfile.mkdtemp(prefix="radd-atproto-"))
    database, server = f"radd_atproto_{os.getpid()}", os.environ["DATABASE_URL"]
    admin(server, f'CREATE DATABASE "{database}"')
    env = {
        "NODE_PATH": str(modules),
        "DB_POSTGRES_URL": with_name(server, database),
        "DB_POSTGRES_SCHEMA": "atproto",
        # Asked for, and used by none of these versions.
        "REDIS_HOST": "127.0.0.1",
        "TMPDIR": str(home),
        "LOG_ENABLED": "0",
    }
    log = home / "network.log"
    try:
        with running(["node", str(HERE / "atproto" / "network.js")], log, env) as process:
            network = Bluesky(_told(log, process.poll), process.pid)
            yield network
            network.proxy.close()
    finally:
        admin(server, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        shutil.rmtree(home, ignore_errors=True)


def _told(log: Path, ended: Any) -> Json:
    """The line by which the servers say where they are."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and ended() is None:
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith('{"pds"'):
                return dict(json.loads(line))
        time.sleep(0.2)
    raise Unavailable(f"its servers did not start: {log.read_text(errors='replace')[-1500:]}")
