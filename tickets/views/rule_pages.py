"""What the pages of routing rules show: the list with each rule's week, versions beside each other, who caught what."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets.models import Activity, RoutingRule, RuleVersion, Ticket
from tickets.numbers import whole
from tickets.permissions import check_writes_rules
from tickets.steering import rule_keeping, rule_trial, rule_words
from tickets.steering.rule_actions import Cannot, plan_of, world
from tickets.steering.rule_keeping import Told
from tickets.steering.rule_names import Names
from tickets.views.doors import only, supervisor
from tickets.views.people import me

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
    """All versions; the newest, or the one asked for, beside the one before it or the other asked for."""
    kept = list(rule_keeping.versions(rule.pk))
    by_number = {version.version: version for version in kept}
    right = by_number.get(whole(asked.get("b")) or 0) or (kept[0] if kept else None)
    left = by_number.get(whole(asked.get("a")) or 0) or (by_number.get(right.version - 1) if right else None)
    return {"rule": rule, "versions": kept, "left": left, "right": right, "rows": _beside(left, right)}


def _beside(left: RuleVersion | None, right: RuleVersion | None) -> list[dict[str, Any]]:
    """What each says of each topic, and whether they differ."""
    if right is None:
        return []
    pair = [Told.of(version.told) if version else None for version in (left, right)]
    names = Names([told.conditions for told in pair if told], [told.actions for told in pair if told])
    brands = [{"field": "brand", "op": "in", "value": [told.brand]} for told in pair if told and told.brand]
    of_brands = Names([{"all": brands}])
    topics: list[tuple[str, Callable[[Told], str]]] = [
        (_("Name"), lambda told: told.name),
        (_("On"), lambda told: _("yes") if told.is_on else _("no")),
        (_("Brand"), lambda told: _brand(told, of_brands)),
        (_("When"), lambda told: rule_words.tree_words(told.conditions, names) or _("every ticket")),
        (_("Then"), lambda told: rule_words.actions_words(told.actions, names)),
    ]
    rows = [(topic, *(say(told) if told else "" for told in pair)) for topic, say in topics]
    return [{"topic": t, "left": a, "right": b, "differs": left is not None and a != b} for t, a, b in rows]


def _brand(told: Told, names: Names) -> str:
    if told.brand is None:
        return _("every brand")
    pair = names.of_field("brand", told.brand)
    return pair[0] if pair else ""


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
