"""What takes too long ends, and the limit ends with it."""

import pytest
from django.db import connection

from tickets.time_limit import TooSlow, time_limit

pytestmark = pytest.mark.django_db


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def test_a_statement_that_takes_too_long_ends() -> None:
    with pytest.raises(TooSlow), time_limit(20), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")
    assert setting("statement_timeout") == "0"


def test_settings_hold_within_it_and_are_afterwards_as_they_were() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '7s'")
    with time_limit(2000, enable_seqscan="off"):
        assert (setting("statement_timeout"), setting("enable_seqscan")) == ("2s", "off")
        with time_limit(1000):
            assert (setting("statement_timeout"), setting("enable_seqscan")) == ("1s", "off")
        assert setting("statement_timeout") == "2s"
    assert (setting("statement_timeout"), setting("enable_seqscan")) == ("7s", "on")
