"""Answers of X's API v2 kept in a file: one page, a list of pages, or one page a line."""

import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils import timezone as clock

from ingest.imports.items import BadRow, Item, Sighting, checked, printable
from ingest.imports.lines import Lines
from ingest.platforms.base import Json, PlatformError
from ingest.platforms.x.parse import read_page

LONGEST_PAGE = 64 << 20
_SIGN = re.compile(r'\\.|["{}]', re.DOTALL)


class XPages:
    """Posts of pages. Whose account is ours the pages do not tell; the channel or the importing person does."""

    name: ClassVar[str] = "x"
    longest_line: ClassVar[int] = LONGEST_PAGE

    def __init__(self, head: str) -> None:
        first = head.lstrip().split("\n", 1)[0]
        self._one_a_line = isinstance(_json(first), dict)

    def survey(self, lines: Lines) -> Iterator[Sighting]:
        """Ids and authors."""
        for item in self.items(lines):
            if seen := item.sighting:
                yield seen

    def items(self, lines: Lines) -> Iterator[Item]:
        """Every post of every page."""
        now = clock.now()
        for line, text in self._pages(lines):
            page = _json(text)
            if not isinstance(page, dict):
                yield Item(line, printable(text[:10_000]), reason="no JSON object")
                continue
            for item in _items(line, page):
                yield _checked(item, now)

    def _pages(self, lines: Lines) -> Iterator[tuple[int, str]]:
        if not self._one_a_line:
            return objects(lines)
        return ((line.number, line.text) for line in lines if line.text.strip())


def _items(line: int, page: Json) -> Iterator[Item]:
    try:
        found = read_page(page)
    except PlatformError as error:
        yield Item(line, page, reason=f"no page of posts: {error}")
        return
    for post in found.posts:
        yield Item(line, post.raw, post)
    for bad in found.bad:
        yield Item(line, bad.payload, reason=f"no post: {bad.error}")
    for _double in range(len(page.get("data") or []) - len(found.posts) - len(found.bad)):
        yield Item(line, None, double=True)


def _checked(item: Item, now: Any) -> Item:
    if item.post is None:
        return item
    try:
        checked(item.post, now)
    except BadRow as error:
        return Item(item.line, item.raw, reason=str(error))
    return item


def objects(lines: Lines) -> Iterator[tuple[int, str]]:
    """Each outermost {...} of the file with the line where it begins, whatever stands between them."""
    cutter = _Cutter()
    for piece in lines.pieces():
        yield from cutter.feed(piece.number, piece.text)
    if cutter.depth:
        yield cutter.start, "".join(cutter.parts)


class _Cutter:
    """Cuts text that comes piece by piece; what is never closed ends up in `parts`."""

    def __init__(self) -> None:
        self.depth = 0
        self.start = 0
        self.parts: list[str] = []
        self._quoted = False
        self._kept = ""
        self._size = 0

    def feed(self, line: int, text: str) -> Iterator[tuple[int, str]]:
        text, begin = self._kept + text, 0
        # Half of an escape waits for its other half.
        self._kept = "\\" if (len(text) - len(text.rstrip("\\"))) % 2 else ""
        text = text.removesuffix(self._kept)
        for sign in _SIGN.finditer(text):
            opens, closes = self._turn(sign[0])
            if opens:
                begin, self.start = sign.start(), line
            if closes:
                yield self.start, "".join((*self.parts, text[begin : sign.end()]))
                self.parts, self._size = [], 0
        # A page longer than a page can be is let run out; it will not be understood.
        if self.depth and self._size < LONGEST_PAGE:
            self.parts.append(text[begin:])
            self._size += len(text) - begin

    def _turn(self, mark: str) -> tuple[bool, bool]:
        """Whether an outermost object opens or closes here."""
        if mark == '"' and self.depth:
            self._quoted = not self._quoted
        if self._quoted or mark not in {"{", "}"}:
            return False, False
        if mark == "}" and not self.depth:
            return False, False
        self.depth += 1 if mark == "{" else -1
        return mark == "{" and self.depth == 1, mark == "}" and self.depth == 0


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
