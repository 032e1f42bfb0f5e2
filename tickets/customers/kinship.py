"""Which accounts are one customer's, and taking turns about it.

Triage asks it while it opens tickets, and people change it. The two take turns: a batch that was decided while an
account was being linked would open a ticket that knows nothing of its customer.
"""

from collections.abc import Collection

from django.db import connection

from tickets.models import CustomerContact

# A number of ours among PostgreSQL's advisory locks.
TURNS = 0x52616464


def take_turns() -> None:
    """Nobody links or unlinks accounts until this transaction ends. Asked before any ticket is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [TURNS])


def alone() -> None:
    """Nobody else asks or changes whose an account is until this transaction ends. Before any ticket is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])


def family(contact_ids: Collection[int]) -> dict[int, int]:
    """The customer of each of these accounts that has one, and of all accounts linked with them. One query."""
    theirs = CustomerContact.objects.filter(contact__in=contact_ids).values("customer")
    rows = CustomerContact.objects.filter(customer__in=theirs).order_by("contact_id")
    return dict(rows.values_list("contact_id", "customer_id"))


def accounts_of(contact_id: int) -> list[int]:
    """This account and all that are linked with it. One query."""
    return sorted({contact_id, *family([contact_id])})
