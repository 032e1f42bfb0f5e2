"""The door: in, out, tries that are counted by person, and tastes that are kept."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.cast import a_bell, a_brand, a_person

pytestmark = pytest.mark.django_db
PASSWORD = "a-good-password"


@pytest.fixture
def person() -> User:
    return a_person(a_brand("Nawa"), name="Huda")


def knock(client: Client, email: str, password: str = PASSWORD, **data: str):
    return client.post("/sign-in/", {"username": email, "password": password, **data})


def test_the_right_password_opens_in_any_case_of_the_address(person: User) -> None:
    response = knock(Client(), f" {person.email.upper()} ")
    assert response.status_code == 302
    assert response.headers["Location"] == "/inbox/"


def test_the_page_that_was_wanted_comes_first_if_it_is_ours(person: User) -> None:
    assert knock(Client(), person.email, next="/analyse/").headers["Location"] == "/analyse/"
    assert knock(Client(), person.email, next="https://evil.example/").headers["Location"] == "/inbox/"


def test_tries_are_counted_down_and_then_there_is_a_pause(person: User) -> None:
    client = Client()
    for left in ("4 tries left.", "3 tries left.", "2 tries left.", "1 try left."):
        response = knock(client, person.email, "wrong")
        assert response.status_code == 422
        assert left in response.content.decode()
    for password in ("wrong", PASSWORD):
        response = knock(client, person.email, password)
        assert response.status_code == 429
        assert "paused for 15 minutes" in response.content.decode()


def test_the_pause_is_one_persons_not_everybodys(person: User) -> None:
    client = Client()
    for _time in range(5):
        knock(client, person.email, "wrong")
    colleague = a_person(name="Omar")
    assert knock(client, colleague.email, "wrong").status_code == 422
    assert knock(client, colleague.email).status_code == 302


def test_a_wrong_password_never_says_who_works_here(person: User) -> None:
    known, unknown = (knock(Client(), mail, "wrong") for mail in (person.email, "nobody@nawa.example"))
    words = "That e-mail and password do not match."
    assert words in known.content.decode()
    assert words in unknown.content.decode()


def test_people_who_left_do_not_come_in(person: User) -> None:
    User.objects.update(is_active=False)
    assert knock(Client(), person.email).status_code == 422


def test_whoever_is_inside_goes_on_to_the_inbox(person: User) -> None:
    client = Client()
    client.force_login(person)
    assert client.get("/sign-in/").status_code == 302


def test_signing_out_is_a_post_and_keeps_the_language(person: User) -> None:
    client = Client()
    client.force_login(person)
    client.post("/preferences/", {"language": "ar"})
    assert client.get("/sign-out/").status_code == 405
    response = client.post("/sign-out/")
    assert response.headers["Location"] == "/sign-in/"
    assert 'lang="ar"' in client.get("/sign-in/").content.decode()


def test_language_and_theme_are_chosen_without_signing_in() -> None:
    client = Client()
    client.post("/preferences/", {"language": "ar"})
    client.post("/preferences/", {"theme": "dark"})
    html = client.get("/sign-in/").content.decode()
    assert '<html lang="ar" dir="rtl" data-bs-theme="dark"' in html


def test_tastes_are_kept_with_the_person(person: User) -> None:
    client = Client()
    client.force_login(person)
    client.post("/preferences/", {"language": "ar", "theme": "dark", "density": "roomy"})
    person.refresh_from_db()
    assert (person.interface_language, person.theme, person.density) == ("ar", "dark", "roomy")
    # On another device they come along.
    other = Client()
    knock(other, person.email)
    html = other.get("/inbox/mine/").content.decode()
    assert '<html lang="ar" dir="rtl" data-bs-theme="dark"' in html
    assert 'data-density="roomy"' in html


@pytest.mark.parametrize("data", [{"language": "tlh"}, {"theme": "pink"}, {"density": "x"}, {}])
def test_tastes_nobody_offered_change_nothing(person: User, data: dict[str, str]) -> None:
    client = Client()
    client.force_login(person)
    assert client.post("/preferences/", data).status_code == 302
    person.refresh_from_db()
    assert (person.interface_language, person.theme, person.density) == ("", "auto", "normal")
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_preferences_lead_nowhere_else(person: User, where: str) -> None:
    client = Client()
    client.force_login(person)
    assert client.post("/preferences/", {"next": where}).headers["Location"] == "/inbox/"


def test_being_available_rings_for_tickets_and_being_away_does_not(
    person: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rung = a_bell(monkeypatch)
    client = Client()
    client.force_login(person)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/me/available", {"available": "1"})
    assert User.objects.get(pk=person.pk).available
    assert rung == ["radd.route"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/me/available", {"available": "1"})
        client.post("/me/available", {"available": "0"})
    assert not User.objects.get(pk=person.pk).available
    assert rung == ["radd.route"]


def test_the_menu_of_the_rail_returns_to_where_it_was_opened(person: User) -> None:
    client = Client()
    client.force_login(person)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/all/?status=new"}
    html = client.get("/profile/", headers=headers).content.decode()
    assert 'name="next" value="/inbox/all/?status=new"' in html
    assert "<html" not in html
    assert "<html" in client.get("/profile/").content.decode()


def test_a_desk_without_anybody_says_how_the_first_account_is_made() -> None:
    assert "add_person" in Client().get("/sign-in/").content.decode()
    a_person(a_brand("Nawa"))
    assert "add_person" not in Client().get("/sign-in/").content.decode()
