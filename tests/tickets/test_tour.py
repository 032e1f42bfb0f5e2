"""The tour: each role its own, beside real things, offered until it was had and never again."""

import re
import string
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_person
from tests.tickets.views.conftest import HTMX, signed_in
from tickets import keys, tour

ROLES = list(Role)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plain_files(settings: Any) -> None:
    """Pages whose files keep their names."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_tour_of_one_minute_in_both_languages(channel: Channel, role: Role) -> None:
    """Some twenty words a step are read in seven seconds."""
    person = a_person(channel.brand, role=role)
    for language in ("en", "ar"):
        with override(language):
            steps = tour.steps_of(person)
        assert 6 <= len(steps) <= 9
        assert sum(len(f"{step['title']} {step['words']}".split()) for step in steps) <= 240
        assert not any("{" in step["words"] or "{" in step["touch"] for step in steps)
        assert language == "en" or all(re.search("[؀-ۿ]", step["title"] + step["touch"]) for step in steps)


def test_the_words_for_phones_name_no_key() -> None:
    for steps in tour.TOURS.values():
        for step in steps:
            assert not [name for _, name, _, _ in string.Formatter().parse(str(step.touch or step.words)) if name]


def test_a_step_names_the_key_that_this_person_chose(agent: User) -> None:
    keys.choose(agent, {"resolve": "q"}, off=False)
    assert "⟦q⟧" in " ".join(step["words"] for step in tour.steps_of(agent))


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_tour_opens_to_who_is_led_there(channel: Channel, role: Role) -> None:
    client = signed_in(a_person(channel.brand, role=role))
    for step in tour.TOURS[role]:
        if step.page:
            assert client.get(reverse(step.page), follow=True).status_code == 200


def test_an_admins_tour_ends_at_the_first_channel(channel: Channel) -> None:
    last = tour.steps_of(a_person(channel.brand, role=Role.ADMIN))[-1]
    assert last["page"] == reverse("channels")
    assert last["title"] == "Connect a channel"


def test_it_is_offered_until_it_was_had_and_never_again(agent: User) -> None:
    desk = signed_in(agent)
    assert b"data-tour-offer" in desk.get("/inbox/mine/").content
    assert desk.post("/tour/had", headers=HTMX).status_code == 204
    assert b"data-tour-offer" not in desk.get("/inbox/mine/").content
    assert tour.had(agent) is False


def test_without_a_script_no_leads_back_to_the_page_it_was_said_on(agent: User) -> None:
    answer = signed_in(agent).post("/tour/had", {"next": "/inbox/all/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/inbox/all/")


def test_who_has_a_new_role_is_offered_its_tour_and_keeps_what_else_they_prefer(agent: User) -> None:
    agent.preferences = {"contrast": "more"}
    agent.save()
    assert tour.had(agent)
    agent.role = Role.SUPERVISOR
    agent.save()
    assert tour.is_offered(agent)
    assert tour.had(agent)
    assert User.objects.get(pk=agent.pk).preferences == {"contrast": "more", "tour": ["agent", "supervisor"]}


@pytest.mark.parametrize("kept", [None, "agent", {"agent": True}, 7])
def test_what_cannot_be_read_counts_as_not_had(agent: User, kept: object) -> None:
    agent.preferences = {"tour": kept}
    agent.save()
    assert tour.is_offered(agent)
    assert tour.had(agent)
    assert not tour.is_offered(User.objects.get(pk=agent.pk))


def test_the_card_comes_with_its_steps_and_is_kept_by_nobody(agent: User) -> None:
    answer = signed_in(agent).get("/tour/")
    assert b'id="tour-steps"' in answer.content
    assert b'aria-labelledby="tour-title"' in answer.content
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_stranger_is_shown_no_tour(client: Client) -> None:
    assert client.get("/tour/").headers["Location"].startswith("/sign-in/")
