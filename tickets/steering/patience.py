"""How long a question of the desk's own past may take: pages that look back at a week end before the database tires."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg2.errors import QueryCanceled

# Each statement of a dry run.
MILLISECONDS = 3000


class TooLong(Exception):
    """It would take longer than it may."""


def too_long_words() -> str:
    """What is told to whoever asked."""
    return _("Looking through the last week takes too long just now. Nothing was changed; try again later.")


@contextmanager
def patiently(milliseconds: int = MILLISECONDS) -> Iterator[None]:
    """Each statement in here ends after this long. Raises TooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
            # The transaction may be a longer one's.
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong from error
        raise
