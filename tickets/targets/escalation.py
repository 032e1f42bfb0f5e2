"""Escalation: a ticket goes up a chain of people, step by step, until somebody acknowledges it or it is answered.

A chain begins for a ticket that waits for us once its conditions hold, and once for each wait. Its steps tell people
so many minutes after that; whoever acknowledges it stops the next step. Everything is found by the sweep in the
database: a process that dies leaves a step that is due, and the next one takes it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Role, User
from ingest import doorbell
from tickets.activity import record
from tickets.models import Activity, Escalation, EscalationChain, Notice, Ticket
from tickets.models.ticket import LIVE, NEEDS_US
from tickets.steering import conditions
from tickets.steering.case import of_row
from tickets.steering.conditions import Case
from tickets.targets.chain_steps import MINUTE, OPEN, Step, Whom, by_mail, due_at, whom
from tickets.targets.policies import Targeting, targeting
from tickets.targets.sla import Hours
from tickets.verbs.in_hand import check_live, in_hand

log = structlog.get_logger(__name__)

Verb = Activity.Verb
BATCH = 300
# What a chain may ask of a ticket.
ASKED = (
    "clock", "minutes_waiting", "urgency", "priority", "sentiment", "tier", "reach", "brand", "channel", "language",
    "tags", "incident",
)  # fmt: skip
WARNED, BREACHED = "warned", "breached"


def sweep(now: datetime | None = None) -> int:
    """Begin, go on with and end what is due; returns how many things were done."""
    now = now or timezone.now()
    return end_done(now) + begin_due(now) + take_steps(now)


# --- beginning ------------------------------------------------------------------------------------------------------
def chains() -> QuerySet[EscalationChain]:
    """The chains in use, in their order."""
    return EscalationChain.objects.filter(is_on=True, removed_at=None)


def begin_due(now: datetime) -> int:
    """Begin every chain for the tickets it fits, one batch of tickets at a time; how many began."""
    return sum(_begin(chain, now) for chain in chains())


def _begin(chain: EscalationChain, now: datetime) -> int:
    if conditions.problems(chain.conditions, ASKED) or not chain.steps:
        return 0
    begun, after = 0, 0
    while True:
        with transaction.atomic():
            rows = narrowed(_may_begin(chain), chain.conditions, now).filter(pk__gt=after).order_by("id")
            tickets = list(rows.select_for_update(skip_locked=True, of=("self",))[:BATCH])
            owed = targeting(tickets, now) if tickets else None
            for ticket in tickets:
                if owed and (match := conditions.fits(chain.conditions, case_of(ticket, owed, now))):
                    hours = owed.of(ticket)[1].hours
                    start(ticket, chain, now, reasons=[dict(leaf) for leaf in match.because], hours=hours)
                    begun += 1
        if len(tickets) < BATCH:
            return begun
        after = tickets[-1].pk


def fitting_now(brand: int | None, tree: Mapping[str, Any], now: datetime, most: int = BATCH) -> list[Ticket]:
    """Of the tickets that want us at this moment those that these conditions hold of, at most so many looked at."""
    waits = Ticket.objects.filter(status__in=NEEDS_US, **({"brand": brand} if brand else {}))
    tickets = list(narrowed(waits, tree, now).order_by("due_at", "id")[:most])
    owed = targeting(tickets, now) if tickets else None
    return [ticket for ticket in tickets if owed and conditions.fits(tree, case_of(ticket, owed, now))]


def _may_begin(chain: EscalationChain) -> QuerySet[Ticket]:
    """Tickets that want us and have not gone up this chain since the customer began to wait."""
    waits = Ticket.objects.filter(status__in=NEEDS_US)
    if chain.brand_id:
        waits = waits.filter(brand=chain.brand_id)
    before = Escalation.objects.filter(ticket=OuterRef("pk"), chain=chain)
    this_wait = before.filter(Q(ended_at=None) | Q(began_at__gte=OuterRef("since")))
    return waits.annotate(since=Coalesce("waiting_since", "opened_at")).filter(~Exists(this_wait))


def narrowed(tickets: QuerySet[Ticket], tree: Mapping[str, Any], now: datetime) -> QuerySet[Ticket]:
    """Fewer tickets to look at: those for which the parts that must all hold may hold, as far as a query can say."""
    for leaf in tree.get("all", [tree] if "field" in tree else []):
        asks = NARROWING.get((leaf.get("field"), leaf.get("op")))
        if asks:
            tickets = tickets.filter(asks(leaf["value"], now))
    return tickets


NARROWING: Mapping[tuple[Any, Any], Any] = {
    ("minutes_waiting", "at_least"): lambda value, now: Q(waiting_since__lte=now - timedelta(minutes=value)),
    ("urgency", "in"): lambda value, _now: Q(urgency__in=value),
    ("priority", "at_most"): lambda value, _now: Q(priority__lte=value),
    ("sentiment", "at_most"): lambda value, _now: Q(latest_valence__lte=value),
    ("reach", "at_least"): lambda value, _now: Q(reach__gte=value),
    ("brand", "in"): lambda value, _now: Q(brand__in=value),
    ("channel", "in"): lambda value, _now: Q(channel__in=value),
    ("clock", "any"): lambda _value, now: (
        Q(warned_at__isnull=False) | Q(answer_due_at__lte=now) | Q(resolve_due_at__lte=now)
    ),
}


def case_of(ticket: Ticket, owed: Targeting, now: datetime) -> Case:
    """What holds of a ticket at this moment, as chains ask it; all of it stands in its own row, but for the tier."""
    return {
        **of_now(ticket, owed),
        "clock": alarms_of(ticket, now),
        "minutes_waiting": waited(ticket.waiting_since, now),
        "urgency": ticket.urgency,
        "sentiment": ticket.latest_valence,
    }


def of_now(ticket: Ticket, owed: Targeting) -> dict[str, Any]:
    """What is kept of a ticket only as it is now; a dry run takes it so for every moment."""
    tier = owed.tiers.get(ticket.customer_id or 0, owed.kept.usual_tier.get(ticket.brand_id))
    return {**of_row(ticket), "tier": tier, "language": ticket.language or None}


def waited(since: datetime | None, now: datetime) -> float | None:
    """Minutes that a customer has waited; None where none does."""
    return (now - since).total_seconds() / MINUTE if since else None


def alarms_of(ticket: Ticket, now: datetime) -> list[str]:
    """The alarms that the clocks which run now have given."""
    dues = [due for due in (ticket.answer_due_at, ticket.resolve_due_at) if due is not None]
    if any(due <= now for due in dues):
        return [WARNED, BREACHED]
    since = [began for began in (ticket.answer_since, ticket.resolve_since) if began is not None]
    warned = ticket.warned_at is not None and any(ticket.warned_at >= began for began in since)
    return [WARNED] if warned and dues else []


def start(
    ticket: Ticket,
    chain: EscalationChain | None,
    now: datetime,
    *,
    reasons: Sequence[Any] = (),
    by: User | None = None,
    hours: Hours | None = None,
) -> Escalation:
    """A ticket (locked) begins its way up; the first step is due after its minutes. `hours`: those of its target."""
    made = Escalation.objects.create(
        ticket=ticket, chain=chain, by=by, reasons=list(reasons), began_at=now,
        next_at=due_at(chain.steps[0], now, hours) if chain and chain.steps else None,
    )  # fmt: skip
    _mark(ticket)
    return made


# --- going on -------------------------------------------------------------------------------------------------------
def take_steps(now: datetime, limit: int = BATCH) -> int:
    """Take the steps whose time has come; how many."""
    with transaction.atomic():
        due = Escalation.objects.filter(next_at__lte=now, ended_at=None, acknowledged_at=None)
        rows = due.select_related("ticket", "chain").select_for_update(skip_locked=True, of=("self",))
        taken = sum(_step(row, now) for row in rows.order_by("next_at", "id")[:limit])
        if taken:
            doorbell.ring_pages()
    return taken


def _step(row: Escalation, now: datetime) -> int:
    """Every step of one escalation that is due; those missed while nobody swept are taken together."""
    steps = row.chain.steps if row.chain else []
    taken = 0
    while row.next_at is not None and row.next_at <= now:
        if row.step >= len(steps):
            row.next_at = None
            break
        step = steps[row.step]
        row.step += 1
        taken += 1
        _tell(row, whom(step["to"], row.ticket), now, mail=by_mail(step))
        further = steps[row.step] if row.step < len(steps) else None
        row.next_at = due_at(further, row.began_at, _hours_of(row.ticket, further, now)) if further else None
    row.save(update_fields=["step", "next_at"])
    return taken


def _hours_of(ticket: Ticket, step: Step, now: datetime) -> Hours | None:
    """The open hours of its target, asked for only where the step counts in them."""
    return targeting([ticket], now).of(ticket)[1].hours if step.get("of") == OPEN else None


def _tell(row: Escalation, told: Whom, now: datetime, by: User | None = None, *, mail: bool = False) -> None:
    """One step in the record, and a notice to each of its people."""
    data = {"step": row.step, "name": told.name, "role": told.code, "chain": row.chain.name if row.chain else ""}
    line = record(row.ticket, Verb.ESCALATED, by, **data)
    if not told.people:
        log.warning("a step of a chain tells nobody", chain=row.chain_id, step=row.step)
    Notice.objects.bulk_create(
        [
            Notice(
                user_id=person, kind=Notice.Kind.ESCALATED, ticket=row.ticket, actor=by, at=now,
                data=data | ({"mail": True} if mail else {}),
                key=f"escalated-{row.pk}-{row.step}-{line.pk}",
            )
            for person in told.people - ({by.pk} if by else set())
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if mail:
        doorbell.ring("radd.mail_notices")


# --- by people ------------------------------------------------------------------------------------------------------
def escalate(ticket_id: int, *, by: User, to: Mapping[str, Any] | None = None) -> Escalation:
    """Send it up by hand: to somebody, else to the next step of the chain it is on, else to those who oversee it.

    Raises Ticket.DoesNotExist, NotAllowed.
    """
    now = timezone.now()
    with in_hand(ticket_id, by) as ticket:
        check_live(ticket)
        row = opened(ticket).order_by("chain_id", "id").first()
        if row is None or (to is not None and row.chain_id):
            row = start(ticket, None, now, by=by)
        steps = row.chain.steps if row.chain else []
        wanted = to or (steps[row.step]["to"] if row.step < len(steps) else {"role": _higher(row)})
        row.step += 1
        row.acknowledged_by, row.acknowledged_at = None, None
        if row.chain_id:
            row.next_at = _further_at(row.ticket, steps, row.step, now)
        row.save(update_fields=["step", "next_at", "acknowledged_by", "acknowledged_at"])
        _tell(row, whom(wanted, ticket), now, by)
        _mark(ticket)
    return row


def _further_at(ticket: Ticket, steps: Sequence[Step], taken: int, now: datetime) -> datetime | None:
    """When the next step is due, its time since the one before it counted from now; None past the last."""
    if not 0 < taken < len(steps):
        return None
    step = {**steps[taken], "after": max(steps[taken]["after"] - steps[taken - 1]["after"], 0)}
    return due_at(step, now, _hours_of(ticket, step, now))


def _higher(row: Escalation) -> str:
    """Past the last step: first the supervisors, then the admins."""
    return Role.ADMIN.value if row.step else Role.SUPERVISOR.value


def acknowledge(ticket_id: int, *, by: User) -> list[Escalation]:
    """Somebody takes it on: no further step is taken. Those that were not acknowledged before, none if all were.

    Raises Ticket.DoesNotExist, NotAllowed.
    """
    with in_hand(ticket_id, by) as ticket:
        rows = list(opened(ticket).filter(acknowledged_at=None).select_for_update(of=("self",)))
        for row in rows:
            row.acknowledged_by, row.acknowledged_at = by, timezone.now()
            row.save(update_fields=["acknowledged_by", "acknowledged_at"])
        if rows:
            record(ticket, Verb.ACKNOWLEDGED, by)
            _mark(ticket)
    return rows


def opened(ticket: Ticket) -> QuerySet[Escalation]:
    """The ways up a ticket is on."""
    return Escalation.objects.filter(ticket=ticket, ended_at=None).select_related("chain", "acknowledged_by")


# --- ending ---------------------------------------------------------------------------------------------------------
def end_done(now: datetime, limit: int = BATCH) -> int:
    """An answer, or the end of the ticket, ends every way up; how many ended."""
    answered = Q(ticket__last_answered_at__gt=F("began_at"))
    over = ~Q(ticket__status__in=LIVE) | answered | Q(chain__isnull=False, ticket__status="pending")
    with transaction.atomic():
        done = Escalation.objects.filter(over, ended_at=None).select_related("ticket")
        rows = list(done.select_for_update(skip_locked=True, of=("self",)).order_by("id")[:limit])
        Escalation.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=now)
        for ticket in {row.ticket_id: row.ticket for row in rows}.values():
            _mark(ticket)
        if rows:
            doorbell.ring_pages()
    return len(rows)


def _mark(ticket: Ticket) -> None:
    """Whether it is on its way up, on the ticket's own row: until somebody has acknowledged it."""
    ticket.escalated = Escalation.objects.filter(ticket=ticket, ended_at=None, acknowledged_at=None).exists()
    Ticket.objects.filter(pk=ticket.pk).exclude(escalated=ticket.escalated).update(escalated=ticket.escalated)
