"""Merging two tickets of a brand into one, and taking it back.

All entries move to the ticket that stays; the one that is emptied is closed and points to it. What waits for us waits
on: an answer that was written on the other ticket has answered none of it, so such messages get a turn behind every
answer (tickets.measure goes by turns), with the answers for later that were written to them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell
from ingest.models import Delivery
from tickets.activity import record
from tickets.answering.care import KEY
from tickets.measure import Entry
from tickets.models import Activity, Ticket, TicketMessage
from tickets.models.ticket import LIVE
from tickets.numbers import whole
from tickets.permissions import NotAllowed, check_may_work_on
from tickets.standing import entries_of, settle
from tickets.steering import routing
from tickets.verbs.in_hand import back_to_life, check_live

Status = Ticket.Status
Verb = Activity.Verb
OFFERED = 8


def merge(ticket_id: int, *, into: int, by: User | None) -> Activity:
    """All of a ticket becomes part of another, which is live; the line on the one that stays.

    Raises Ticket.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        source, target = pair(ticket_id, into, by)
        _check(source, target)
        now = timezone.now()
        waits = still_waiting([source.pk, target.pk])
        moved = list(TicketMessage.objects.filter(ticket=source).order_by("id").values_list("message_id", flat=True))
        before = {"source": _kept(source), "target": _kept(target)}
        _empty(source, target, now)
        TicketMessage.objects.filter(ticket=source).update(ticket=target)
        turn_anew(waits)
        _inherit(target, source)
        settle([source, target], now)
        record(source, Verb.MERGED, by, into=target.pk)
        line = record(target, Verb.MERGED, by, **{"from": source.pk, "messages": moved, **before})
        routing.ring()
        doorbell.ring_pages()
    return line


def pair(one: int, other: int, by: User | None) -> tuple[Ticket, Ticket]:
    """Two tickets, locked in order of id. Raises Ticket.DoesNotExist, NotAllowed."""
    rows = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=(one, other)).order_by("id")
    found = {ticket.pk: ticket for ticket in rows}
    if one == other:
        raise NotAllowed(_("Choose another ticket than this one."))
    if len(found) < 2:
        raise Ticket.DoesNotExist
    for ticket in found.values():
        if by is not None:
            check_may_work_on(by, ticket)
    return found[one], found[other]


def _check(source: Ticket, target: Ticket) -> None:
    if source.brand_id != target.brand_id:
        raise NotAllowed(_("Both tickets must be of one brand."))
    if source.merged_into_id is not None:
        raise NotAllowed(_("It was merged already."))
    check_live(target)


# What a merge changes on a row beside what its messages say.
KEPT = ("status", "split_off", "opened_at", "resolved_at", "due_at", "priority", "snoozed_until", "assignee_id",
        "incident_id")  # fmt: skip


def _kept(ticket: Ticket) -> dict[str, Any]:
    values = {name: getattr(ticket, name) for name in KEPT}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _empty(source: Ticket, target: Ticket, now: datetime) -> None:
    """Closed before anything moves: of a customer's tickets, one at most is live."""
    source.status, source.merged_into = Status.CLOSED, target
    source.resolved_at, source.due_at, source.snoozed_until = now, None, None
    source.save(update_fields=["status", "merged_into", "resolved_at", "due_at", "snoozed_until"])


def _inherit(target: Ticket, source: Ticket) -> None:
    """The ticket that stays is as old as the older one, as urgent as the more urgent; it has somebody, and is of an
    incident, if one was."""
    target.opened_at = min(target.opened_at, source.opened_at)
    target.priority = min(target.priority, source.priority)
    if target.assignee_id is None and source.assignee_id is not None:
        target.assignee_id, target.assigned_at = source.assignee_id, source.assigned_at
    target.incident_id = target.incident_id or source.incident_id
    target.save(update_fields=["opened_at", "priority", "assignee", "assigned_at", "incident"])


# --- turns ----------------------------------------------------------------------------------------------------------
def still_waiting(ticket_ids: Collection[int]) -> list[int]:
    """Ids of the entries that wait on these tickets, in the order of their new turns.

    An answer for later stays right behind what it was written for, those to be said first before the others; last comes
    what nobody has written an answer to.
    """
    groups: list[tuple[datetime, int, list[int]]] = []
    rest: list[int] = []
    later = _for_later(ticket_ids)
    for ticket_id, entries in entries_of(ticket_ids).items():
        waiting = _waiting_turns(entries)
        for turn, at in later.get(ticket_id, ()):
            groups.append((at, turn, [*(one for one in waiting if one < turn), turn]))
            waiting = [one for one in waiting if one > turn]
        rest += waiting
    return [*(turn for _at, _turn, group in sorted(groups) for turn in group), *sorted(rest)]


def _for_later(ticket_ids: Collection[int]) -> Mapping[int, list[tuple[int, datetime]]]:
    """By ticket, its answers for later that have not left: their turns, and when they are to be said."""
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    rows = TicketMessage.objects.filter(ticket__in=ticket_ids, message__delivery__state__in=Delivery.UNFINISHED)
    later = rows.filter(**{f"message__raw__{KEY}__later": True}).order_by("id")
    for ticket_id, turn, at in later.values_list("ticket_id", "id", "message__posted_at"):
        found[ticket_id].append((turn, at))
    return found


def _waiting_turns(entries: Sequence[Entry]) -> list[int]:
    said = [entry for entry in entries if not entry.lost]
    seen = max((entry.turn for entry in said if entry.written_here and entry.counts), default=-1)
    return [entry.turn for entry in said if not entry.ours and entry.awaiting and entry.turn > seen]


def turn_anew(entry_ids: Sequence[int]) -> None:
    """Give these entries new turns behind all others, in their order."""
    entries = TicketMessage.objects.in_bulk(entry_ids)
    TicketMessage.objects.filter(pk__in=entry_ids).delete()
    anew = [entries[pk] for pk in entry_ids if pk in entries]
    for entry in anew:
        entry.pk = None
    TicketMessage.objects.bulk_create(anew)


# --- taking it back -------------------------------------------------------------------------------------------------
def take_back(line: Activity, by: User) -> None:
    """Undo: exactly what was moved goes back, as far as it is still here; what came since stays.

    Raises NotAllowed when the emptied ticket is not what the merge made of it any more.
    """
    target_id, source_id = line.ticket_id, int(line.data["from"])
    with transaction.atomic():
        source, target = pair(source_id, target_id, by)
        if source.merged_into_id != target.pk:
            raise NotAllowed(_("Too late to undo: it was changed again since."))
        now = timezone.now()
        moved = TicketMessage.objects.filter(ticket=target, message__in=line.data["messages"])
        if not moved.update(ticket=source):
            raise NotAllowed(_("Too late to undo: its messages are elsewhere by now."))
        _restore(source, line.data["source"], now)
        _return(target, source, line.data["target"])
        settle([source, target], now)
        record(source, Verb.UNMERGED, by, out=target.pk)
        routing.ring()
        doorbell.ring_pages()


def _restore(source: Ticket, was: dict[str, Any], now: datetime) -> None:
    source.split_off, source.due_at = was["split_off"], _moment(was["due_at"]) or now
    source.snoozed_until = _moment(was["snoozed_until"])
    if was["status"] in LIVE:
        back_to_life(source, was["status"], beside=True)
    else:
        source.status, source.resolved_at, source.merged_into = was["status"], _moment(was["resolved_at"]), None
        source.due_at = None
    columns = ["status", "split_off", "due_at", "snoozed_until", "resolved_at", "merged_into"]
    source.save(update_fields=columns)


def _return(target: Ticket, source: Ticket, was: dict[str, Any]) -> None:
    """What the target had from the source, unless somebody has said something else since."""
    target.opened_at = _moment(was["opened_at"]) or target.opened_at
    if target.priority == min(was["priority"], source.priority):
        target.priority = was["priority"]
    if was["assignee_id"] is None and target.assignee_id == source.assignee_id:
        target.assignee_id, target.assigned_at = None, None
    if was.get("incident_id", 0) is None and target.incident_id == source.incident_id:
        target.incident_id = None
    target.save(update_fields=["opened_at", "priority", "assignee", "assigned_at", "incident"])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# --- which one ------------------------------------------------------------------------------------------------------
def candidates(ticket: Ticket, user: User, asked: str = "") -> list[Ticket]:
    """Tickets to merge this one with: the customer's other tickets first; by number, handle or name where one asks."""
    others = (
        Ticket.objects.visible_to(user)
        .filter(brand=ticket.brand_id, merged_into=None)
        .exclude(pk=ticket.pk)
        .select_related("contact", "channel")
    )
    asked = asked.strip().lstrip("#@").strip()
    if (number := whole(asked)) is not None:
        return list(others.filter(pk=number))
    if asked:
        named = Q(contact__handle__istartswith=asked) | Q(contact__name__icontains=asked)
        return list(others.filter(status__in=LIVE).filter(named).order_by("due_at", "id")[:OFFERED])
    return list(_same_person(others, ticket)[:OFFERED])


def _same_person(others: QuerySet[Ticket], ticket: Ticket) -> QuerySet[Ticket]:
    theirs = Q(contact=ticket.contact_id)
    if ticket.customer_id is not None:
        theirs |= Q(customer=ticket.customer_id)
    live_first = Case(When(status__in=LIVE, then=Value(0)), default=Value(1), output_field=IntegerField())
    return others.filter(theirs).order_by(live_first, "-opened_at")
