"""X as its own OpenAPI file describes it: Prism holds every request of ours, and every answer of our fake, to it."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests.counterparts.front import Front
from tests.counterparts.network import Answer, Unavailable
from tests.counterparts.servers import node_modules, running
from tests.e2e.desk import free_port
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import APP_TOKEN, USER_TOKEN
from tests.platforms.openapi.spec import NEW, OLD

PRISM = "@stoplight/prism-cli"
FILES = Path(__file__).resolve().parents[1] / "platforms" / "openapi"
# As on X, a reply begins with the names of those it answers.
NAMED = re.compile(r"^(?:@\w+\s+)+")

PLAIN = {"type": "object", "required": ["title", "type"], "properties": {"type": {"enum": ["about:blank"]}}}


class Network:
    """The fake, people on it, and the way to it through X's description."""

    platform = "x"
    pushes = True
    # An edit is a new post: no event tells of it, the next poll does.
    edits = False
    tells_deletions = False
    chats = True

    def __init__(self, fake: FakeX, front: Front, version: str, prism: str) -> None:
        self.fake = fake
        self.front = front
        self.names = "new" if version == NEW else "old"
        self.label = f"X, {self.names} names"
        self.against = f"our fake X behind Prism {prism}, X's OpenAPI {version}"

    def credentials(self) -> dict[str, str]:
        return {"bearer_token": APP_TOKEN, "oauth2_user_token": USER_TOKEN}

    def options(self) -> dict[str, str]:
        return {"base_url": self.front.url, "names": self.names}

    def meet(self, by: str) -> None:
        self.fake.world.user(by)

    def mention(self, text: str, by: str = "lina") -> str:
        return self.fake.world.post(by, f"@{BRAND.handle} {text}").id

    def reply(self, to: str, text: str, by: str = "lina") -> str:
        return self.fake.world.post(by, text, reply_to=to).id

    def edit(self, post: str, text: str) -> None:
        self.fake.world.edit(post, f"@{BRAND.handle} {text}")

    def delete(self, post: str) -> None:
        self.fake.world.delete(post)

    def answers_to(self, post: str) -> list[Answer]:
        ours = reversed(self.fake.world.timeline(BRAND))
        return [Answer(one.id, NAMED.sub("", one.text)) for one in ours if one.reply_to == post]

    def held(self) -> AbstractContextManager[Front]:
        return self.front.held()


@contextmanager
def x(version: str) -> Iterator[Network]:
    """The fake in the spelling of that version, and Prism with its file before it. Raises Unavailable."""
    modules, port = node_modules(PRISM), free_port()
    installed = json.loads((modules / PRISM / "package.json").read_text())
    program = modules / PRISM / installed["bin"]["prism"]
    with FakeX(spelling="new" if version == NEW else "old") as fake, tempfile.TemporaryDirectory() as home:
        fake.api.old_names = version == OLD
        log, file = Path(home) / "log", Path(home) / "x.json"
        file.write_text(json.dumps(for_prism(json.loads((FILES / f"x-{version}.json").read_text()))))
        command = ["node", str(program), "proxy", "--errors", "-h", "127.0.0.1", "-p", str(port), str(file), fake.url]
        with running(command, log):
            _wait(port, log)
            with closing(Front(port, int(fake.url.rpartition(":")[2]))) as front:
                yield Network(fake, front, version, installed["version"])


def for_prism(described: dict[str, Any]) -> dict[str, Any]:
    """The file in which refusals are application/problem+json alone, and the plain ones are among them.

    Prism takes the two media types of refusals for one ("+json" counts as "json"), and would hold them to the other.
    2.167 lists no plain refusals ("about:blank") any more; X sent them when 2.166 described them, and may go on.
    """
    for methods in described["paths"].values():
        for operation in methods.values():
            for response in operation["responses"].values():
                told = response.get("content", {})
                if "application/problem+json" in told:
                    told.pop("application/json", None)
    problem = described["components"]["schemas"]["Problem"]
    if "oneOf" in problem:
        del problem["discriminator"]
        problem["oneOf"].append(PLAIN)
    return described


def _wait(port: int, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            requests.get(f"http://127.0.0.1:{port}/2/users/me", timeout=5)
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return
    raise Unavailable(f"Prism did not start: {log.read_text(errors='replace')[-500:]}")


old: Callable[[], AbstractContextManager[Network]] = partial(x, OLD)
new: Callable[[], AbstractContextManager[Network]] = partial(x, NEW)
