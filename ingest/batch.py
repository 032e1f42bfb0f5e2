"""Batch writes: many rows in one statement, sent as one JSON value and unpacked by PostgreSQL."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connection, models


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as the text of one JSON array; datetimes in ISO form. Texts must be clean (see ingest.collect.clean)."""
    return json.dumps(list(rows), default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def columns(model: type[models.Model], names: Sequence[str]) -> str:
    """Column definitions of a record set: `"text" text, "media" jsonb, ...`."""
    return ", ".join(f'"{_column(model, name)}" {_type(model, name)}' for name in names)


def update(model: type[models.Model], rows: Sequence[Mapping[str, Any]], names: Sequence[str], where: str = "") -> int:
    """UPDATE many rows by primary key in one statement.

    `rows` hold `id` and every field of `names` (foreign keys as `x_id`); `where` is a further condition on the table
    `t`, our own words only. Returns how many rows were written.
    """
    if not rows:
        return 0
    table = connection.ops.quote_name(model._meta.db_table)
    written = [_column(model, name) for name in names]
    sets = ", ".join(f'"{column}" = r."{column}"' for column in written)
    # A row that lacks a column must fail, not write NULL.
    values = [{"id": row["id"], **{column: row[column] for column in written}} for row in rows]
    condition = f" AND {where}" if where else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {sets} FROM jsonb_to_recordset(%s::jsonb)"  # noqa: S608  (names of our own fields)
            f" AS r({columns(model, ['id', *names])}) WHERE t.id = r.id{condition}",
            [as_json(values)],
        )
        return int(cursor.rowcount)


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", model._meta.get_field(name))


def _column(model: type[models.Model], name: str) -> str:
    return str(_field(model, name).column)


def _type(model: type[models.Model], name: str) -> str:
    return str(_field(model, name).db_type(connection))
