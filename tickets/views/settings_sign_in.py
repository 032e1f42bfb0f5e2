"""Settings: who must sign in with two steps, who does, and starting somebody anew who lost their phone."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import second_step
from accounts.models import User
from accounts.second_step_forms import SignInPolicyForm
from tickets.views.settings_area import admin

SECTION = {"here": "settings", "section": "sign-in"}


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """The roles that must, and everybody with or without."""
    user = admin(request)
    initial = {"roles": second_step.demanded_roles()}
    form = SignInPolicyForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        second_step.demand(form.cleaned_data["roles"], by=user)
        messages.success(request, _("Saved."))
        return redirect("settings-sign-in")
    people = User.objects.filter(is_active=True).select_related("second_step").order_by("role", "name")
    context = SECTION | {"form": form, "people": people[:1000]}
    return render(request, "settings/sign_in.html", context, status=422 if form.is_bound else 200)


@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody lost their phone and their paper: their second step is no more."""
    user = admin(request)
    try:
        found = second_step.reset(pk, by=user)
    except User.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("%(name)s signs in by the password alone now.") % {"name": found.name})
    return redirect("settings-person", pk)
