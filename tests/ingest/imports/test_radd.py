"""Radd's own JSON Lines."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.imports.formats import FORMATS, open_format
from ingest.imports.items import UnusableFile
from ingest.platforms.base import Kind
from tests.ingest.imports.files import a_jsonl, a_line, ids, read_all, reasons


def test_every_field_is_taken(tmp_path: Path) -> None:
    told = {
        "kind": "quote", "conversation_key": "c", "parent_id": 4, "root_id": "1", "ref_id": "2", "url": "https://x.example",
        "lang_hint": "ar", "metrics": {"likes": 3}, "media": [{"type": "photo"}], "ours": True,
        "edited_at": "2026-01-02T04:00:00+01:00", "raw": {"a": 1},
    }  # fmt: skip
    (item,) = read_all(a_jsonl(tmp_path / "f", a_line("r1", **told)))
    post = item.post
    assert post is not None
    assert item.ours
    assert (post.kind, post.conversation_key, post.parent_id, post.ref_id) == (Kind.QUOTE, "c", "4", "2")
    assert post.posted_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
    assert (post.media, post.metrics, post.raw) == (({"type": "photo"},), {"likes": 3}, {"a": 1})


def test_little_is_needed(tmp_path: Path) -> None:
    least = {"external_id": 7, "author": {"handle": "reem"}, "posted_at": "2026-01-02"}
    path = a_jsonl(tmp_path / "f", least, least | {"external_id": 8, "parent_id": "7"}, least | {"ours": True})
    mention, reply, own = read_all(path)
    assert mention.post is not None
    assert reply.post is not None
    assert own.post is not None
    assert (mention.post.author.external_id, mention.post.text) == ("reem", "")
    assert (mention.post.kind, reply.post.kind, own.post.kind) == (Kind.MENTION, Kind.REPLY, Kind.POST)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "no JSON: Expecting property name"),
        ("[1]", "no JSON object"),
        ("[" * 100_000, "no JSON"),
        (a_line(""), "external_id is missing"),
        (a_line("x" * 513), "the id is longer than 512 characters"),
        (a_line("a\ud800b"), "the id holds characters that no id has"),
        (a_line("a\x00b"), "the id holds characters that no id has"),
        (a_line(conversation_key="c" * 513), "the conversation key is longer"),
        (a_line(author=None), "the author is missing"),
        (a_line(author={"name": "Reem"}), "the author id is missing"),
        (a_line(author={"handle": "r", "followers": "many"}), "the number of followers cannot be 'many'"),
        (a_line(author={"handle": "r", "followers": -1}), "the number of followers cannot be -1"),
        (a_line(author={"handle": "r", "followers": 2**31}), "the number of followers cannot be 2147483648"),
        (a_line(kind="shout"), "kind is none of"),
        (a_line(text=["no"]), "text is no text"),
        (a_line(posted_at=None), "posted_at is missing"),
        (a_line(posted_at="soon"), "posted_at is no date: soon"),
        (a_line(posted_at="0001-01-01T00:00:00+14:00"), "posted_at is no date"),
        (a_line(posted_at="2999-01-01"), "the date is out of range"),
        (a_line(ours="yes"), "ours is neither true nor false"),
        (a_line(media=[1]), "media is no list of objects"),
        (a_line(metrics=[1]), "metrics is no object"),
        (json.dumps(a_line(metrics={"x": float("nan")})), "no JSON: NaN is no number"),
    ],
)
def test_a_bad_row_says_why_and_costs_itself_only(tmp_path: Path, row: Any, reason: str) -> None:
    found = read_all(a_jsonl(tmp_path / "f", a_line("good"), row, "", a_line("last")))
    assert ids(found) == ["good", "last"]
    assert list(reasons(found)) == [2]
    assert reasons(found)[2].startswith(reason)


def test_half_a_pair_costs_itself_only(tmp_path: Path) -> None:
    (item,) = read_all(a_jsonl(tmp_path / "f", a_line(text="half \ud83d here", lang_hint="\ud83d")))
    assert item.post is not None
    assert (item.post.text, item.post.lang_hint) == ("half ? here", "?")


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"hello, world\n", "\ufeffid".encode("utf-16"), b'{"a": 1}\n', b"<html>"]
)
def test_a_file_of_no_known_format(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    with pytest.raises(UnusableFile):
        open_format(path)


def test_a_broken_first_line_does_not_hide_the_format(tmp_path: Path) -> None:
    assert isinstance(open_format(a_jsonl(tmp_path / "f", "{oops", a_line())), FORMATS["radd"])
