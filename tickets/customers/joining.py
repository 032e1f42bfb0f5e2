"""Linking accounts to one customer: only people do, it can be taken back, and the record of their tickets tells it.

Both customers may have a live ticket when a person finds out that they are one. Both go on: the younger stands beside
the older one (split off, as the database wants it), each account's own words go on to its own ticket, and people may
merge them. Messages that joined another account's ticket stay there when the accounts are unlinked.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell
from ingest.models import Contact
from tickets.activity import record
from tickets.customers import kinship
from tickets.models import Activity, Customer, CustomerContact, Ticket
from tickets.models.ticket import LIVE
from tickets.permissions import NotAllowed, check_may_work_on
from tickets.targets import retargeting

Verb = Activity.Verb
LONGEST_NOTES = 10_000


def link(ticket_id: int, *, contact: int, by: User) -> Activity | None:
    """Say that this account is the ticket's customer's too, with all that are linked with it; None if it is said.

    The line it is undone by. Raises Ticket.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        kinship.alone()
        ticket = ticket_of(ticket_id, by)
        other = Contact.objects.filter(pk=contact, brand=ticket.brand_id, is_own=False).first()
        if other is None:
            raise NotAllowed(_("That account is not there. Choose another."))
        if other.pk == ticket.contact_id:
            raise NotAllowed(_("That is the account this ticket is from. Choose another."))
        customer, row = customer_of(ticket, by), CustomerContact.objects.filter(contact=other).first()
        if row and row.customer_id == customer.pk:
            return None
        was = Customer.objects.get(pk=row.customer_id) if row else None
        moved = list(was.accounts.values_list("contact_id", flat=True)) if was else [other.pk]
        told = {"moved": moved, "from": was.pk if was else None, **_inherit(customer, was)}
        told["beside"] = _move(moved, customer, by)
        return _tell(ticket, other, Verb.LINKED, by, customer=customer.pk, **told)


def unlink(ticket_id: int, *, contact: int, by: User) -> Activity | None:
    """Say that this account is somebody else's after all; None if it is not linked. Raises as `link`."""
    with transaction.atomic():
        kinship.alone()
        ticket = ticket_of(ticket_id, by)
        row = CustomerContact.objects.filter(contact=contact, customer__accounts__contact=ticket.contact_id).first()
        if row is None:
            return None
        other, customer = Contact.objects.get(pk=contact), row.customer_id
        _move([contact], None, by)
        return _tell(ticket, other, Verb.UNLINKED, by, customer=customer, of=ticket.contact_id)


def ticket_of(ticket_id: int, by: User) -> Ticket:
    """The ticket that something of its customer is done from. Raises Ticket.DoesNotExist, NotAllowed."""
    ticket = Ticket.objects.select_related("contact").get(pk=ticket_id)
    check_may_work_on(by, ticket)
    return ticket


def customer_of(ticket: Ticket, by: User) -> Customer:
    """Whose account the ticket is from; made now if nobody has said anything of them yet. After kinship.alone()."""
    row = CustomerContact.objects.filter(contact=ticket.contact_id).select_related("customer").first()
    if row:
        return row.customer
    customer = Customer.objects.create(brand_id=ticket.brand_id, created_by=by)
    _move([ticket.contact_id], customer, by)
    return customer


# --- whose they are -------------------------------------------------------------------------------------------------
def _move(contacts: Collection[int], to: Customer | None, by: User | None) -> int | None:
    """Make these accounts this customer's, or nobody's, and their tickets with them; the clocks follow.

    The live ticket that stands beside another one from now on.
    """
    live = list(_live(contacts, to).select_for_update(of=("self",)).order_by("id"))
    CustomerContact.objects.filter(contact__in=contacts).delete()
    if to is None:
        Ticket.objects.filter(contact__in=contacts).update(customer=None)
    else:
        CustomerContact.objects.bulk_create(
            CustomerContact(customer=to, contact_id=pk, linked_by=by) for pk in contacts
        )
    beside = None
    mains = [ticket for ticket in live if not ticket.split_off]
    if to is not None and len(mains) > 1:
        beside = mains[-1].pk
        Ticket.objects.filter(pk=beside).update(split_off=True)
    if to is not None:
        Ticket.objects.filter(contact__in=contacts).update(customer=to)
    else:
        _stand_alone(live)
    retargeting.at_once([ticket.pk for ticket in live])
    return beside


def _live(contacts: Collection[int], to: Customer | None) -> QuerySet[Ticket]:
    theirs = set(contacts) | (set(to.accounts.values_list("contact_id", flat=True)) if to else set())
    return Ticket.objects.filter(contact__in=theirs, status__in=LIVE)


def _stand_alone(live: Iterable[Ticket]) -> None:
    """A ticket that a link put beside another is its account's own again, unless that has another one by now."""
    mains = {ticket.contact_id for ticket in live if not ticket.split_off}
    aside = [ticket for ticket in live if ticket.split_off and ticket.contact_id not in mains]
    lines = Activity.objects.filter(ticket__in=[ticket.pk for ticket in aside], verb=Verb.LINKED)
    put = dict(lines.values_list("ticket_id", "data__beside"))
    for ticket in aside:
        if put.get(ticket.pk) == ticket.pk and ticket.contact_id not in mains:
            Ticket.objects.filter(pk=ticket.pk).update(split_off=False)
            mains.add(ticket.contact_id)


def _inherit(customer: Customer, was: Customer | None) -> dict[str, Any]:
    """What was said of the other one holds for both, as far as nothing was said of this one."""
    if was is None:
        return {}
    before = {"tier": customer.tier_id, "name": customer.name}
    customer.tier_id = customer.tier_id or was.tier_id
    customer.name = customer.name or was.name
    if was.notes and was.notes not in customer.notes:
        customer.notes = "\n\n".join(filter(None, [customer.notes, was.notes]))[:LONGEST_NOTES]
        _written_last(customer, was)
    customer.save(update_fields=["tier", "name", "notes", "notes_by", "notes_at"])
    return {"before": before, "inherited": {"tier": customer.tier_id, "name": customer.name}}


def _written_last(customer: Customer, was: Customer) -> None:
    """Notes that were brought together are whose were written last."""
    if was.notes_at and (customer.notes_at is None or customer.notes_at < was.notes_at):
        customer.notes_by_id, customer.notes_at = was.notes_by_id, was.notes_at


# --- the record -----------------------------------------------------------------------------------------------------
def _tell(ticket: Ticket, other: Contact, verb: Activity.Verb, by: User, **told: Any) -> Activity:
    """A line on the ticket it was done from, which undoes it, and one on each other live ticket of either side."""
    moved = told.get("moved", [other.pk])
    theirs = Q(contact__in=moved) | Q(customer=told["customer"])
    mirrored = {"customer": told["customer"], "beside": told.get("beside")}
    for one in Ticket.objects.filter(theirs, status__in=LIVE).exclude(pk=ticket.pk).order_by("id"):
        account = ticket.contact if one.contact_id in moved else other
        record(one, verb, by, account=account.pk, **named(account), **mirrored)
    doorbell.ring_pages()
    return record(ticket, verb, by, account=other.pk, here=True, **named(other), **told)


def named(contact: Contact) -> dict[str, str]:
    """An account as the record names it: it may be called otherwise tomorrow."""
    return {"name": contact.display_name[:120], "handle": contact.handle[:120], "platform": contact.platform}


# --- taking it back -------------------------------------------------------------------------------------------------
def take_back(line: Activity, by: User) -> None:
    """Undo either, after kinship.alone(). Raises NotAllowed where somebody has said something else since."""
    account, customer = int(line.data["account"]), int(line.data["customer"])
    row = CustomerContact.objects.filter(contact=account).first()
    linked = line.verb == Verb.LINKED
    if (row.customer_id if row else None) != (customer if linked else None):
        raise NotAllowed(_("Too late to undo: it was changed again since."))
    others = Ticket.objects.filter(contact__in=line.data.get("moved", [account]), status__in=LIVE)
    for other in others.exclude(pk=line.ticket_id).order_by("id"):
        record(other, Verb.UNDONE, by, of=line.pk, what=line.verb, after=line.pk)
    if linked:
        _part(line, customer, by)
    else:
        _move([account], Customer.objects.get(pk=customer), by)
    doorbell.ring_pages()


def _part(line: Activity, customer_id: int, by: User) -> None:
    """What a link brought together goes apart: as far as it is still here."""
    here = set(CustomerContact.objects.filter(customer=customer_id).values_list("contact_id", flat=True))
    moved = [pk for pk in line.data["moved"] if pk in here]
    _move(moved, None, by)
    if line.data["from"] is not None:
        _move(moved, Customer.objects.get(pk=line.data["from"]), by)
    before, given = line.data.get("before", {}), line.data.get("inherited", {})
    customer = Customer.objects.get(pk=customer_id)
    if given and customer.tier_id == given["tier"]:
        customer.tier_id = before["tier"]
    if given and customer.name == given["name"]:
        customer.name = before["name"]
    customer.save(update_fields=["tier", "name"])
    left = Ticket.objects.filter(customer=customer_id, status__in=LIVE)
    retargeting.at_once(list(left.values_list("id", flat=True)))
