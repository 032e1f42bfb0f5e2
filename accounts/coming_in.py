"""From a right password to being inside: at once, or by a page that asks for the second step."""

import time
from dataclasses import dataclass

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from accounts import second_step
from accounts.middleware import SESSION_KEY
from accounts.models import User
from accounts.second_step_owed import settle

BACKEND = "accounts.backends.PersonBackend"
HALF_WAY = "half_way_in"
# Seconds for looking up a code.
PATIENCE = 600


@dataclass(frozen=True, slots=True)
class HalfWay:
    """Somebody whose password was right; `to` is where they wanted to go."""

    person: User
    to: str


def come_in(request: HttpRequest, person: User, to: str) -> HttpResponse:
    """The password was right. Who has a second step is asked for it first, on a page of its own."""
    if not second_step.has_one(person):
        return let_in(request, person, to)
    request.session.cycle_key()
    request.session[HALF_WAY] = {
        "person": person.pk,
        "password": person.get_session_auth_hash(),
        "to": to,
        "at": int(time.time()),
    }
    return redirect("sign-in-code")


def half_way(request: HttpRequest) -> HalfWay | None:
    """Who waits for the second question in this browser: not for ever, and not after the password was changed."""
    kept = request.session.get(HALF_WAY)
    if not kept or time.time() - kept["at"] > PATIENCE:
        return None
    person = User.objects.filter(pk=kept["person"], is_active=True).first()
    if person is None or not constant_time_compare(kept["password"], person.get_session_auth_hash()):
        return None
    return HalfWay(person, kept["to"])


def let_in(request: HttpRequest, person: User, to: str) -> HttpResponse:
    """Inside, in the person's own language."""
    request.session.pop(HALF_WAY, None)
    settle(User.objects.filter(pk=person.pk))
    login(request, person, BACKEND)
    if person.interface_language:
        request.session[SESSION_KEY] = person.interface_language
    return redirect(to)
