"""Routing rules: the list in its order, one rule open beside it, its dry run and its versions. For admins.

One address takes all that the open rule's form can say, so that it works without a script: `do` is save, try, say (the
sentence alone) or a button of the conditions editor (tickets.steering.condition_form).
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.unmoved import MovedOn
from tickets.models import RoutingRule, RuleVersion
from tickets.numbers import whole
from tickets.steering import action_form, condition_form, conditions, rule_keeping, rule_trial, rule_words
from tickets.steering.condition_form import ROUTING_FIELDS
from tickets.steering.rule_keeping import Told, Wrong
from tickets.steering.rule_names import Names
from tickets.steering.rule_trial import too_slow_words
from tickets.steering.rule_words import wrong_words
from tickets.time_limit import TooSlow
from tickets.views.people import me
from tickets.views.rule_pages import for_rule_writers, list_of, open_or_404, versions_of
from tickets.views.rule_versions import seen_of

NEW = Told("", None, True, {"all": [{"field": "words", "op": "any", "value": []}]}, [])


@for_rule_writers
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The list, and what rules are for."""
    return render(request, "rules/page.html", {**list_of(None), "here": "rules", "section": "rules"})


@for_rule_writers
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One rule, or a new one: shown, changed, tried, saved."""
    kept = open_or_404(pk) if pk else None
    if request.method != "POST":
        return _page(request, kept, Told.of(rule_keeping.told_of(kept)) if kept else NEW)
    told, do = read(request.POST), request.POST.get("do", "save")
    if do.startswith("c:"):
        return _edit(request, kept, told, do)
    if do == "say":
        return render(request, "rules/sentence.html", {"sentence": sentence(told)})
    if do == "try":
        return _try(request, kept, told)
    return _save(request, kept, told)


def read(data: QueryDict) -> Told:
    """A rule as a form tells it."""
    return Told(
        name=" ".join(data.get("name", "").split())[:80],
        brand=whole(data.get("brand")),
        is_on=bool(data.get("is_on")),
        conditions=condition_form.read(data),
        actions=action_form.read(data),
    )


def sentence(told: Told) -> str:
    """The rule in plain words, as far as it can be read."""
    ready = [leaf for leaf in conditions.leaves(told.conditions) if not _unfinished(leaf)]
    if len(ready) != sum(1 for _leaf in conditions.leaves(told.conditions)):
        return _("A condition is not finished yet.")
    return rule_words.sentence(told.conditions, told.actions, Names([told.conditions], [told.actions]))


def _unfinished(leaf: Any) -> bool:
    return bool(conditions.problems(leaf))


def _edit(request: HttpRequest, kept: RoutingRule | None, told: Told, do: str) -> HttpResponse:
    """A button of the conditions editor: the fragment alone where htmx asks."""
    tree, fresh = condition_form.edited(told.conditions, do)
    told = Told(told.name, told.brand, told.is_on, tree, told.actions)
    if not request.headers.get("HX-Request"):
        return _page(request, kept, told, fresh=fresh)
    editor = condition_form.editor(tree, ROUTING_FIELDS, fresh=fresh)
    return render(request, "rules/edited.html", {"editor": editor, "sentence": sentence(told)})


def _try(request: HttpRequest, kept: RoutingRule | None, told: Told) -> HttpResponse:
    trial, wrong, status = None, "", 200
    try:
        trial = rule_trial.try_out(kept.pk if kept else None, told, timezone.now())
    except Wrong as error:
        wrong, status = wrong_words(error), 422
    except TooSlow:
        wrong, status = too_slow_words(), 422
    if request.headers.get("HX-Request"):
        return render(request, "rules/trial.html", {"trial": trial, "trial_wrong": wrong}, status=status)
    return _page(request, kept, told, trial=trial, trial_wrong=wrong, checked=bool(wrong), status=status)


def _save(request: HttpRequest, kept: RoutingRule | None, told: Told) -> HttpResponse:
    version = whole(request.POST.get("version"))
    try:
        saved = rule_keeping.save(kept.pk if kept else None, told, by=me(request), version=version)
    except Wrong as error:
        return _page(request, kept, told, wrong=wrong_words(error), checked=True, status=422)
    except MovedOn:
        wrong = _("Somebody saved this rule since you opened it. Look at its versions, then save again.")
        return _page(request, open_or_404(saved_id(kept)), told, wrong=wrong, status=409)
    messages.success(request, _("Saved. New tickets go by it from now on."))
    return redirect("rule", saved.pk)


def saved_id(kept: RoutingRule | None) -> int:
    """The id of a rule that must be there."""
    if kept is None:
        raise Http404
    return kept.pk


def _page(
    request: HttpRequest, kept: RoutingRule | None, told: Told, *, fresh: str = "", checked: bool = False,
    status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    context = {
        **list_of(kept.pk if kept else 0),
        "rule": kept,
        "seen": seen_of(request, kept, status),
        "told": told,
        "editor": condition_form.editor(told.conditions, ROUTING_FIELDS, checked=checked, fresh=fresh),
        "actions": action_form.offered(told.brand, told.actions),
        "sentence": sentence(told),
        "here": "rules",
        "section": "rules",
        **more,
    }
    return render(request, "rules/page.html", context, status=status)


# --- what is done to a rule as a whole --------------------------------------------------------------------------------
@for_rule_writers
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another place: `to` counts from 1, `by` steps up or down."""
    open_or_404(pk)
    if (place := whole(request.POST.get("to"), digits=6)) is not None:
        rule_keeping.move(pk, to=place, by=me(request))
    else:
        rule_keeping.step(pk, down=request.POST.get("by") == "down", by=me(request))
    if request.headers.get("HX-Request"):
        return render(request, "rules/list.html", list_of(whole(request.POST.get("open"))))
    return redirect("rule", pk)


@for_rule_writers
@require_POST
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """On or off."""
    open_or_404(pk)
    on = request.POST.get("on") == "1"
    rule_keeping.turn(pk, on=on, by=me(request))
    messages.success(request, _("The rule is on.") if on else _("The rule is off: tickets pass it by."))
    return redirect("rule", pk)


@for_rule_writers
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the list; the list then offers to put it back."""
    open_or_404(pk)
    rule_keeping.remove(pk, by=me(request))
    return redirect(f"{reverse('rules')}?removed={pk}")


@for_rule_writers
@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo of removing."""
    try:
        rule_keeping.put_back(pk, by=me(request))
    except RoutingRule.DoesNotExist:
        raise Http404 from None
    return redirect("rule", pk)


@for_rule_writers
@require_safe
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version with who and when; two of them beside each other."""
    context = {**list_of(pk), **versions_of(open_or_404(pk), request.GET), "here": "rules", "section": "rules"}
    return render(request, "rules/versions.html", context)


@for_rule_writers
@require_POST
def restore(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """An earlier version becomes the newest."""
    open_or_404(pk)
    try:
        rule_keeping.restore(pk, version, by=me(request))
    except RuleVersion.DoesNotExist:
        raise Http404 from None
    except Wrong as error:
        messages.error(request, wrong_words(error))
        return redirect("rule-versions", pk)
    messages.success(request, _("Version %(n)d is restored.") % {"n": version})
    return redirect("rule", pk)
