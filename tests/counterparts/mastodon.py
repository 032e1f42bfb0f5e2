"""mastodon_mock, a server by other people that speaks Mastodon's API, with its demo community and ours beside it."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.counterparts.holding import Holding
from tests.counterparts.network import Answer, Unavailable
from tests.counterparts.servers import python_program, running
from tests.e2e.desk import free_port

BRAND = "nawa_care"
# Whoever answers names the author first, as Mastodon wants it.
NAMED = re.compile(r"^(?:@\S+\s+)+")

Json = dict[str, Any]


class Mastodon:
    """The server, the brand's account on it and people by their names.

    The desk reaches it through a proxy that can keep an answer; people speak to it directly.
    """

    platform = "mastodon"
    label = "Mastodon"
    pushes = True
    edits = True
    tells_deletions = True
    chats = True

    def __init__(self, url: str, proxy: Holding, version: str) -> None:
        self.url = url
        self.against = f"mastodon_mock {version}"
        self._proxy = proxy
        self._http = requests.Session()
        self._people: dict[str, Json] = {}
        self._authors: dict[str, str] = {}
        self.brand = self._person(BRAND)

    def credentials(self) -> dict[str, str]:
        return {"base_url": self.base_url, "access_token": self.brand["access_token"]}

    def options(self) -> dict[str, str]:
        return {}

    @property
    def base_url(self) -> str:
        """Where the desk finds the server."""
        return f"http://127.0.0.1:{self._proxy.port}"

    # --- people -----------------------------------------------------------------------------------------------------
    def meet(self, by: str) -> None:
        """The brand follows whom it meets: of others a server's stream tells no edits and no deletions."""
        if by not in self._people:
            self.call("POST", f"accounts/{self._person(by)['id']}/follow", BRAND)

    def mention(self, text: str, by: str = "lina", **more: str) -> str:
        return self.say(f"@{BRAND} {text}", by, **more)["id"]

    def reply(self, to: str, text: str, by: str = "lina") -> str:
        # The apps put the names in by themselves: who is not named is not told.
        return self.say(f"@{BRAND} {text}", by, in_reply_to_id=to)["id"]

    def say(self, text: str, by: str, **more: str) -> Json:
        """`by` posts exactly this."""
        self.meet(by)
        status: Json = self.call("POST", "statuses", by, data={"status": text, **more})
        self._authors[status["id"]] = by
        return status

    def edit(self, post: str, text: str) -> None:
        self.call("PUT", f"statuses/{post}", self._authors[post], data={"status": f"@{BRAND} {text}"})

    def delete(self, post: str) -> None:
        self.call("DELETE", f"statuses/{post}", self._authors[post])

    # --- looking ----------------------------------------------------------------------------------------------------
    def answers_to(self, post: str) -> list[Answer]:
        return [Answer(one["id"], NAMED.sub("", self.source(one["id"]))) for one in self.below(post)]

    def below(self, post: str) -> list[Json]:
        """The brand's statuses directly under that one, the oldest first."""
        below = self.call("GET", f"statuses/{post}/context", BRAND)["descendants"]
        ours = [one for one in below if one["in_reply_to_id"] == post and one["account"]["id"] == self.brand["id"]]
        return sorted(ours, key=lambda one: str(one["created_at"]))

    def instance(self) -> Json:
        """What the server tells about itself."""
        told: Json = self._http.get(f"{self.url}/api/v2/instance", timeout=20).json()
        return told

    def source(self, post: str) -> str:
        """A status as it was typed."""
        return str(self.call("GET", f"statuses/{post}/source", BRAND)["text"])

    # --- strings to pull --------------------------------------------------------------------------------------------
    def held(self) -> AbstractContextManager[Holding]:
        return self._proxy.held()

    def fault(self, path: str, method: str, count: int, **effect: Any) -> None:
        """The next so many calls there go wrong (mastodon_mock's own fault injection)."""
        rule = {"match": {"path": path, "methods": [method]}, "effect": effect, "count": count}
        self.call("POST", "_mock/faults", BRAND, json=rule)

    def call(self, method: str, path: str, by: str, **more: Any) -> Any:
        """Mastodon's own API, as that person."""
        token = self._people.get(by, {}).get("access_token", "")
        told = self._http.request(
            method, f"{self.url}/api/v1/{path}", headers={"authorization": f"Bearer {token}"}, timeout=20, **more
        )
        assert told.ok, f"{method} {path}: {told.status_code} {told.text[:500]}"
        return told.json()

    def _person(self, name: str) -> Json:
        if name not in self._people:
            self._people[name] = self.call("POST", "_mock/dev_user", name, json={"username": name})
        return self._people[name]


@contextmanager
def mastodon() -> Iterator[Mastodon]:
    """The server with nobody on it but its demo community. Raises Unavailable."""
    program, port = python_program("mastodon_mock"), free_port()
    with tempfile.TemporaryDirectory(prefix="radd-mastodon-") as home:
        log = Path(home) / "log"
        command = [str(program), "serve", "--in-memory", "--demo", "--host", "127.0.0.1", "--port", str(port)]
        with (
            running([*command, "--log-level", "warning"], log),
            closing(Holding(port, b"POST /api/v1/statuses")) as way,
        ):
            url = f"http://127.0.0.1:{port}"
            _wait(url, log)
            yield Mastodon(url, way, _version(program))


def _wait(url: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if requests.get(f"{url}/api/v2/instance", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise Unavailable(f"mastodon_mock did not start: {log.read_text(errors='replace')[-500:]}")


def _version(program: Path) -> str:
    found = (program.parent.parent / "lib").glob("python3*/site-packages/mastodon_mock-*.dist-info")
    return next((folder.name.removeprefix("mastodon_mock-").removesuffix(".dist-info") for folder in found), "")
