"""Settings: approval rules, in the words and with the conditions editor of routing rules. For admins.

One address takes all that a rule's form can say: `do` is save, say (the sentence alone) or a button of the editor.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Brand
from tickets.answering import approval_rules
from tickets.answering.approval_rules import Told, Wrong
from tickets.models import ApprovalRule
from tickets.numbers import whole
from tickets.steering import condition_form, conditions
from tickets.steering.condition_form import SECTIONS
from tickets.steering.rule_names import Names
from tickets.steering.rule_words import problem_words, tree_words
from tickets.views.settings_area import admin

HERE = {"here": "settings", "section": "approval-rules"}
FIELDS = tuple(name for _label, names in SECTIONS for name in names if name != "clock")
NEW = Told("", None, True, {"all": [{"field": "answer_words", "op": "any", "value": []}]}, 30)


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The list, each rule in a sentence."""
    admin(request)
    rows = list(approval_rules.rules())
    names = Names([row.conditions for row in rows])
    removed = request.GET.get("removed", "")
    gone = ApprovalRule.objects.exclude(removed_at=None).filter(pk=whole(removed) or 0).first() if removed else None
    context = HERE | {"rows": [(row, tree_words(row.conditions, names)) for row in rows], "gone": gone}
    return render(request, "approvals/rules.html", context)


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
    try:
        approval_rules.save(kept.pk if kept else None, told, by=user)
    except Wrong as error:
        wrong = problem_words(error.problems[0]) if error.problems else str(error)
        return _page(request, kept, told, wrong=wrong, checked=True, status=422)
    messages.success(request, _("Saved. Answers go by it from now on."))
    return redirect("approval-rules")


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
    return render(request, "approvals/rule.html", context, status=status)


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
