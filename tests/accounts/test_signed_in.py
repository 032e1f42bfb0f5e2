"""Many sessions at once are looked up as one is."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.signed_in import people_of
from tests.cast import a_brand, a_person

pytestmark = pytest.mark.django_db


def session_of(person: User) -> str:
    browser = Client()
    browser.force_login(person)
    return browser.cookies["sessionid"].value


def as_django_says(key: str) -> User | None:
    request = HttpRequest()
    request.session = SessionStore(key)
    found = get_user(request)
    return found if isinstance(found, User) else None


def test_all_are_found_in_two_queries_with_their_brands(django_assert_num_queries: Any) -> None:
    brands = [a_brand() for _each in range(5)]
    people = [a_person(brand) for brand in brands]
    keys = [session_of(person) for person in people]
    with django_assert_num_queries(2):
        found = people_of([*keys, "nobody"])
        seen = [person.brand_ids for person in found.values() if person]
    assert [found[key] for key in keys] == people
    assert seen == [{brand.pk} for brand in brands]
    assert found["nobody"] is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "md5$another"}, {}])
def test_whom_django_lets_in_comes_in_and_nobody_else(change: dict[str, Any]) -> None:
    person = a_person()
    key = session_of(person)
    User.objects.filter(pk=person.pk).update(**change or {"name": "Huda"})
    assert people_of([key])[key] == as_django_says(key) == (None if change else person)


def test_a_session_that_has_ended_is_nobodys() -> None:
    key = session_of(a_person())
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert people_of([key])[key] is None


def test_a_session_without_a_person_is_nobodys() -> None:
    session = SessionStore()
    session["language"] = "ar"
    session.create()
    assert people_of([str(session.session_key)]) == {session.session_key: None}


def test_a_key_that_was_changed_for_another_still_opens(settings: Any) -> None:
    person = a_person()
    key = session_of(person)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 8
    assert people_of([key])[key] == person


def test_by_a_door_that_is_no_longer_there_nobody_comes_in(settings: Any) -> None:
    key = session_of(a_person())
    settings.AUTHENTICATION_BACKENDS = ["elsewhere.Backend"]
    assert people_of([key])[key] is None


@pytest.mark.parametrize("odd", ["", "\x00" * 32, "\ud800" * 32, "x" * 10_000, "' OR 1=1 --"])
def test_an_odd_cookie_is_nobodys_and_fails_nobody_who_asks_with_it(odd: str) -> None:
    person = a_person()
    key = session_of(person)
    assert people_of([odd, key]) == {odd: None, key: person}
