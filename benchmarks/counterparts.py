"""The fakes of tests/platforms as networks to work with: a customer posts there, and what we have posted can be read.

They speak the platforms' own protocols on the loopback, so the adapters, their libraries and our channels are real.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from ingest.connecting import Wish
from tests.platforms import fake_mastodon
from tests.platforms.fake_bluesky import BRAND as SKY
from tests.platforms.fake_bluesky import FakeBluesky
from tests.platforms.fake_mail import FakeMail, letter
from tests.platforms.fake_mail.letters import id_of
from tests.platforms.fake_mastodon import GOTOSOCIAL, MASTODON, FakeMastodon, Manner
from tests.platforms.fake_x import BRAND as X_BRAND
from tests.platforms.fake_x import FakeX
from tests.platforms.fake_x.api import APP_TOKEN, KEYS


@dataclass(frozen=True)
class Ours:
    """One of our own posts as the network has it."""

    id: str
    text: str
    parent: str


@dataclass(frozen=True)
class Network:
    """One fake. `say(who, text)` posts to the brand and returns the post's id; `ours()` tells our posts in order."""

    name: str
    fake: Any
    wish: Wish
    say: Callable[[str, str], str]
    ours: Callable[[], list[Ours]]


@contextmanager
def networks(*names: str) -> Iterator[list[Network]]:
    """These fakes, running until the end of the block."""
    with ExitStack() as stack:
        yield [MAKERS[name](stack) for name in names]


def _x(stack: ExitStack) -> Network:
    fake = stack.enter_context(FakeX())

    def say(who: str, text: str) -> str:
        return fake.world.post(who, f"@{X_BRAND.handle} {text}").id

    def ours() -> list[Ours]:
        found = reversed(fake.world.timeline(X_BRAND))
        return [Ours(post.id, post.note or post.text, post.reply_to) for post in found]

    given = {"bearer_token": APP_TOKEN, **KEYS}
    return Network("x", fake, Wish("x", "X", given, options={"base_url": fake.url}), say, ours)


def _mastodon(name: str, manner: Manner) -> Callable[[ExitStack], Network]:
    def made(stack: ExitStack) -> Network:
        fake = stack.enter_context(FakeMastodon(manner))

        def say(who: str, text: str) -> str:
            return fake.world.post(who, f"@{fake_mastodon.BRAND.username} {text}").id

        def ours() -> list[Ours]:
            found = reversed(fake.world.timeline(fake_mastodon.BRAND))
            return [Ours(status.id, status.text, status.reply_to) for status in found]

        given = {"base_url": fake.url, "access_token": fake_mastodon.TOKEN}
        return Network(name, fake, Wish("mastodon", name.title(), given), say, ours)

    return made


def _bluesky(stack: ExitStack) -> Network:
    fake = stack.enter_context(FakeBluesky())

    def say(who: str, text: str) -> str:
        return fake.world.post(f"{who}.test", f"@{SKY.handle} {text}").uri

    def ours() -> list[Ours]:
        with fake.world.lock:
            found = [post for post in fake.world.posts.values() if post.author.did == SKY.did]
        return [
            Ours(post.uri, post.record["text"], post.record.get("reply", {}).get("parent", {}).get("uri", ""))
            for post in found
        ]

    given = {"identifier": SKY.handle, "app_password": SKY.password, "base_url": fake.url, "firehose_url": fake.relay}
    return Network("bluesky", fake, Wish("bluesky", "Bluesky", given), say, ours)


def _mail(stack: ExitStack) -> Network:
    fake = stack.enter_context(FakeMail())

    def say(who: str, text: str) -> str:
        sent = letter(text, From=f"{who.title()} <{who}@shop.example>")
        fake.inbox.deliver(sent)
        return id_of(sent)

    given = {name: str(value) for name, value in {**fake.options, "password": fake.password}.items()}
    return Network("email", fake, Wish("email", "Mail", given), say, list)


MAKERS: dict[str, Callable[[ExitStack], Network]] = {
    "x": _x,
    "mastodon": _mastodon("mastodon", MASTODON),
    "gotosocial": _mastodon("gotosocial", GOTOSOCIAL),
    "bluesky": _bluesky,
    "email": _mail,
}
