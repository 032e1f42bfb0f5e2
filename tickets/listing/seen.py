"""How much of a ticket each person has seen. Its row is unread while it holds more, on whatever device they look."""

from django.db import connection
from django.utils import timezone

from accounts.models import User
from tickets.models import Ticket

# What was seen stays seen: a slow page of another device takes nothing back.
SQL = """
    INSERT INTO tickets_seen (user_id, ticket_id, position, at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (user_id, ticket_id) DO UPDATE SET position = excluded.position, at = excluded.at
    WHERE tickets_seen.position < excluded.position
"""


def saw(user: User, ticket: Ticket, position: int) -> None:
    """This person has seen the ticket up to this position; never further than it goes."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, [user.pk, ticket.pk, min(position, ticket.position), timezone.now()])
