"""Radd's own JSON Lines: one post a line, field by field as docs/importing.md says."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils import timezone as clock

from ingest.imports.items import BadRow, Item, Sighting, checked, printable
from ingest.imports.lines import Line, Lines
from ingest.platforms.base import Author, Json, Kind, Post

LONGEST_LINE = 4 << 20


class RaddLines:
    """Posts as Radd itself thinks of them."""

    name: ClassVar[str] = "radd"
    longest_line: ClassVar[int] = LONGEST_LINE

    def __init__(self, head: str) -> None:
        """Any file may hold rows of this format; those that are none are told one by one."""

    def survey(self, lines: Lines) -> Iterator[Sighting]:
        """Ids and authors."""
        for item in self.items(lines):
            if seen := item.sighting:
                yield seen

    def items(self, lines: Lines) -> Iterator[Item]:
        """Every line that is not blank."""
        now = clock.now()
        for line in lines:
            if not line.text.strip():
                continue
            try:
                row = _row(line)
                ours = _flag(row, "ours")
                yield Item(line.number, row, checked(_post(row, ours=ours), now), ours=ours)
            except BadRow as error:
                yield Item(line.number, printable(line.text.rstrip("\r\n"))[:LONGEST_LINE], reason=str(error))


def _row(line: Line) -> Json:
    if not line.whole:
        raise BadRow("the line is too long")
    if not line.is_utf8:
        raise BadRow("not valid UTF-8")
    try:
        row = json.loads(line.text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadRow(f"no JSON: {error}") from None
    if not isinstance(row, dict):
        raise BadRow("no JSON object")
    return row


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _post(row: Json, *, ours: bool) -> Post:
    parent, root = _text(row, "parent_id"), _text(row, "root_id")
    return Post(
        external_id=_text(row, "external_id", needed=True),
        author=_author(row.get("author")),
        kind=_kind(row, ours=ours, answers=bool(parent)),
        text=_text(row, "text"),
        posted_at=_moment(row, "posted_at", needed=True) or datetime.now(UTC),
        conversation_key=_text(row, "conversation_key") or root,
        parent_id=parent,
        root_id=root,
        ref_id=_text(row, "ref_id"),
        url=_text(row, "url"),
        lang_hint=_text(row, "lang_hint"),
        media=tuple(_objects(row, "media")),
        metrics=_object(row, "metrics"),
        edited_at=_moment(row, "edited_at"),
        deleted_at=_moment(row, "deleted_at"),
        raw=_object(row, "raw"),
    )


def _author(told: Any) -> Author:
    if not isinstance(told, dict):
        raise BadRow("the author is missing")
    followers = told.get("followers")
    if followers is not None and (isinstance(followers, bool) or not isinstance(followers, int)):
        raise BadRow(f"the number of followers cannot be {followers!r:.60}")
    return Author(
        external_id=_text(told, "external_id") or _text(told, "handle"),
        handle=_text(told, "handle"),
        name=_text(told, "name"),
        avatar_url=_text(told, "avatar_url"),
        followers=followers,
    )


def _kind(row: Json, *, ours: bool, answers: bool) -> Kind:
    told = _text(row, "kind")
    if not told:
        return Kind.REPLY if answers else Kind.POST if ours else Kind.MENTION
    try:
        return Kind(told)
    except ValueError:
        raise BadRow(f"kind is none of {', '.join(Kind)}: {told[:60]}") from None


def _text(row: Json, name: str, *, needed: bool = False) -> str:
    value = row.get(name)
    if value is None:
        value = ""
    if isinstance(value, int) and not isinstance(value, bool) and name.endswith("id"):
        value = str(value)
    if not isinstance(value, str):
        raise BadRow(f"{name} is no text: {value!r:.60}")
    if needed and not value:
        raise BadRow(f"{name} is missing")
    # In ids they are refused later; elsewhere halves of UTF-16 pairs cost themselves only.
    return value if name.endswith(("id", "key")) else value.encode("utf-8", "replace").decode("utf-8")


def _flag(row: Json, name: str) -> bool:
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise BadRow(f"{name} is neither true nor false: {value!r:.60}")
    return value


def _moment(row: Json, name: str, *, needed: bool = False) -> datetime | None:
    told = _text(row, name, needed=needed)
    if not told:
        return None
    try:
        moment = datetime.fromisoformat(told)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRow(f"{name} is no date: {told[:60]}") from None


def _object(row: Json, name: str) -> Json:
    value = row.get(name) or {}
    if not isinstance(value, dict):
        raise BadRow(f"{name} is no object")
    return value


def _objects(row: Json, name: str) -> list[Json]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise BadRow(f"{name} is no list of objects")
    return value
