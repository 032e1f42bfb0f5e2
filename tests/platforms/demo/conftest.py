"""A world of the small cast, and a clock that moves when told."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from ingest.platforms.base import Account
from tests.platforms.demo.cast import BEGINNING, CORPUS


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGINNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def account(tmp_path: Path) -> Account:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("\n".join(map(json.dumps, CORPUS)) + "\nnot json\n{}\n", encoding="utf-8")
    options = {
        "path": str(tmp_path / "world.sqlite3"), "corpus": str(corpus), "pace": 60, "head_start": 2,
        "follow_up_seconds": 5, "chase_seconds": 240, "nap_seconds": 100_000,
    }  # fmt: skip
    return Account(channel_id=1, external_id="demo-nawa_care", handle="nawa_care", credentials={}, options=options)
