"""Routing rules at work: the first that fits a ticket is carried out, when it is opened or, if the rule says so, when
it comes back.

A rule that cannot be carried out is passed over and flagged, and the next is asked: no rule ever costs a ticket. Each
is tried within a savepoint of its own, in the transaction of triage.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Membership, Role, User
from tickets.activity import routed
from tickets.models import Activity, Notice, RoutingRule, Ticket
from tickets.steering import conditions, rule_words, seats
from tickets.steering.case import Moment, cases_of
from tickets.steering.conditions import Case, Json
from tickets.steering.rule_actions import Cannot, Plan, World, plan_of, takes_reopened, world
from tickets.steering.rule_names import Names

log = structlog.get_logger(__name__)

# Kinds of notices that rules give: there are none of their own.
ROUTED, RULE_TROUBLE = Notice.Kind.ESCALATED.value, Notice.Kind.CHANNEL.value
# What a rule may change. A ticket's status follows when it is settled (tickets.standing).
COLUMNS = ["team", "assignee", "assigned_at", "priority", "tags", "policy", "needs_skills", "needs_language"]
KEPT = [f"{name}_id" if name in {"team", "assignee", "policy"} else name for name in COLUMNS]


@dataclass(frozen=True, slots=True)
class Rule:
    """A routing rule as it is carried out, or tried before it is saved. `place`: its number in the list, from 1."""

    id: int | None
    place: int
    name: str
    conditions: Json
    actions: Sequence[Json]
    brand: int | None = None
    version: int = 1
    is_on: bool = True
    trouble: str = ""

    def is_for(self, moment: Moment) -> bool:
        """Whether it is asked about this ticket at all."""
        its_brand = self.brand in {None, moment.ticket.brand_id}
        return its_brand and (not moment.came_back or takes_reopened(self.actions))


@dataclass(frozen=True, slots=True)
class Fit:
    """A rule that fits, why, and what follows from it."""

    rule: Rule
    because: tuple[Json, ...]
    plan: Plan


@dataclass(slots=True)
class Troubles:
    """Rules that could not be carried out, with the first reason each gave; and those that could."""

    found: dict[int, Cannot] = field(default_factory=dict)
    well: set[int] = field(default_factory=set)

    def note(self, rule: Rule, error: Cannot) -> None:
        if rule.id is not None:
            self.found.setdefault(rule.id, error)


def in_use() -> list[Rule]:
    """The rules that are on, in their order, each with its place among all."""
    rows = RoutingRule.objects.filter(removed_at=None).order_by("position", "id")
    return [rule for rule in numbered(rows) if rule.is_on]


def numbered(rows: Iterable[RoutingRule]) -> list[Rule]:
    """Rules with their places in the list, as they stand in it."""
    return [
        Rule(row.pk, place, row.name, row.conditions, row.actions, row.brand_id, row.version, row.is_on, row.trouble)
        for place, row in enumerate(rows, start=1)
    ]


def fields_of(rules: Iterable[Rule]) -> set[str]:
    """Every field that these rules ask of a ticket."""
    return {str(leaf.get("field")) for rule in rules for leaf in conditions.leaves(rule.conditions)}


def fitting(
    rules: Iterable[Rule], moment: Moment, case: Case, there: Callable[[], World], ill: Troubles
) -> Iterable[Fit]:
    """The rules that fit and have a plan, first to last; what is wrong with others is noted."""
    for rule in rules:
        if not rule.is_for(moment):
            continue
        try:
            if conditions.problems(rule.conditions):
                raise Cannot("bad_conditions")
            match = conditions.fits(rule.conditions, case)
            if match:
                yield Fit(rule, match.because, plan_of(rule.actions, moment.ticket.brand_id, there()))
        except Cannot as error:
            ill.note(rule, error)


class Once:
    """What there is for actions to name, looked up when first asked for."""

    def __init__(self) -> None:
        self._found: World | None = None

    def __call__(self) -> World:
        if self._found is None:
            self._found = world()
        return self._found


# --- carrying out ---------------------------------------------------------------------------------------------------
def route(
    moments: Sequence[Moment], now: datetime, *, wanted: Callable[[Fit], bool] = lambda _fit: True
) -> list[Activity]:
    """Route tickets that were opened or came back, in the caller's transaction, the tickets locked and settled after.

    `wanted` is asked of the first rule that fits: where it says no, no rule is carried out. The rows are written, the
    tickets given changed likewise; returns the lines for the record, not saved yet. Whatever breaks here, the tickets
    stay as they were and go where tickets go that no rule speaks of.
    """
    if not moments:
        return []
    try:
        with transaction.atomic():
            return _route(moments, now, wanted)
    except OperationalError:
        # A deadlock is for the caller, who begins anew.
        raise
    except Exception:
        log.exception("rules could not be asked", tickets=[moment.ticket.pk for moment in moments])
        return []


def _route(moments: Sequence[Moment], now: datetime, wanted: Callable[[Fit], bool]) -> list[Activity]:
    rules = in_use()
    if not rules:
        return []
    ill, there = Troubles(), Once()
    done: list[tuple[Moment, Fit, list[Activity]]] = []
    for moment, case in zip(moments, cases_of(moments, fields_of(rules)), strict=True):
        for fit in fitting(rules, moment, case, there, ill):
            if not wanted(fit):
                break
            lines = _carried_out(moment, fit, now, ill)
            if lines is not None:
                done.append((moment, fit, lines))
                break
    _flag(rules, ill, now)
    names = Names([{"all": list(fit.because)} for _told, fit, _lines in done])
    return [line for moment, fit, lines in done for line in (_line(moment.ticket, fit, names, now), *lines)]


def _carried_out(moment: Moment, fit: Fit, now: datetime, ill: Troubles) -> list[Activity] | None:
    """Carry out one plan; the further lines of it, or None where it went wrong and nothing was done."""
    ticket = moment.ticket
    before = {name: getattr(ticket, name) for name in KEPT}
    try:
        with transaction.atomic():
            lines = apply(ticket, fit.plan, now)
            _notify(ticket, fit, now)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("a rule failed", rule=fit.rule.id, ticket=ticket.pk)
        ill.note(fit.rule, Cannot("failed", type(error).__name__))
        for name, value in before.items():
            setattr(ticket, name, value)
        return None
    if fit.rule.id is not None:
        ill.well.add(fit.rule.id)
    return lines


def apply(ticket: Ticket, plan: Plan, now: datetime) -> list[Activity]:
    """Do to a ticket what a plan says; the lines for its record besides the rule's own. The caller settles it."""
    lines: list[Activity] = []
    if plan.team is not None and plan.team != ticket.team_id:
        ticket.team_id = plan.team
        if ticket.assignee_id and not Membership.objects.filter(team=plan.team, user=ticket.assignee_id).exists():
            ticket.assignee, ticket.assigned_at = None, None
    ticket.needs_skills = list(plan.skills) or ticket.needs_skills
    if plan.language is not None:
        ticket.needs_language = plan.language or ticket.language
    ticket.priority = plan.priority or ticket.priority
    ticket.policy_id = plan.policy or ticket.policy_id
    kept = [tag for tag in ticket.tags if tag not in plan.dropped_tags]
    ticket.tags = list(dict.fromkeys([*kept, *plan.tags]))
    if plan.agent is not None:
        lines += _give(ticket, plan.agent, now)
    ticket.save(update_fields=COLUMNS)
    lines += [Activity(ticket=ticket, verb=Activity.Verb.NOTED, data={"text": note}, at=now) for note in plan.notes]
    return lines


def _give(ticket: Ticket, person: int, now: datetime) -> list[Activity]:
    """To this person, if they are at work; else it waits in its team's queue, as any other ticket."""
    (agent,) = seats.at_work(User.objects.filter(pk=person), now) or (None,)
    if agent is None:
        return []
    ticket.assignee, ticket.assigned_at = agent, now
    data = {"to": agent.pk, "name": agent.name}
    return [Activity(ticket=ticket, verb=Activity.Verb.ASSIGNED, data=data, at=now)]


def _line(ticket: Ticket, fit: Fit, names: Names, now: datetime) -> Activity:
    data = {
        "rule": fit.rule.id,
        "version": fit.rule.version,
        "place": fit.rule.place,
        "name": fit.rule.name,
        "because": [names.named(leaf) for leaf in fit.because],
        "share": fit.plan.share,
        "approval": fit.plan.approval,
        "policy": fit.plan.policy,
    }
    return Activity(ticket=ticket, verb=Activity.Verb.ROUTED, data=data, at=now)


def asks_approval(ticket_id: int) -> str:
    """The name of the rule that wants a second person for answers of this ticket; empty where none does.

    The last that routed it decides, and so for tickets that were merged into it: what came with them is answered here.
    """
    here = Q(ticket=ticket_id) | Q(ticket__merged_into=ticket_id)
    last = routed().filter(here).order_by("ticket", "-id").distinct("ticket")
    return next((str(line.data.get("name") or line.data["rule"]) for line in last if line.data.get("approval")), "")


# --- telling people -------------------------------------------------------------------------------------------------
def _notify(ticket: Ticket, fit: Fit, now: datetime) -> None:
    data = {"rule": fit.rule.name, "place": fit.rule.place}
    key = f"routed-{ticket.pk}-{fit.rule.id}-{ticket.reopened}"
    _tell(fit.plan.notify, ROUTED, key, data, now, ticket=ticket)


def _flag(rules: Sequence[Rule], ill: Troubles, now: datetime) -> None:
    """Say on the rule's own row what is wrong with it, once, and to admins; or that it is well again.

    In order of id: two workers that flag the same rules wait for each other.
    """
    by_id = {rule.id: rule for rule in rules}
    told: dict[int, dict[str, Any]] = {pk: {"trouble": "", "trouble_at": None} for pk in ill.well - set(ill.found)}
    told |= {pk: {"trouble": f"{error.code}:{error.word}", "trouble_at": now} for pk, error in ill.found.items()}
    for pk in sorted(told):
        rule, columns = by_id[pk], told[pk]
        if rule.trouble == columns["trouble"]:
            continue
        RoutingRule.objects.filter(pk=pk).update(**columns)
        if columns["trouble"]:
            log.warning("a rule is skipped", rule=pk, trouble=columns["trouble"])
            _tell_admins(rule, columns["trouble"], now)


def _tell_admins(rule: Rule, trouble: str, now: datetime) -> None:
    """Once for each version and reason, in the language each reads."""
    key = f"rule-{rule.id}-{rule.version}-{trouble}"[:80]
    for pk, language in User.objects.filter(role=Role.ADMIN, is_active=True).values_list("pk", "interface_language"):
        with translation.override(language or settings.LANGUAGE_CODE):
            words = _("The rule is skipped: %(why)s.") % {"why": rule_words.kept_trouble(trouble)}
        data = {"name": rule.name, "words": words, "rule": rule.id, "trouble": trouble}
        _tell([pk], RULE_TROUBLE, key, data, now)


def _tell(
    people: Iterable[int], kind: str, key: str, data: dict[str, Any], now: datetime, *, ticket: Ticket | None = None
) -> None:
    rows = [Notice(user_id=person, kind=kind, key=key, data=data, at=now, ticket=ticket) for person in people]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
