"""Settings: approval rules, in the words and with the conditions editor of routing rules. For admins.

One address takes all that a rule's form can say: `do` is save, say (the sentence alone) or a button of the editor.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Brand, User
from accounts.unmoved import MovedOn
from tickets.answering import approval_rules
from tickets.answering.approval_rules import Told, Wrong
from tickets.models import ApprovalRule, RuleVersion
from tickets.numbers import whole
from tickets.steering import condition_form, conditions
from tickets.steering.condition_form import SECTIONS
from tickets.steering.conditions import Json
from tickets.steering.rule_names import Names
from tickets.steering.rule_words import problem_words, tree_words
from tickets.views import rule_versions
from tickets.views.rule_versions import Topic
from tickets.views.settings_area import admin

HERE = {"here": "settings", "section": "approval-rules"}
FIELDS = tuple(name for _label, names in SECTIONS for name in names if name != "clock")
NEW = Told("", None, True, {"all": [{"field": "answer_words", "op": "any", "value": []}]}, 30)


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The list, each rule in a sentence."""
    admin(request)
    removed = request.GET.get("removed", "")
    gone = ApprovalRule.objects.exclude(removed_at=None).filter(pk=whole(removed) or 0).first() if removed else None
    return render(request, "approvals/rules.html", HERE | _listed() | {"gone": gone})


def _listed() -> dict[str, Any]:
    rows = list(approval_rules.rules())
    names = Names([row.conditions for row in rows])
    return {"rows": [(row, tree_words(row.conditions, names)) for row in rows]}


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One rule, or a new one: shown, changed, saved."""
    user = admin(request)
    kept = get_object_or_404(approval_rules.rules(), pk=pk) if pk else None
    if request.method != "POST":
        return _page(request, kept, approval_rules.told_of(kept) if kept else NEW)
    told, do = read(request.POST), request.POST.get("do", "save")
    if do == "say":
        return render(request, "rules/sentence.html", {"sentence": sentence(told)})
    if do.startswith("c:"):
        return _edit(request, kept, told, do)
    return _save(request, kept, told, user)


def _save(request: HttpRequest, kept: ApprovalRule | None, told: Told, by: User) -> HttpResponse:
    version = whole(request.POST.get("version"))
    try:
        approval_rules.save(kept.pk if kept else None, told, by=by, version=version)
    except Wrong as error:
        return _page(request, kept, told, wrong=_words_of(error), checked=True, status=422)
    except MovedOn:
        wrong = _("Somebody saved this rule since you opened it. Look at its versions, then save again.")
        newest = get_object_or_404(approval_rules.rules(), pk=kept.pk if kept else 0)
        return _page(request, newest, told, wrong=wrong, status=409)
    messages.success(request, _("Saved. Answers go by it from now on."))
    return redirect("approval-rules")


def _words_of(error: Wrong) -> str:
    return problem_words(error.problems[0]) if error.problems else str(error)


def read(data: QueryDict) -> Told:
    """A rule as a form tells it."""
    return Told(
        name=" ".join(data.get("name", "").split())[:80],
        brand=whole(data.get("brand"), digits=9) or None,
        is_on=bool(data.get("is_on")),
        conditions=condition_form.read(data),
        minutes=whole(data.get("minutes"), digits=9) or 0,
    )


def sentence(told: Told) -> str:
    """Which answers wait, in plain words, as far as it can be read."""
    leaves = list(conditions.leaves(told.conditions))
    if any(conditions.problems(leaf) for leaf in leaves):
        return _("A condition is not finished yet.")
    words = tree_words(told.conditions, Names([told.conditions]))
    return _("An answer waits for a second person if: %(conditions)s.") % {"conditions": words} if words else ""


def _edit(request: HttpRequest, kept: ApprovalRule | None, told: Told, do: str) -> HttpResponse:
    tree, fresh = condition_form.edited(told.conditions, do)
    told = Told(told.name, told.brand, told.is_on, tree, told.minutes)
    if not request.headers.get("HX-Request"):
        return _page(request, kept, told, fresh=fresh)
    editor = condition_form.editor(tree, FIELDS, fresh=fresh)
    return render(request, "rules/edited.html", {"editor": editor, "sentence": sentence(told)})


def _page(
    request: HttpRequest, kept: ApprovalRule | None, told: Told, *, fresh: str = "", checked: bool = False,
    status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    editor = condition_form.editor(told.conditions, FIELDS, checked=checked, fresh=fresh)
    context: dict[str, Any] = HERE | {"rule": kept, "told": told, "editor": editor, "sentence": sentence(told)}
    context |= {"brands": Brand.objects.all(), "most": approval_rules.MOST_MINUTES} | more
    context["seen"] = rule_versions.seen_of(request, kept, status)
    return render(request, "approvals/rule.html", context, status=status)


# --- what is done to a rule as a whole --------------------------------------------------------------------------------
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another place: `to` counts from 1, `by` steps up or down."""
    user = admin(request)
    get_object_or_404(approval_rules.rules(), pk=pk)
    if place := whole(request.POST.get("to"), digits=6):
        approval_rules.move(pk, to=place, by=user)
    else:
        approval_rules.step(pk, down=request.POST.get("by") == "down", by=user)
    if request.headers.get("HX-Request"):
        return render(request, "approvals/rule_list.html", _listed())
    return redirect("approval-rules")


@require_safe
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version with who and when; two of them beside each other."""
    admin(request)
    row = get_object_or_404(approval_rules.rules(), pk=pk)
    context = rule_versions.beside(row, approval_rules.versions(pk), request.GET, _topics)
    return render(request, "approvals/versions.html", HERE | context)


def _topics(_pair: Sequence[Json]) -> list[Topic]:
    return [(_("Minutes a second person has"), lambda told: str(told["minutes"]))]


@require_POST
def restore(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """An earlier version becomes the newest."""
    user = admin(request)
    get_object_or_404(approval_rules.rules(), pk=pk)
    try:
        approval_rules.restore(pk, version, by=user)
    except RuleVersion.DoesNotExist:
        raise Http404 from None
    except Wrong as error:
        messages.error(request, _words_of(error))
        return redirect("approval-rule-versions", pk)
    messages.success(request, _("Version %(n)d is restored.") % {"n": version})
    return redirect("approval-rule", pk)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the list; the list then offers to put it back."""
    user = admin(request)
    get_object_or_404(approval_rules.rules(), pk=pk)
    approval_rules.remove(pk, by=user)
    return redirect(f"{reverse('approval-rules')}?removed={pk}")


@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo of removing."""
    user = admin(request)
    get_object_or_404(ApprovalRule, pk=pk)
    approval_rules.put_back(pk, by=user)
    return redirect("approval-rules")
