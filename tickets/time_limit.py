"""A time of its own for what is asked of the database, so that looking things up never slows an answer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.errors import QueryCanceled

# Tells of each setting what it was, and sets it until the transaction ends. Each is read before it is set: OFFSET keeps
# the reading in a step of its own.
SET_SQL = """
    SELECT name, was, set_config(name, wanted, true)
    FROM (SELECT name, current_setting(name) AS was, wanted FROM unnest(%s, %s) AS given(name, wanted) OFFSET 0) now
"""


class TooSlow(Exception):
    """It would take longer than it may."""


@contextmanager
def time_limit(milliseconds: int, **planner: str) -> Iterator[None]:
    """Each statement in here ends after this long, with these settings of PostgreSQL; after it all are as they were.

    Raises TooSlow.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            before = _set(cursor, {"statement_timeout": str(milliseconds), **planner})
            yield
            # The transaction may be a longer one's. Where it broke off, they went back with it.
            _set(cursor, before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


def _set(cursor: CursorWrapper, wanted: Mapping[str, str]) -> dict[str, str]:
    """What they were."""
    cursor.execute(SET_SQL, [list(wanted), list(wanted.values())])
    return {name: was for name, was, _now in cursor.fetchall()}
