"""Fields of somebody else's JSON, each read as what it should be; what is wrong is told with the field's path."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ingest.platforms import told
from ingest.platforms.base import Json

LONGEST_LINK = 2000
DEEPEST = 20
# RFC 3339: a date, a time and how far it is from UTC. Python alone would take much more than that.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
NAMES = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


class Wrong(ValueError):
    """A field is not what it should be; the words name it."""


@dataclass(frozen=True, slots=True)
class Fields:
    """An object and where it stands, as in `message.author`. A missing field and null are the same."""

    told: Json
    path: str = ""

    def text(self, name: str, longest: int, *, needed: bool = False) -> str:
        """Up to `longest` code points; "" if there is none."""
        value = self._of(name, str, needed=needed) or ""
        if needed and not value.strip():
            raise self.wrong(name, "is empty")
        if len(value) > longest:
            raise self.wrong(name, f"has {len(value)} characters; {longest} are allowed")
        return str(value)

    def choice(self, name: str, allowed: Collection[str], usual: str = "", *, needed: bool = False) -> str:
        """One of these words; `usual` if there is none."""
        value = self._of(name, str, needed=needed)
        if value is not None and value not in allowed:
            raise self.wrong(name, f"must be one of {', '.join(allowed)}, not {value[:40]!r}")
        return usual if value is None else str(value)

    def link(self, name: str) -> str:
        """An http or https address, or ""."""
        value = self.text(name, LONGEST_LINK)
        if value and not is_link(value):
            raise self.wrong(name, "must be an http or https address")
        return value

    def moment(self, name: str, *, needed: bool = False) -> datetime | None:
        """A time with its offset, in UTC."""
        value = self.text(name, 40, needed=needed)
        if not value:
            return None
        try:
            if not MOMENT.fullmatch(value):
                raise ValueError
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (OverflowError, ValueError):
            words = f"must be a time with its offset, such as 2026-11-22T05:00:00Z, not {value!r}"
            raise self.wrong(name, words) from None

    def count(self, name: str, most: int) -> int | None:
        """A whole number from 0 to `most`."""
        value = self._of(name, int)
        if value is not None and not 0 <= value <= most:
            raise self.wrong(name, f"must be from 0 to {most}")
        return None if value is None else int(value)

    def flag(self, name: str) -> bool:
        """False if there is none."""
        return bool(self._of(name, bool))

    def part(self, name: str, *, needed: bool = False) -> "Fields":
        """The object of that name, empty if there is none."""
        return Fields(self._of(name, dict, needed=needed) or {}, self._path(name))

    def parts(self, name: str, most: int) -> Iterator["Fields"]:
        """The objects of a list of at most so many."""
        values = self._of(name, list) or []
        if len(values) > most:
            raise self.wrong(name, f"has {len(values)} entries; {most} are allowed")
        for place, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.wrong(f"{name}[{place}]", f"must be an object, not {_name(value)}")
            yield Fields(value, self._path(f"{name}[{place}]"))

    def wrong(self, name: str, words: str) -> Wrong:
        """What to raise."""
        return Wrong(f"{self._path(name)} {words}")

    def _of(self, name: str, kind: type, *, needed: bool = False) -> Any:
        value = self.told.get(name)
        if value is None:
            if needed:
                raise self.wrong(name, "is missing")
            return None
        # For Python, True is a number. For us it is not.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(name, f"must be {NAMES[kind]}, not {_name(value)}")
        return value

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def is_link(value: str) -> bool:
    """Whether a browser can be sent there and nothing else is hidden in it."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(c <= " " for c in value)


def clean(value: Any) -> Any:
    """As `told.clean`. Raises Wrong where it is nested deeper than `DEEPEST`."""
    if _is_deeper(value, DEEPEST):
        raise Wrong(f"is nested more than {DEEPEST} deep")
    return told.clean(value)


def _is_deeper(value: Any, depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (not depth or any(_is_deeper(part, depth - 1) for part in inner))


def _name(value: Any) -> str:
    return "null" if value is None else NAMES.get(type(value), type(value).__name__)
