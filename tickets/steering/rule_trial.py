"""The dry run: what a change of one rule would have made of the last week's tickets. It reads, and writes nothing.

Each ticket is looked at as it came (tickets.steering.case), once with the rules as they are and once with the rule as
it is being written. What people did with it since is not asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ingest.models import Message
from tickets.models import RoutingRule, Ticket, TicketMessage
from tickets.steering import rule_keeping, rule_words, rules
from tickets.steering.case import Moment, cases_of
from tickets.steering.conditions import Case, Json
from tickets.steering.routing import default_teams
from tickets.steering.rule_keeping import Told
from tickets.steering.rule_names import Names
from tickets.steering.rules import Fit, Once, Rule, Troubles, fields_of, fitting, numbered
from tickets.time_limit import time_limit

WEEK = timedelta(days=7)
MOST = 2000
# For each statement of a dry run.
MILLISECONDS = 3000
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Goes:
    """Where a ticket goes by one set of rules. `place` 0: no rule speaks of it."""

    place: int
    rule: str
    team: int | None
    agent: int | None
    priority: int
    rest: tuple[object, ...]
    because: tuple[Json, ...] = ()

    @property
    def outcome(self) -> tuple[object, ...]:
        """What becomes of the ticket, whichever rule says so."""
        return (self.team, self.agent, self.priority, *self.rest)


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket that would go another way, in words."""

    id: int
    subject: str
    language: str
    before: str
    after: str
    because: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many tickets go to one team, person or priority, now and then."""

    name: str
    now: int
    then: int

    @property
    def more(self) -> int:
        return self.then - self.now


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it. `capped`: there were more tickets in the week than were looked at."""

    looked: int
    capped: bool
    since: datetime
    caught: int
    moved: int
    teams: list[Count]
    agents: list[Count]
    priorities: list[Count]
    lines: list[Line]
    trouble: str = ""


def too_slow_words() -> str:
    """What is told to whoever asked."""
    return _("Looking through the last week takes too long just now. Nothing was changed; try again later.")


def try_out(rule_id: int | None, told: Told, now: datetime) -> Trial:
    """A dry run of a rule as it is being written: on, in its place, named or not. Raises Wrong, TooSlow."""
    rule_keeping.check(Told(told.name or "-", told.brand, True, told.conditions, told.actions))
    order = list(rule_keeping.rules().values_list("pk", flat=True))
    place = order.index(rule_id) + 1 if rule_id in order else len(order) + 1
    return dry_run(Rule(rule_id, place, told.name, told.conditions, told.actions, told.brand), now)


def dry_run(draft: Rule, now: datetime) -> Trial:
    """What this rule, in its place or at the end of the list, would change. The draft has no problems.

    Raises tickets.time_limit.TooSlow.
    """
    with time_limit(MILLISECONDS):
        return _dry_run(draft, now)


def _dry_run(draft: Rule, now: datetime) -> Trial:
    before = numbered(RoutingRule.objects.filter(removed_at=None).order_by("position", "id"))
    after = [draft if rule.id == draft.id else rule for rule in before] if draft.id else [*before, draft]
    moments, capped = of_the_week(now)
    cases = cases_of(moments, fields_of([*before, *after]))
    usual = default_teams({moment.ticket.brand_id for moment in moments})
    ill = Troubles()
    old = _all(before, moments, cases, usual.get, Troubles())
    new = _all(after, moments, cases, usual.get, ill)
    error = ill.found.get(draft.id or 0)
    trouble = rule_words.trouble_words(error.code, error.word) if error else ""
    return _told(draft, list(zip(moments, old, new, strict=True)), now, capped=capped, trouble=trouble)


def of_the_week(now: datetime, most: int = MOST) -> tuple[list[Moment], bool]:
    """The newest tickets of the last seven days as they came, newest first; and whether there were more."""
    tickets, capped = newest(Ticket.objects.all(), now, most)
    return moments_of(tickets), capped


def newest(tickets: QuerySet[Ticket], now: datetime, most: int = MOST) -> tuple[list[Ticket], bool]:
    """Those of these tickets that were opened in the last seven days, newest first; and whether there were more."""
    rows = [row for row in tickets.order_by("-id").select_related(None)[: most + 1] if row.opened_at >= now - WEEK]
    return rows[:most], len(rows) > most


def moments_of(tickets: Sequence[Ticket]) -> list[Moment]:
    """These tickets with the message that opened each, as they came; those without a message are left out."""
    entries = TicketMessage.objects.filter(ticket__in=tickets, message__direction=Message.Direction.IN)
    first = entries.order_by("ticket_id", "id").distinct("ticket_id").select_related("message__channel")
    opened_by = {entry.ticket_id: entry.message for entry in first.defer("message__raw", "message__metrics")}
    return [
        Moment(ticket, message, message.decided_at or ticket.opened_at, as_new=True)
        for ticket in tickets
        if (message := opened_by.get(ticket.pk))
    ]


def caught_by(ticket: Ticket) -> Fit | None:
    """The rule that would catch this ticket if it came today, with the rules as they stand."""
    in_use = rules.in_use()
    for moment, case in zip(found := moments_of([ticket]), cases_of(found, fields_of(in_use)), strict=True):
        return next(iter(fitting(in_use, moment, case, Once(), Troubles())), None)
    return None


def _all(
    rules_: Iterable[Rule], moments: Sequence[Moment], cases: Sequence[Case], usual: Callable[[int], int | None],
    ill: Troubles,
) -> list[Goes]:  # fmt: skip
    asked, there = [rule for rule in rules_ if rule.is_on], Once()
    return [
        _goes(next(iter(fitting(asked, moment, case, there, ill)), None), usual(moment.ticket.brand_id))
        for moment, case in zip(moments, cases, strict=True)
    ]


def _goes(fit: Fit | None, usual: int | None) -> Goes:
    normal = Ticket.Priority.NORMAL.value
    if fit is None:
        return Goes(0, "", usual, None, normal, ("", (), None, (), None, (), False, ()))
    plan = fit.plan
    rest = (
        plan.share, plan.skills, plan.language, tuple(sorted(plan.tags)), plan.policy, plan.notes, plan.approval,
        plan.notify,
    )  # fmt: skip
    return Goes(
        fit.rule.place, fit.rule.name, plan.team or usual, plan.agent, plan.priority or normal, rest, fit.because
    )


# --- in words -------------------------------------------------------------------------------------------------------
Row = tuple[Moment, Goes, Goes]


def _told(draft: Rule, rows: Sequence[Row], now: datetime, *, capped: bool, trouble: str) -> Trial:
    moved = [row for row in rows if row[1].outcome != row[2].outcome]
    names = _names(rows)
    return Trial(
        looked=len(rows),
        capped=capped,
        since=now - WEEK,
        caught=sum(new.place == draft.place for _ticket, _old, new in rows),
        moved=len(moved),
        teams=_counts(((old.team, new.team) for _ticket, old, new in rows), names.team),
        agents=_counts(((old.agent, new.agent) for _ticket, old, new in rows), names.person),
        priorities=_counts(((old.priority, new.priority) for _ticket, old, new in rows), _priority),
        lines=[_line(row, names) for row in moved[:SHOWN]],
        trouble=trouble,
    )


class _Known:
    """Names of the teams and people that tickets go to."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def team(self, pk: int) -> str:
        return self.names.of_action("team", pk)

    def person(self, pk: int) -> str:
        return self.names.of_action("to", pk)


def _names(rows: Sequence[Row]) -> _Known:
    both = [goes for _moment, *pair in rows for goes in pair]
    actions = [{"team": goes.team, "to": goes.agent} for goes in both]
    return _Known(Names([{"all": list(goes.because)} for goes in both], [actions]))


def _priority(value: int) -> str:
    return str(rule_words.value_word("priority", value))


def _counts(rows: Iterable[tuple[int | None, int | None]], say: Callable[[int], str]) -> list[Count]:
    """By name, those that change most first; tickets that go nowhere are not counted."""
    pairs = list(rows)
    now = Counter(old for old, _new in pairs if old is not None)
    then = Counter(new for _old, new in pairs if new is not None)
    counts = [Count(say(key), now[key], then[key]) for key in sorted(now.keys() | then.keys())]
    return sorted(counts, key=lambda count: -abs(count.more))


def _line(row: Row, names: _Known) -> Line:
    moment, old, new = row
    because = rule_words.because_words([names.names.named(leaf) for leaf in new.because]) if new.place else ""
    ticket = moment.ticket
    return Line(ticket.pk, ticket.subject, moment.message.language, _where(old, names), _where(new, names), because)


def _where(goes: Goes, names: _Known) -> str:
    """3, Network."""
    team = names.team(goes.team) if goes.team else _("nobody's team")
    place = str(goes.place) if goes.place else _("Otherwise")
    return _("%(place)s, %(team)s") % {"place": place, "team": rule_words.isolated(team)}
