"""Pages of two-step sign-in: the second question at the door, and each person's own."""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import second_step
from accounts.coming_in import half_way, let_in
from accounts.models import SecondStep, User
from accounts.people import Refused
from accounts.second_step import Verdict
from accounts.second_step_forms import CodeForm
from accounts.second_step_owed import open_to_those_who_owe
from accounts.views import locked_out


@login_not_required
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second question. Whoever has not answered the first goes back to it."""
    waiting = half_way(request)
    if waiting is None:
        return redirect("sign-in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        proof = second_step.prove(waiting.person, form.cleaned_data["code"])
        if proof.verdict is Verdict.RIGHT:
            return let_in(request, waiting.person, waiting.to)
        if proof.verdict is Verdict.LOCKED:
            return locked_out(request)
        left = ngettext("%(n)d try left.", "%(n)d tries left.", proof.left) % {"n": proof.left}
        form.add_error("code", f"{_('That code is not right.')} {left}")
    context = {"form": form, "person": waiting.person}
    return render(request, "accounts/sign_in_code.html", context, status=422 if form.is_bound else 200)


@open_to_those_who_owe
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """One's own second step: set it up, make new recovery codes, turn it off. `do` says which."""
    person = request.user
    if not isinstance(person, User):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, person, CodeForm())
    do, form = request.POST.get("do", ""), CodeForm(request.POST)
    if do == "begin":
        return _begun(request, person)
    if not form.is_valid():
        return _page(request, person, form, do, status=422)
    try:
        codes = _done(person, do, form.cleaned_data["code"])
    except Refused as refusal:
        form.add_error("code", str(refusal))
        return _page(request, person, form, do, status=422)
    if not codes:
        messages.success(request, _("Two-step sign-in is off."))
        return redirect("profile")
    return render(request, "accounts/second_step_codes.html", {"here": "profile", "codes": codes})


def _begun(request: HttpRequest, person: User) -> HttpResponse:
    try:
        second_step.begin(person)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("second-step")


def _done(person: User, do: str, code: str) -> list[str]:
    """The recovery codes to show, if there are new ones. Raises Refused."""
    if do == "confirm":
        return second_step.confirm(person, code)
    if do == "codes":
        return second_step.new_codes(person, code)
    if do == "off":
        second_step.turn_off(person, code)
        return []
    raise Refused(_("That is not among the choices."))


def _page(request: HttpRequest, person: User, form: CodeForm, do: str = "", status: int = 200) -> HttpResponse:
    step = SecondStep.objects.filter(user=person).first()
    context: dict[str, Any] = {
        "here": "profile",
        "form": form,
        "do": do,
        "step": step,
        "left": len(step.recovery) if step else 0,
        "demanded": second_step.is_demanded(person.role),
    }
    if step and not step.confirmed_at:
        context |= {"qr": _drawn(second_step.address_for(person, step.secret)), "secret": _in_fours(step.secret)}
    return render(request, "accounts/second_step.html", context, status=status)


def _drawn(address: str) -> str:
    """The QR code as SVG, drawn here: the secret goes to no other host."""
    svg = segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True, svgclass="r-qr", lineclass=None, light="#fff", border=3
    )
    return mark_safe(svg)  # noqa: S308  (segno's own drawing; no text of the address is in it)


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
