"""What people say of a customer: name, how dear their plan is, notes. Each is told in the record of their tickets."""

from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.names import plain
from ingest import doorbell
from ingest.cleaning import clean
from tickets.activity import record
from tickets.customers import kinship
from tickets.customers.joining import LONGEST_NOTES, customer_of, ticket_of
from tickets.models import Activity, Customer, Ticket, Tier
from tickets.models.ticket import LIVE
from tickets.permissions import NotAllowed
from tickets.targets import retargeting

Verb = Activity.Verb
LONGEST_NAME = 120
# What a line of the record is about (Activity.data["what"]).
TIER, NAME, NOTES = "customer_tier", "customer_name", "customer_notes"
# The columns of the notes, and what of a line only undoing asks for.
WRITTEN = ["notes", "notes_by", "notes_at"]
WAS = {"was", "was_by", "was_at"}


class NotesChanged(Exception):
    """Somebody else wrote since these notes were shown; `now` is what stands there."""

    def __init__(self, now: str) -> None:
        super().__init__("the notes were changed since")
        self.now = now


def mark_of(notes: str) -> str:
    """By which a form knows again what it was drawn with."""
    return sha256(notes.encode()).hexdigest()[:16]


def set_tier(ticket_id: int, *, to: int | None, by: User) -> Activity | None:
    """How dear the plan of the ticket's customer is; None: as with everybody. The clocks of their tickets follow.

    The line it is undone by; None where it is said already. Raises Ticket.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        kinship.alone()
        ticket = ticket_of(ticket_id, by)
        tier = Tier.objects.filter(pk=to, brand=ticket.brand_id).first() if to is not None else None
        if to is not None and tier is None:
            raise NotAllowed(_("That tier is not there any more. Choose another."))
        customer = customer_of(ticket, by)
        if customer.tier_id == to:
            return None
        was, customer.tier = customer.tier_id, tier
        customer.save(update_fields=["tier"])
        _follow(customer)
        names = {"name": tier.name, "name_ar": tier.name_ar} if tier else {}
        return _tell(ticket, customer, TIER, by, to=to, was=was, **names)


def set_name(ticket_id: int, *, name: str, by: User) -> Activity | None:
    """What we call the customer, whatever the accounts are called; empty: as the accounts are. As `set_tier`."""
    name = " ".join(plain(clean(name)).split())
    if len(name) > LONGEST_NAME:
        raise NotAllowed(_("A name takes at most %(most)d characters. Shorten it.") % {"most": LONGEST_NAME})
    with transaction.atomic():
        kinship.alone()
        ticket = ticket_of(ticket_id, by)
        customer = customer_of(ticket, by)
        if customer.name == name:
            return None
        was, customer.name = customer.name, name
        customer.save(update_fields=["name"])
        return _tell(ticket, customer, NAME, by, to=name, was=was)


def keep_notes(ticket_id: int, *, notes: str, seen: str, by: User) -> Activity | None:
    """What the next one to meet this customer should know. `seen`: the mark of the notes that were changed.

    Raises Ticket.DoesNotExist, NotAllowed, NotesChanged where somebody else wrote since: nothing of theirs is lost.
    """
    notes = clean(notes).replace("\r\n", "\n").strip()
    if len(notes) > LONGEST_NOTES:
        raise NotAllowed(_("Notes take at most %(most)d characters. Shorten them.") % {"most": LONGEST_NOTES})
    with transaction.atomic():
        kinship.alone()
        ticket = ticket_of(ticket_id, by)
        customer = customer_of(ticket, by)
        if customer.notes == notes:
            return None
        if mark_of(customer.notes) != seen:
            raise NotesChanged(customer.notes)
        was = {"was": customer.notes, "was_by": customer.notes_by_id, "was_at": _stamp(customer)}
        customer.notes = notes
        # Where nothing stands, nobody wrote it.
        customer.notes_by, customer.notes_at = (by, timezone.now()) if notes else (None, None)
        customer.save(update_fields=WRITTEN)
        return _tell(ticket, customer, NOTES, by, to=mark_of(notes), **was)


def _stamp(customer: Customer) -> str:
    """When the notes were written, as a line of the record keeps it."""
    return customer.notes_at.isoformat() if customer.notes_at else ""


def _follow(customer: Customer) -> None:
    live = Ticket.objects.filter(customer=customer, status__in=LIVE).values_list("id", flat=True)
    retargeting.at_once(list(live))


def _tell(ticket: Ticket, customer: Customer, what: str, by: User, **told: Any) -> Activity:
    """A line on the ticket it was said from, which undoes it, and a plain one on the customer's live tickets."""
    others = Ticket.objects.filter(customer=customer, status__in=LIVE).exclude(pk=ticket.pk).order_by("id")
    plain = {name: value for name, value in told.items() if name not in WAS}
    for other in others:
        record(other, Verb.CHANGED, by, what=what, **plain)
    doorbell.ring_pages()
    return record(ticket, Verb.CHANGED, by, what=what, customer=customer.pk, **told)


def take_back(line: Activity, by: User) -> None:
    """Undo any of these, after kinship.alone(). Raises NotAllowed where somebody has said something else since."""
    customer = Customer.objects.select_for_update().get(pk=line.data["customer"])
    told, to, was = line.data["what"], line.data["to"], line.data["was"]
    now = {TIER: customer.tier_id, NAME: customer.name, NOTES: mark_of(customer.notes)}[told]
    if now != to or (told == TIER and was is not None and not Tier.objects.filter(pk=was).exists()):
        raise NotAllowed(_("Too late to undo: it was changed again since."))
    setattr(customer, {TIER: "tier_id", NAME: "name", NOTES: "notes"}[told], was)
    if told == NOTES:
        customer.notes_by = User.objects.filter(pk=line.data.get("was_by")).first()
        customer.notes_at = parse_datetime(line.data.get("was_at") or "")
    customer.save(update_fields=["tier", "name", *WRITTEN])
    _follow(customer)
    doorbell.ring_pages()
