"""Customer Support on Twitter: a public CSV of both sides of care, whose rows name only the post that they answer.

https://www.kaggle.com/datasets/thoughtvector/customer-support-on-twitter
"""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

from django.utils import timezone as clock

from ingest.imports.items import BadRow, Item, Sighting, UnusableFile, checked, printable
from ingest.imports.lines import Lines
from ingest.imports.records import LONGEST_LINE, Record, records
from ingest.imports.surveys import Threads
from ingest.platforms.base import Author, Kind, Post

COLUMNS = ("tweet_id", "author_id", "inbound", "created_at", "text", "in_response_to_tweet_id")
# Some rows write ids as floats: "3.0".
_ID = re.compile(r"0*(\d{1,18})(?:\.0+)?")
_DATE = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Twcs:
    """Rows of the CSV. Every author of a row that is not inbound is an account of the brand."""

    name: ClassVar[str] = "twcs"
    longest_line: ClassVar[int] = LONGEST_LINE

    def __init__(self, head: str) -> None:
        header = next(csv.reader([head.lstrip().split("\n", 1)[0].rstrip("\r")]), [])
        self._header = [name.strip() for name in header]
        missing = [name for name in COLUMNS if name not in self._header]
        if missing:
            raise UnusableFile(f"The first line names no column {', '.join(missing)}; see docs/importing.md.")
        self._threads = Threads()

    def survey(self, lines: Lines) -> Iterator[Sighting]:
        """Ids, authors and links only."""
        for record in self._rows(lines):
            try:
                row = self._named(record)
                post_id, parent_id = _id(row, "tweet_id"), _parent(row)
            except BadRow:
                continue
            if parent_id is not None:
                self._threads.note(post_id, parent_id)
            author = row["author_id"].strip()
            yield Sighting(str(post_id), author, author, ours=row["inbound"].strip().lower() == "false")
        self._threads.close()

    def items(self, lines: Lines) -> Iterator[Item]:
        """Every row below the header."""
        now = clock.now()
        for record in self._rows(lines):
            try:
                row = self._named(record)
                ours = not _inbound(row)
                yield Item(record.line, record.raw, checked(self._post(row, ours=ours), now), ours=ours)
            except BadRow as error:
                yield Item(record.line, printable(record.raw), reason=str(error))

    def _rows(self, lines: Lines) -> Iterator[Record]:
        rows = records(lines)
        for record in rows:
            if record.reason != "the line is empty":
                break
        yield from rows

    def _named(self, record: Record) -> Mapping[str, str]:
        if record.reason:
            raise BadRow(record.reason)
        if len(record.fields) != len(self._header):
            raise BadRow(f"{len(record.fields)} columns instead of {len(self._header)}")
        return dict(zip(self._header, record.fields, strict=True))

    def _post(self, row: Mapping[str, str], *, ours: bool) -> Post:
        post_id, parent_id = _id(row, "tweet_id"), _parent(row)
        author = row["author_id"].strip()
        root = str(self._threads.root(post_id))
        return Post(
            external_id=str(post_id),
            author=Author(external_id=author, handle=author),
            kind=Kind.REPLY if parent_id is not None else Kind.POST if ours else Kind.MENTION,
            text=_text(row["text"]),
            posted_at=_moment(row["created_at"]),
            conversation_key=root,
            root_id=root,
            parent_id="" if parent_id is None else str(parent_id),
        )


def _id(row: Mapping[str, str], column: str) -> int:
    told = row[column].strip()
    found = _ID.fullmatch(told)
    if not found:
        raise BadRow(f"{column} is missing" if not told else f"{column} is no id: {told[:60]}")
    return int(found[1])


def _parent(row: Mapping[str, str]) -> int | None:
    column = "in_response_to_tweet_id"
    return _id(row, column) if row[column].strip() else None


def _inbound(row: Mapping[str, str]) -> bool:
    told = row["inbound"].strip().lower()
    if told not in {"true", "false"}:
        raise BadRow(f"inbound is neither True nor False: {told[:60]}")
    return told == "true"


def _text(told: str) -> str:
    """X escapes these three characters and no others."""
    text = told.replace("\r\n", "\n")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _moment(told: str) -> datetime:
    """Tue Oct 31 22:10:47 +0000 2017, whatever this machine's own language."""
    found = _DATE.fullmatch(told.strip())
    try:
        if not found:
            raise ValueError
        month, day, hour, minute, second, sign, hours, minutes, year = found.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (1 if sign == "+" else -1)
        local = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=timezone(ahead)
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRow(f"created_at is no date: {told[:60]}") from None
