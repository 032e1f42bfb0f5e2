"""Filling tables by COPY: rows as text, columns that nobody sets filled from the model, indexes built afterwards."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import NOT_PROVIDED

NULL = r"\N"
# Index and foreign key builds sort and join whole tables; PostgreSQL's own default would spill them to disk.
BUILD_MEMORY = "256MB"


class Table:
    """Rows of one model on their way into it. `names` are the fields that every row gives, in order, after its id."""

    def __init__(self, model: type[models.Model], names: Sequence[str]) -> None:
        self.model = model
        self.name: str = model._meta.db_table
        given = ["id", *names]
        columns = {field.name: field.column for field in model._meta.concrete_fields}
        constants = {name: text for name, text in _defaults(model) if name not in given}
        named = ", ".join(f'"{columns[name]}"' for name in [*given, *constants])
        self._copy = f'COPY "{self.name}" ({named}) FROM STDIN'
        self._end = "".join(f"\t{text}" for text in constants.values()) + "\n"
        self._lines: list[str] = []
        self.next_id = _last_id(self.name) + 1
        self.written = 0

    def add(self, *values: str) -> int:
        """One row, its values as COPY reads them; the id it got."""
        pk = self.next_id
        self.next_id += 1
        self._lines.append(f"{pk}\t" + "\t".join(values) + self._end)
        return pk

    @property
    def made(self) -> int:
        """Rows so far, sent or not."""
        return self.written + len(self._lines)

    def flush(self) -> None:
        """Send what was added since the last flush."""
        if not self._lines:
            return
        with connection.cursor() as cursor:
            cursor.copy_expert(self._copy, StringIO("".join(self._lines)))
        self.written += len(self._lines)
        self._lines.clear()

    def set_sequence(self) -> None:
        """Let the next row that is saved the ordinary way get the next id."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [self.name, max(self.next_id - 1, 1)])


def _last_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')  # noqa: S608  (a table of ours)
        return int(cursor.fetchone()[0])


def _defaults(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Every column that PostgreSQL does not fill by itself, with the model's default as COPY reads it."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.GeneratedField) or getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED:
            continue
        default = field.get_default()
        yield field.name, as_array(default) if isinstance(field, ArrayField) else as_text(default)


def as_text(value: Any) -> str:
    """A value as COPY reads it. Texts must hold no tab, line break or backslash."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list | tuple):
        return json.dumps(value, ensure_ascii=False) if value else "[]"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def as_array(values: Iterable[str]) -> str:
    """A PostgreSQL array of plain words."""
    return "{" + ",".join(values) + "}"


class Clock:
    """Epoch seconds as PostgreSQL reads times; a table look-up, for there are tens of millions."""

    def __init__(self, last: int, days: int) -> None:
        self._first = last // 86_400 - days - 2
        self._days = [
            f"{datetime.fromtimestamp((self._first + day) * 86_400, UTC):%Y-%m-%d} " for day in range(days + 40)
        ]
        self._seconds = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+00" for s in range(86_400)]

    def text(self, at: int | None) -> str:
        if at is None:
            return NULL
        return self._days[at // 86_400 - self._first] + self._seconds[at % 86_400]


@contextmanager
def bare(tables: Sequence[str]) -> Iterator[None]:
    """Take foreign keys, unique constraints and indexes off these tables, and build them again at the end.

    Inside the caller's transaction: if anything fails, everything is as before.
    """
    with connection.cursor() as cursor:
        # What the caller wrote before must not wait for checks while we change the tables.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [BUILD_MEMORY])
        cursor.execute(
            """
            SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
             WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('u', 'f') ORDER BY contype DESC, conname
            """,
            [list(tables)],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            """
            SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
             WHERE indrelid = ANY(%s::regclass[])
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('u', 'p', 'x'))
             ORDER BY 1
            """,
            [list(tables)],
        )
        indexes = cursor.fetchall()
        for table, name, _definition in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
