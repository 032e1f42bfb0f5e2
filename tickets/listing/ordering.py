"""Orders of a list, and its pages: a page begins behind the sort values of the last row, never by counting rows away.

Every order ends with the ticket's number, so no two rows are equal, and all its keys go the same way: PostgreSQL then
compares whole rows, and an index that has these columns is entered at the very place.

    order      index
    next       ticket_mine, ticket_unassigned, ticket_live, ticket_breaching: (..., due_at, id)
    priority   ticket_by_priority: (priority, due_at, id) of live tickets
    newest     ticket_all: (-updated_at, -id)
    first      the primary key
    oldest     ticket_by_age: (opened_at, id) of live tickets
    negative   ticket_by_mood: (valence, with 2 for none, id) of live tickets

A customer's followers are in no order, and no column for them exists.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.db.models import F, Func, IntegerField, Lookup, Value
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.models.ticket import UNREAD_VALENCE

Key = datetime | int | float


class Sortable(Protocol):
    """What a row must tell to be put in order."""

    @property
    def id(self) -> int: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def opened_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def priority(self) -> int: ...
    @property
    def latest_valence(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Sort:
    """One order: the columns before the number, and whether the greatest comes first."""

    slug: str
    label: Promise
    columns: tuple[str, ...]
    descending: bool = False

    @property
    def keys(self) -> tuple[F | Coalesce, ...]:
        """What the database sorts by."""
        return tuple(_expression(column) for column in (*self.columns, "id"))

    def order(self) -> list[OrderBy]:
        """For order_by."""
        return [key.desc() if self.descending else key.asc() for key in self.keys]

    def values(self, row: Sortable) -> tuple[Key | None, ...]:
        """The same of one row."""
        return (*(_value(row, column) for column in self.columns), row.id)

    def beyond(self, cursor: "Cursor") -> "Lookup[Any]":
        """Behind the cursor, for filter."""
        lookup = LessThan if self.descending else GreaterThan
        return lookup(_together(self.keys), _together(Value(value) for value in cursor.values))

    def stands_before(self, row: Sortable, cursor: "Cursor") -> bool:
        """Whether the row is among those up to the cursor."""
        mine = self.values(row)
        if None in mine:
            return False
        return mine >= cursor.values if self.descending else mine <= cursor.values


def _together(values: Iterable[Combinable]) -> Func:
    """Several values compared as one."""
    return Func(*values, function="ROW", output_field=IntegerField())


def _expression(column: str) -> F | Coalesce:
    return Coalesce("latest_valence", Value(UNREAD_VALENCE)) if column == "latest_valence" else F(column)


def _value(row: Sortable, column: str) -> Key | None:
    if column == "latest_valence":
        return UNREAD_VALENCE if row.latest_valence is None else row.latest_valence
    found: Key | None = getattr(row, column)
    return found


SORTS: Mapping[str, Sort] = {
    sort.slug: sort
    for sort in (
        Sort("next", _("What matters next"), ("due_at",)),
        Sort("priority", _("Highest priority first"), ("priority", "due_at")),
        Sort("negative", _("Most negative first"), ("latest_valence",)),
        Sort("newest", _("Newest first"), ("updated_at",), descending=True),
        Sort("oldest", _("Oldest first"), ("opened_at",)),
        Sort("first", _("First opened first"), ()),
    )
}
# The type of each column, as a cursor must have it.
TYPES: Mapping[str, type] = {
    "due_at": datetime, "opened_at": datetime, "updated_at": datetime, "priority": int, "latest_valence": float,
}  # fmt: skip


class BadCursor(ValueError):
    """A cursor that this list did not hand out."""


class Cursor(NamedTuple):
    """The sort values of the last row of a page, and the order they belong to."""

    sort: str
    values: tuple[Key, ...]

    def token(self) -> str:
        """Opaque text for an address."""
        told = [value.isoformat() if isinstance(value, datetime) else value for value in self.values]
        raw = json.dumps([self.sort, *told], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, token: str, sort: Sort) -> "Cursor":
        """The cursor of a token, for this order. Raises BadCursor for anything we did not make for it."""
        try:
            slug, *told = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            if slug != sort.slug or len(told) != len(sort.columns) + 1:
                raise ValueError(slug)
            values = tuple(_read(TYPES[column], value) for column, value in zip(sort.columns, told, strict=False))
            return cls(slug, (*values, _number(told[-1])))
        except (ValueError, TypeError, binascii.Error, RecursionError) as error:
            raise BadCursor(token[:80]) from error

    @classmethod
    def behind(cls, row: Sortable, sort: Sort) -> "Cursor | None":
        """Where the page that ends with this row is left; None where the row has no place in this order."""
        values = sort.values(row)
        known = tuple(value for value in values if value is not None)
        return cls(sort.slug, known) if len(known) == len(values) else None


def _read(kind: type, value: object) -> Key:
    if kind is datetime:
        moment = datetime.fromisoformat(str(value))
        if not isinstance(value, str) or moment.tzinfo is None:
            raise ValueError(value)
        return moment
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool) and -1 <= value <= 2:
        return float(value)
    if kind is int and type(value) is int and 0 <= value < 2**15:
        return value
    raise ValueError(value)


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(value)
    return value


def sort_of(wish: str, offered: Sequence[str]) -> Sort:
    """The order that was asked for, if it is offered here; else the first that is."""
    return SORTS[wish if wish in offered else offered[0]]
