"""Whose sessions these are: for many at once what `django.contrib.auth.get_user` says of one."""

import re
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.backends import PersonBackend
from accounts.models import User

# As Django makes keys. A cookie may hold anything, and what PostgreSQL refuses would fail all who ask together.
A_KEY = re.compile(r"[a-z0-9]{8,40}")


def people_of(keys: Collection[str]) -> dict[str, User | None]:
    """The person behind each session's key, in two queries for all; None where nobody may come in by it.

    Nobody may whose session has ended or was made by other means or before the password was changed, who was shut out,
    or who owes a second step.
    """
    known = [key for key in keys if A_KEY.fullmatch(key)]
    sessions = Session.objects.filter(session_key__in=known, expire_date__gt=timezone.now())
    held = {session.session_key: session.get_decoded() for session in sessions}
    people = PersonBackend().people({_number(told) for told in held.values()})
    return {key: _let_in(people.get(_number(held.get(key, {}))), held.get(key, {})) for key in keys}


def _number(told: dict[str, Any]) -> int:
    """The person's number in a session; 0, which nobody has, where nobody signed in."""
    return int(told.get(SESSION_KEY, 0))


def _let_in(person: User | None, told: dict[str, Any]) -> User | None:
    by_our_door = told.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    if person is None or person.owes_second_step or not by_our_door:
        return None
    marks = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    return person if any(constant_time_compare(told.get(HASH_SESSION_KEY, ""), mark) for mark in marks) else None
