"""The file formats that can be imported, and how one is told by its content."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Protocol

from ingest.imports.items import Item, Sighting, UnusableFile
from ingest.imports.lines import Lines, beginning
from ingest.imports.radd import RaddLines
from ingest.imports.twcs import Twcs
from ingest.imports.xpages import XPages

# So many lines are looked at before a format is given up.
LOOKED_AT = 20


class Format(Protocol):
    """One file format. `longest_line`, in bytes, bounds the memory that one line may take."""

    name: ClassVar[str]
    longest_line: ClassVar[int]

    def __init__(self, head: str) -> None:
        """`head` is the beginning of the file. Raises UnusableFile when it cannot be of this format."""
        ...

    def survey(self, lines: Lines) -> Iterator[Sighting]:
        """The first pass; must be finished before `items`."""
        ...

    def items(self, lines: Lines) -> Iterator[Item]:
        """Every row, in order."""
        ...


FORMATS: dict[str, type[Format]] = {form.name: form for form in (Twcs, XPages, RaddLines)}


def open_format(path: Path, name: str = "auto") -> Format:
    """The format of this name, or the one that the file's content tells. Raises UnusableFile."""
    try:
        head = beginning(path)
    except OSError as error:
        raise UnusableFile(f"{path} cannot be read: {error.strerror or error}.") from error
    if head.encode("utf-8", "surrogateescape").startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnusableFile(f"{path} is UTF-16; save it as UTF-8 first.")
    if not head.strip():
        raise UnusableFile(f"{path} is empty.")
    name = told_by(head) if name == "auto" else name
    if not name:
        raise UnusableFile(f"{path} is in none of the known formats ({', '.join(FORMATS)}); see docs/importing.md.")
    return FORMATS[name](head)


def told_by(head: str) -> str:
    """The name of the format that a file beginning like this is in; empty when it is none of ours."""
    first = head.lstrip().split("\n", 1)[0]
    if "tweet_id" in first and "," in first and not first.startswith(("{", "[")):
        return Twcs.name
    for line in head.splitlines()[:LOOKED_AT]:
        found = _object(line)
        if "external_id" in found and "author" in found:
            return RaddLines.name
        if "data" in found or "meta" in found:
            return XPages.name
    return XPages.name if first.startswith(("{", "[")) and '"data"' in head else ""


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
