"""What docs/generic-channel.md shows works as it stands there."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.platforms.base import Cannot, Kind
from ingest.platforms.webhook import format as webhook_format
from ingest.platforms.webhook.adapter import Webhook
from tests.platforms.fake_bridge import Desk, FakeBridge
from tests.platforms.fake_bridge.bridge import SECRET
from tests.platforms.test_webhook import account
from tests.platforms.test_webhook_answers import outgoing

PAGE = (Path(__file__).parents[2] / "docs" / "generic-channel.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(account()) as desk:
        yield desk


def run(desk: Desk, *command: str) -> None:
    settings = {**os.environ, "RADD_URL": desk.inbox, "RADD_SECRET": SECRET}
    ran = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr + ran.stdout


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl")
def test_the_call_with_curl_is_taken(desk: Desk) -> None:
    (script,) = blocks("bash")
    run(desk, "bash", "-c", script)
    assert [post.text for page in desk.read() for post in page.posts] == ["Where is my parcel?"]


def test_the_call_with_python_is_taken(desk: Desk) -> None:
    (script,) = blocks("python")
    run(desk, sys.executable, "-c", script)
    assert [post.text for page in desk.read() for post in page.posts] == ["And mine?"]


def test_the_event_shown_is_read() -> None:
    event = json.loads(blocks("json")[0])
    page = Webhook(account()).read_event({"event": event})
    assert page.bad == ()
    assert page.posts[0].raw["data"] == {"board": 4}


def test_the_answer_shown_has_the_fields_of_a_real_one() -> None:
    shown = json.loads(blocks("json")[1])
    with FakeBridge() as bridge:
        Webhook(account(bridge.answer_url)).reply(outgoing())
        real = bridge.posted[0]
    assert list(shown) == list(real)
    assert list(shown["in_reply_to"]) == list(real["in_reply_to"])
    assert list(shown["account"]) == list(real["account"])


def test_the_signature_shown_is_that_of_the_tests() -> None:
    tests = (Path(__file__).parent / "test_webhook_signing.py").read_text(encoding="utf-8")
    (shown,) = re.findall(r"v1=([0-9a-f]{64})", PAGE)
    assert shown in tests


def test_every_option_kind_and_reason_is_told() -> None:
    words = {need.name for need in Webhook.needs} | set(Kind) | set(Cannot) | set(webhook_format.TYPES)
    assert {word for word in words if f"`{word}`" not in PAGE} == set()
