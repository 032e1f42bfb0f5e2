"""What the pages of routing rules show: the list with each rule's week, versions beside each other, who caught what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets.models import Activity, RoutingRule, Ticket
from tickets.permissions import check_writes_rules
from tickets.steering import rule_keeping, rule_trial, rule_words
from tickets.steering.conditions import Json
from tickets.steering.rule_actions import Cannot, plan_of, world
from tickets.steering.rule_names import Names
from tickets.views import rule_versions
from tickets.views.doors import only, supervisor
from tickets.views.people import me
from tickets.views.rule_versions import Topic

for_rule_writers = only(check_writes_rules)
WEEK = timedelta(days=7)
# Lines of the record that are read for the counts: more in a week than these, and no counts are shown.
MOST_LINES = 200_000


def open_or_404(pk: int) -> RoutingRule:
    """A rule of the list, with who saved it last."""
    return get_object_or_404(RoutingRule.objects.filter(removed_at=None).select_related("updated_by"), pk=pk)


def list_of(opened: int | None) -> dict[str, Any]:
    """The list as it stands; `opened`: the rule that is open, 0 for a new one, None where none is."""
    rows = list(rule_keeping.rules())
    names, week = Names(actions=[row.actions for row in rows]), this_week()
    listed = [
        {
            "rule": row,
            "place": place,
            "does": rule_words.actions_words([a for a in row.actions if a.get("do") != "reopened"], names),
            "trouble": rule_words.kept_trouble(row.trouble),
            "week": None if week is None else week[row.pk],
        }
        for place, row in enumerate(rows, start=1)
    ]
    _look_again(listed)
    return {"listed": listed, "opened": opened}


def _look_again(listed: list[dict[str, Any]]) -> None:
    """A rule that names what is gone says so before the next ticket finds out."""
    there = world()
    for line in listed:
        rule = line["rule"]
        team = next((action.get("team") for action in rule.actions if action.get("do") == "team"), None)
        brand = rule.brand_id or next(iter(there.teams.get(team, ())), 0) if team else rule.brand_id or 0
        try:
            plan_of(rule.actions, brand, there)
        except Cannot as error:
            if error.code.endswith(("_removed", "_gone")):
                line["trouble"] = rule_words.trouble_words(error.code, error.word)


def this_week() -> Counter[int] | None:
    """How many tickets each rule routed in seven days; None where so much happened that it is not counted."""
    since = timezone.now() - WEEK
    newest = Activity.objects.order_by("-id").values_list("id", flat=True).first() or 0
    border = Activity.objects.filter(pk__gt=newest - MOST_LINES).order_by("id").values_list("id", "at").first()
    if border and border[0] > 1 and newest > MOST_LINES and border[1] > since:
        return None
    lines = Activity.objects.filter(pk__gt=newest - MOST_LINES, verb=Activity.Verb.ROUTED, at__gte=since)
    return Counter(lines.values_list("data__rule", flat=True))


# --- versions -------------------------------------------------------------------------------------------------------
def versions_of(rule: RoutingRule, asked: Mapping[str, Any]) -> dict[str, Any]:
    """All versions, two of them beside each other."""
    return rule_versions.beside(rule, rule_keeping.versions(rule.pk), asked, _topics)


def _topics(pair: Sequence[Json]) -> list[Topic]:
    names = Names(actions=[told["actions"] for told in pair])
    return [(_("Then"), lambda told: rule_words.actions_words(told["actions"], names))]


# --- on a ticket's page -----------------------------------------------------------------------------------------------
@require_safe
def caught(request: HttpRequest, pk: int) -> HttpResponse:
    """Which rule would catch this ticket if it came today: for supervisors, beside the ticket."""
    ticket = Ticket.objects.visible_to(supervisor(request)).filter(pk=pk).first()
    if ticket is None:
        raise Http404
    fit = rule_trial.caught_by(ticket)
    names = Names([{"all": list(fit.because)}] if fit else [], [fit.rule.actions] if fit else [])
    because = rule_words.because_words([names.named(leaf) for leaf in fit.because]) if fit else ""
    does = rule_words.actions_words(fit.rule.actions, names) if fit else ""
    context = {"ticket": ticket, "fit": fit, "because": because, "does": does, "may_open": me(request).is_admin}
    return render(request, "rules/caught.html", context)
