"""Suggested incidents: opened with their tickets by one click, dismissed, and suggested again."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from tickets.incidents import surges
from tickets.models import Surge
from tickets.permissions import NotAllowed
from tickets.views.doors import supervisor


def surge_for(user: User, pk: int) -> Surge:
    """Somebody else's does not exist."""
    found = surges.visible(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_POST
def open_with(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an incident with them at once, named and worded as it was found."""
    user = supervisor(request)
    try:
        _made, job = surges.open_with(surge_for(user, pk).pk, by=user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("incidents")
    return redirect("bulk", job.key)


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """It is none."""
    return _turn(request, pk, surges.dismiss, _("Dismissed. It can be suggested again from the incidents' page."))


@require_POST
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Suggest it again."""
    return _turn(request, pk, surges.bring_back, _("It is suggested again."))


def _turn(request: HttpRequest, pk: int, verb: Callable[..., Surge], done: str) -> HttpResponse:
    user = supervisor(request)
    verb(surge_for(user, pk).pk, by=user)
    messages.info(request, done)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page it was done on."""
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if safe else reverse("incidents")
