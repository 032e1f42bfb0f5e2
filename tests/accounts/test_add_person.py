"""Adding people from the command line."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Team, User

pytestmark = pytest.mark.django_db


def add(monkeypatch: pytest.MonkeyPatch, *words: str, password: str = "a-long-enough-secret") -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    call_command("add_person", *words, stdout=io.StringIO())


def test_a_person_gets_a_role_and_a_team_and_can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    Team.objects.create(name="Care")
    add(monkeypatch, "Sara@Nawa.example", "--name", "Sara", "--role", "supervisor", "--team", "Care")
    user = User.objects.get()
    assert (user.email, user.role, user.teams.get().name) == ("sara@nawa.example", "supervisor", "Care")
    assert user.check_password("a-long-enough-secret")


@pytest.mark.parametrize(
    ("words", "password", "complaint"),
    [
        (["not-an-address", "--name", "S"], "a-long-enough-secret", "not an e-mail address"),
        (["s@nawa.example", "--name", "S", "--team", "Nobody"], "a-long-enough-secret", "Teams: none yet"),
        (["s@nawa.example", "--name", "S"], "short", "too short"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_added(
    monkeypatch: pytest.MonkeyPatch, words: list[str], password: str, complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        add(monkeypatch, *words, password=password)
    assert not User.objects.exists()


def test_the_same_address_in_another_case_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "s@nawa.example", "--name", "S")
    with pytest.raises(CommandError, match="here already"):
        add(monkeypatch, "S@nawa.example", "--name", "S")
