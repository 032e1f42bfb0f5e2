"""Which policy is for which ticket. Policies and their calendars are read once and kept until one of them changes.

What was read last is known again by a mark over the rows' own versions, so a change made in any process, by a page or
at the server's console, is seen by the next batch. A batch asks one question for the mark, one more for the tiers of
its customers where some have been placed, one for the kinds of incidents where a policy is for a kind, and one for what
rules gave where a ticket has another policy than fits it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

import structlog
from django.conf import settings
from django.db import connection

from tickets.activity import routed
from tickets.models import Calendar, CalendarDays, Customer, Incident, SlaPolicy, Ticket, Tier
from tickets.targets.calendars import BadHours, hours_of
from tickets.targets.clocks import ANY, Of, Policy, Targets, choose
from tickets.targets.sla import Hours

log = structlog.get_logger(__name__)

# A row's number, the transaction that wrote it and its place: another version of it differs in one of them.
ROWS = "(SELECT string_agg(concat_ws('.', id, xmin, ctid), ',' ORDER BY id) FROM {table})"
TABLES = [model._meta.db_table for model in (SlaPolicy, Calendar, CalendarDays, Tier)]
# A missing list must not look like the next one.
MARK = "SELECT md5({})".format(" || ';' || ".join(f"coalesce({ROWS.format(table=table)}, '')" for table in TABLES))
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """Policies in their order; the tier that a brand's customers have unless a person gave them another."""

    policies: tuple[Policy, ...]
    usual_tier: Mapping[int, int]
    by_id: Mapping[int, Policy]

    @property
    def asks_kinds(self) -> bool:
        """Whether a policy is for a kind of incident, so that kinds must be known."""
        return any(policy.event not in {"", ANY} for policy in self.policies)


@dataclass(frozen=True, slots=True)
class Targeting:
    """What is owed to each ticket of a batch. `tiers`: of the customers whom a person has placed; `given`: the policies
    that routing rules gave to tickets; `kinds`: of their incidents, where a policy asks for them.
    """

    kept: Kept
    tiers: Mapping[int, int]
    given: Mapping[int, int]
    kinds: Mapping[int, str]

    def of(self, ticket: Ticket) -> tuple[int | None, Targets]:
        """The policy's id and its targets; where none fits no id, and the desk's own targets by urgency."""
        found = self.kept.by_id.get(self._given_to(ticket) or 0) or self._fitting(ticket)
        return (found.id, found.targets) if found else (None, desks_own(ticket.urgency))

    def _fitting(self, ticket: Ticket) -> Policy | None:
        tier = self.tiers.get(ticket.customer_id or 0, self.kept.usual_tier.get(ticket.brand_id))
        of = Of(ticket.incident_id, self.kinds.get(ticket.incident_id or 0, ""))
        return choose(self.kept.policies, brand=ticket.brand_id, tier=tier, priority=ticket.priority, of=of)

    def _given_to(self, ticket: Ticket) -> int | None:
        # Before its clocks first ran nothing but a rule can have given it one.
        never_ran = ticket.resolve_since is None and ticket.resolve_used == 0
        return ticket.policy_id if never_ran else self.given.get(ticket.pk)

    def is_odd(self, ticket: Ticket) -> bool:
        """Whether it has another policy than the one that fits: a rule gave it, or things have changed since."""
        found = self._fitting(ticket)
        return ticket.policy_id is not None and ticket.policy_id != (found.id if found else None)


def desks_own(urgency: str) -> Targets:
    """The targets of a ticket that no policy is for: by urgency, around the clock, none for the solution."""
    seconds = round(settings.ANSWER_WITHIN[urgency].total_seconds())
    return Targets(first_answer=seconds, next_answer=seconds)


def targeting(tickets: Iterable[Ticket], now: datetime) -> Targeting:
    """What is owed to these tickets. At most four queries, whatever their number; mostly one."""
    customers = {ticket.customer_id for ticket in tickets if ticket.customer_id}
    placed = Customer.objects.filter(pk__in=customers, tier__isnull=False) if customers else Customer.objects.none()
    kept, tiers = known(now), dict(placed.values_list("id", "tier_id")) if customers else {}
    plain = Targeting(kept, tiers, {}, _kinds_of(tickets) if kept.asks_kinds else {})
    odd = [ticket.pk for ticket in tickets if plain.is_odd(ticket)]
    return replace(plain, given=_given_by_rules(odd)) if odd else plain


def _kinds_of(tickets: Iterable[Ticket]) -> dict[int, str]:
    """The kinds of the incidents that these tickets are of; asks for nothing where they are of none."""
    ids = {ticket.incident_id for ticket in tickets if ticket.incident_id}
    return dict(Incident.objects.filter(pk__in=ids).values_list("id", "kind")) if ids else {}


def _given_by_rules(ticket_ids: Sequence[int]) -> dict[int, int]:
    """The policy that the last rule to speak of one gave to each of these tickets."""
    gave = routed().filter(ticket__in=ticket_ids, data__policy__isnull=False)
    return dict(gave.order_by("id").values_list("ticket_id", "data__policy"))


def known(now: datetime) -> Kept:
    """The policies as they stand; one query where nothing changed since they were read."""
    with connection.cursor() as cursor:
        cursor.execute(MARK)
        (mark,) = cursor.fetchone()
    return _read(connection.settings_dict["NAME"], mark, now.astimezone(UTC).date())


@lru_cache(maxsize=4)
def _read(_database: str, _mark: str, around: date) -> Kept:
    """Read anew when one of the rows, or the day around which calendars are laid out, is another."""
    special: dict[int, list[CalendarDays]] = defaultdict(list)
    for day in CalendarDays.objects.all():
        special[day.calendar_id].append(day)
    hours: dict[int | None, Hours | None] = {None: None}
    policies = []
    for row in SlaPolicy.objects.filter(is_on=True).select_related("calendar").order_by("position", "id"):
        if row.calendar_id not in hours:
            hours[row.calendar_id] = _hours(row, special[row.calendar_id or 0], around)
        policies.append(policy_of(row, hours[row.calendar_id]))
    usual = Tier.objects.filter(is_default=True).values_list("brand_id", "id")
    return Kept(tuple(policies), dict(usual), {policy.id: policy for policy in policies})


def _hours(row: SlaPolicy, days: Iterable[CalendarDays], around: date) -> Hours | None:
    """A calendar that cannot be read stops no clock: what is owed is then owed too soon rather than never."""
    if row.calendar is None:
        return None
    try:
        return hours_of(row.calendar, days, around)
    except BadHours as trouble:
        log.warning("calendar cannot be read", calendar=row.calendar.name, trouble=str(trouble))
        return None


def policy_of(row: SlaPolicy, hours: Hours | None) -> Policy:
    """A row as the clocks need it."""
    return Policy(
        row.pk, targets_of(row, hours), brand=row.brand_id, tier=row.tier_id, priority=row.priority, event=row.event,
        incident=row.incident_id,
    )  # fmt: skip


def targets_of(row: SlaPolicy, hours: Hours | None) -> Targets:
    """A policy's minutes as seconds of these hours."""

    def seconds(minutes: int | None) -> int | None:
        return None if minutes is None else minutes * MINUTE

    return Targets(
        first_answer=seconds(row.first_answer),
        next_answer=seconds(row.next_answer),
        resolution=seconds(row.resolution),
        hours=hours,
        warn_share=row.warn_at / 100,
    )
