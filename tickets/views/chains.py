"""Settings: escalation chains. Admins write them; supervisors read those of their brands.

One address takes all that a chain's form can say, so that it works without a script: `do` is save, try, or a button of
the conditions (tickets.steering.condition_form) or of the steps (tickets.targets.chain_form).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.unmoved import MovedOn
from tickets.models import Escalation, EscalationChain, RuleVersion
from tickets.numbers import whole
from tickets.permissions import NotAllowed, check_sets_targets
from tickets.steering import condition_form, conditions
from tickets.steering.conditions import Json
from tickets.steering.rule_trial import too_slow_words
from tickets.steering.rule_words import tree_words
from tickets.targets import chain_form, chain_keeping, chain_trial, chain_words, escalation
from tickets.targets.chain_keeping import Told, Wrong
from tickets.targets.escalation import ASKED
from tickets.time_limit import TooSlow
from tickets.views import rule_versions
from tickets.views.people import me
from tickets.views.rule_versions import Topic

Page = Callable[..., HttpResponse]
WEEK = timedelta(days=7)
SHOWN = 5
FIRST_STEPS = [{"after": 0, "of": "wall", "to": {"role": "lead"}}, {"after": 15, "of": "wall", "to": {"role": "admin"}}]
NEW = Told("", None, True, {"all": [{"field": "clock", "op": "any", "value": ["breached"]}]}, FIRST_STEPS)


def guarded(view: Page) -> Page:
    """Whoever may not do this is refused the page."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from None
        except EscalationChain.DoesNotExist:
            raise Http404 from None

    return page


@require_safe
@guarded
def chains(request: HttpRequest) -> HttpResponse:
    """All that concern this person, in their order, each in plain words and with what it did this week."""
    return render(request, "chains/list.html", _listed(request) | {"removed": _removed(request), **PLACE})


def _listed(request: HttpRequest) -> dict[str, Any]:
    kept = list(chain_keeping.chains(me(request)))
    names = chain_words.names_of([one.conditions for one in kept], [step for one in kept for step in one.steps])
    since = timezone.now() - WEEK
    week = Counter(dict(
        Escalation.objects.filter(chain__in=kept, began_at__gte=since).values_list("chain").annotate(n=Count("pk"))
    ))  # fmt: skip
    lines = [
        {
            "chain": one,
            "when": tree_words(one.conditions, names),
            "steps": [chain_words.step_words(step, names) for step in one.steps],
            "week": week[one.pk],
        }
        for one in kept
    ]
    return {"lines": lines, "may_write": me(request).is_admin}


PLACE = {"here": "settings", "section": "chains"}


def _removed(request: HttpRequest) -> EscalationChain | None:
    """The chain that was just taken out of the list, to be put back."""
    pk = whole(request.GET.get("removed")) if me(request).is_admin else None
    return EscalationChain.objects.filter(pk=pk).exclude(removed_at=None).first() if pk is not None else None


@require_http_methods(["GET", "HEAD", "POST"])
@guarded
def chain(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One chain, or a new one: read, changed, tried on what waits now and on last week, saved."""
    kept = chain_keeping.chains(me(request)).get(pk=pk) if pk else None
    if kept is None or request.method == "POST":
        check_sets_targets(me(request))
    if request.method != "POST":
        return _page(request, kept, chain_keeping.told_of(kept) if kept else NEW)
    told, do = read(request.POST), request.POST.get("do", "save")
    if do.startswith(("c:", "s:")):
        return _edit(request, kept, told, do)
    return _try(request, kept, told) if do == "try" else _save(request, kept, told)


def read(data: QueryDict) -> Told:
    """A chain as a form tells it."""
    return Told(
        name=" ".join(data.get("name", "").split())[:80],
        brand=whole(data.get("brand")),
        is_on=bool(data.get("is_on")),
        conditions=condition_form.read(data),
        steps=chain_form.read(data),
    )


def _edit(request: HttpRequest, kept: EscalationChain | None, told: Told, do: str) -> HttpResponse:
    """A button of the conditions or of the steps: the fragment alone where htmx asks."""
    fresh = ""
    if do.startswith("s:"):
        told = Told(told.name, told.brand, told.is_on, told.conditions, chain_form.edited(told.steps, do))
        part = "chains/steps.html"
    else:
        tree, fresh = condition_form.edited(told.conditions, do)
        told = Told(told.name, told.brand, told.is_on, tree, told.steps)
        part = "rules/conditions.html"
    if not request.headers.get("HX-Request"):
        return _page(request, kept, told, fresh=fresh)
    return render(request, part, _form(told, fresh=fresh) | {"may_write": True})


def _try(request: HttpRequest, kept: EscalationChain | None, told: Told) -> HttpResponse:
    """Which of the tickets that wait now it would take up, and what it would have done last week."""
    trial: dict[str, Any] = {}
    status = 200
    try:
        chain_keeping.check(replace(told, name=told.name or "-"))
        now = timezone.now()
        seen, week = escalation.fitting_now(told.brand, told.conditions, now), chain_trial.dry_run(told, now)
        trial = {"found": seen[:SHOWN], "count": len(seen), "most": escalation.BATCH, "week": week}
    except Wrong as error:
        trial, status = {"wrong": chain_words.wrong_words(error.code)}, 422
    except TooSlow:
        trial, status = {"wrong": too_slow_words()}, 422
    if request.headers.get("HX-Request"):
        return render(request, "chains/trial.html", {"trial": trial}, status=status)
    return _page(request, kept, told, trial=trial, status=status)


def _save(request: HttpRequest, kept: EscalationChain | None, told: Told) -> HttpResponse:
    version = whole(request.POST.get("version"))
    try:
        saved = chain_keeping.save(kept.pk if kept else None, told, by=me(request), version=version)
    except Wrong as error:
        wrong = chain_words.wrong_words(error.code)
        return _page(request, kept, told, wrong=wrong, checked=True, status=422)
    except MovedOn:
        wrong = _("Somebody saved this chain since you opened it. What you wrote is below: save again to keep it.")
        newest = chain_keeping.chains(me(request)).get(pk=kept.pk if kept else 0)
        return _page(request, newest, told, wrong=wrong, status=409)
    messages.success(request, _("%(name)s is saved. Tickets go by it within seconds.") % {"name": saved.name})
    return redirect("chains")


def _form(told: Told, *, checked: bool = False, fresh: str = "") -> dict[str, Any]:
    return {
        "editor": condition_form.editor(told.conditions, ASKED, checked=checked, fresh=fresh),
        "rows": chain_form.rows_of(told.steps),
        "offered": chain_form.offered(told.brand),
    }


def _page(
    request: HttpRequest, kept: EscalationChain | None, told: Told, *, checked: bool = False, fresh: str = "",
    status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    names = chain_words.names_of([told.conditions] if _is_whole(told) else [], told.steps)
    context = {
        "chain": kept,
        "seen": rule_versions.seen_of(request, kept, status),
        "told": told,
        "may_write": me(request).is_admin,
        "sentence": chain_words.sentence(told.conditions if _is_whole(told) else {}, told.steps, names),
        "week": _week_of(kept) if kept else None,
        **(_form(told, checked=checked, fresh=fresh) if me(request).is_admin else {}),
        **PLACE,
        **more,
    }
    return render(request, "chains/chain.html", context, status=status)


def _is_whole(told: Told) -> bool:
    return not conditions.problems(told.conditions, ASKED)


def _week_of(kept: EscalationChain) -> dict[str, int]:
    """What it did in seven days: began, was taken on by somebody, went past its first step."""
    rows = Escalation.objects.filter(chain=kept, began_at__gte=timezone.now() - WEEK)
    return rows.aggregate(
        began=Count("pk"),
        taken_on=Count("pk", filter=Q(acknowledged_at__isnull=False)),
        further=Count("pk", filter=Q(step__gt=1)),
        answered=Count("pk", filter=Q(ended_at__isnull=False, ticket__last_answered_at__gt=F("began_at"))),
    )


# --- what is done to a chain as a whole ------------------------------------------------------------------------------
@require_POST
@guarded
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another place: `to` counts from 1, `by` steps up or down."""
    if (place := whole(request.POST.get("to"), digits=6)) is not None:
        chain_keeping.move(pk, to=place, by=me(request))
    else:
        chain_keeping.step(pk, down=request.POST.get("by") == "down", by=me(request))
    if request.headers.get("HX-Request"):
        return render(request, "chains/lines.html", _listed(request))
    return redirect("chains")


@require_safe
@guarded
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version with who and when; two of them beside each other."""
    kept = chain_keeping.chains(me(request)).get(pk=pk)
    context = rule_versions.beside(kept, chain_keeping.versions(pk), request.GET, _topics)
    return render(request, "chains/versions.html", {**context, "may_write": me(request).is_admin, **PLACE})


def _topics(pair: Sequence[Json]) -> list[Topic]:
    names = chain_words.names_of([], [step for told in pair for step in told["steps"]])
    return [(_("Tell"), lambda told: _("; ").join(chain_words.step_words(step, names) for step in told["steps"]))]


@require_POST
@guarded
def restore(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """An earlier version becomes the newest."""
    try:
        chain_keeping.restore(pk, version, by=me(request))
    except RuleVersion.DoesNotExist:
        raise Http404 from None
    except Wrong as error:
        messages.error(request, chain_words.wrong_words(error.code))
        return redirect("chain-versions", pk)
    messages.success(request, _("Version %(n)d is restored.") % {"n": version})
    return redirect("chain", pk)


@require_POST
@guarded
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the list; the list then offers to put it back."""
    chain_keeping.remove(pk, by=me(request))
    return redirect(f"{reverse('chains')}?removed={pk}")


@require_POST
@guarded
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo of removing."""
    chain_keeping.put_back(pk, by=me(request))
    return redirect("chains")
