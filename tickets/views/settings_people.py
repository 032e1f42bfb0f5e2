"""Settings: the people who work here."""

from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import people
from accounts.models import User
from accounts.people import Refused
from accounts.people_forms import PersonForm, person_as_form
from accounts.unmoved import MovedOn
from tickets.models.ticket import LIVE
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.steering import departures
from tickets.views import seen
from tickets.views.settings_area import admin

log = structlog.get_logger(__name__)
SECTION = {"here": "settings", "section": "people"}


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Everybody; those who left stand last."""
    admin(request)
    held = Count("tickets", filter=Q(tickets__status__in=LIVE), distinct=True)
    rows = User.objects.annotate(held=held).prefetch_related("teams").order_by("-is_active", "name", "id")
    return render(request, "settings/people.html", SECTION | {"people": rows[:1000]})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Somebody new: what they come in with is shown on the next page, once."""
    user = admin(request)
    form = PersonForm(request.POST if request.method == "POST" else None, new=True)
    if request.method == "POST" and form.is_valid():
        password = people.a_password() if form.cleaned_data["way"] == "password" else ""
        try:
            made = people.add(form.given(), teams=form.cleaned_data["teams"], by=user, password=password)
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            return shown_once(request, made, password)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody, or close their account."""
    user = admin(request)
    found = get_object_or_404(User, pk=pk)
    form = PersonForm(request.POST if request.method == "POST" else None, initial=person_as_form(found))
    if request.method == "POST" and form.is_valid():
        try:
            teams, version = form.cleaned_data["teams"], seen.brought(request)
            done = people.change(pk, form.given(), teams=teams, by=user, version=version)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        except MovedOn:
            seen.moved_on(form, person_as_form(found))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("settings-people")
    return _form_page(request, form, found)


def _form_page(request: HttpRequest, form: PersonForm, found: User | None) -> HttpResponse:
    context: dict[str, Any] = SECTION | {"person": found}
    if found:
        others = User.objects.filter(is_active=True).exclude(pk=found.pk)
        context |= {"held": found.tickets.filter(status__in=LIVE).count(), "others": others}
    version = people.version_of(found) if found else None
    return seen.drawn(request, "settings/person.html", context, form, version)


@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account; `to` is who gets their tickets, nobody for their queues."""
    user = admin(request)
    found = get_object_or_404(User, pk=pk)
    to = whole(request.POST.get("to"))
    colleague = get_object_or_404(User, pk=to, is_active=True) if to is not None else None
    try:
        given = departures.let_go(pk, to=colleague, by=user)
    except (Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
        return redirect("settings-person", pk)
    words = ngettext("%(n)d ticket was handed over.", "%(n)d tickets were handed over.", given) % {"n": given}
    closed = _("%(name)s does not come in any more.") % {"name": found.name}
    messages.success(request, f"{closed} {words}" if given else closed)
    return redirect("settings-people")


@require_POST
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an account again."""
    try:
        found = people.reactivate(pk, by=admin(request))
    except User.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("%(name)s is back.") % {"name": found.name})
    return redirect("settings-person", pk)


@require_POST
def let_in(request: HttpRequest, pk: int) -> HttpResponse:
    """For who forgot the password: a link, or a first password anew."""
    user = admin(request)
    found = get_object_or_404(User, pk=pk, is_active=True)
    password = people.new_password(pk, by=user)[1] if request.POST.get("way") == "password" else ""
    return shown_once(request, User.objects.get(pk=pk) if password else found, password)


def shown_once(request: HttpRequest, found: User, password: str) -> HttpResponse:
    """What somebody comes in with. A link goes by mail too, where the desk has a mail server."""
    link = "" if password else request.build_absolute_uri(reverse("welcome", args=people.door_of(found)))
    context = {
        "person": found,
        "password": password,
        "link": link,
        "days": people.link_days(),
        "mailed": bool(link) and _mail(found, link),
        "sign_in": request.build_absolute_uri(reverse("sign-in")),
    }
    response = render(request, "settings/person_once.html", SECTION | context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _mail(found: User, link: str) -> bool:
    """Send the link, in the language of who gets it; whether it went out."""
    if not settings.EMAIL_HOST:
        return False
    with translation.override(found.interface_language or translation.get_language()):
        subject = _("Your place at the care desk")
        words = _("%(name)s, choose a password here and come in. The address is good for %(days)d days.")
        body = words % {"name": found.name, "days": people.link_days()} + f"\n\n{link}\n"
    try:
        return bool(send_mail(subject, body, None, [found.email]))
    except (OSError, SMTPException) as error:
        log.warning("an invitation could not be sent", error=type(error).__name__)
        return False
