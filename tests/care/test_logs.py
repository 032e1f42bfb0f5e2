"""What is logged says nothing that opens a door."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from ingest.platforms.base import Adapter, PlatformError, Streams
from ingest.platforms.bluesky import firehose
from ingest.platforms.bluesky.adapter import Bluesky
from ingest.platforms.email import adapter as email
from ingest.platforms.mastodon import listening as mastodon_listening
from ingest.platforms.mastodon.adapter import Mastodon
from ingest.platforms.x import stream as x_stream
from ingest.platforms.x.adapter import X
from tests.platforms import bluesky_cast, conftest, fake_mastodon, mail_cast
from tests.platforms.fake_bluesky import BRAND, FakeBluesky
from tests.platforms.fake_mail import FakeMail
from tests.platforms.fake_mastodon import FakeMastodon
from tests.platforms.fake_x import FakeX


def at_x(stack: ExitStack) -> tuple[Adapter, set[str]]:
    return X(conftest.account(stack.enter_context(FakeX()).url)), set(conftest.CREDENTIALS.values())


def at_bluesky(stack: ExitStack) -> tuple[Adapter, set[str]]:
    account = bluesky_cast.account(stack.enter_context(FakeBluesky()))
    entered = Bluesky(account)
    entered.fetch({})
    session = account.session.get()
    return entered, {BRAND.password, session["access"], session["refresh"]}


def at_mastodon(stack: ExitStack) -> tuple[Adapter, set[str]]:
    return Mastodon(fake_mastodon.account(stack.enter_context(FakeMastodon()).url)), {fake_mastodon.TOKEN}


def at_a_mail_provider(stack: ExitStack) -> tuple[Adapter, set[str]]:
    mail = stack.enter_context(FakeMail())
    return mail_cast.adapter(mail), {mail.password}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize("at", [at_x, at_bluesky, at_mastodon, at_a_mail_provider])
def test_neither_a_poll_nor_a_stream_writes_a_credential_into_the_log(
    at: Callable[[ExitStack], tuple[Adapter, set[str]]],
    stack: ExitStack,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for listening in (email, firehose, mastodon_listening, x_stream):
        monkeypatch.setattr(listening, "BEAT", 0.2)
    # Lower than an installation logs, so that only what silences these libraries by name can keep them silent.
    caplog.set_level(logging.DEBUG)
    adapter, secrets = at(stack)
    adapter.fetch({})
    with suppress(PlatformError, TimeoutError):
        if isinstance(adapter, Streams):
            next(iter(adapter.listen({})))
    logging.getLogger("tests").info("the log is open")
    assert "the log is open" in caplog.text
    assert {secret for secret in secrets if secret in caplog.text} == set()
