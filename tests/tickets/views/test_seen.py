"""Of two who save one thing whole, the second is told before anything of the first is lost: on every such page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Brand, User
from accounts.people_forms import person_as_form
from tests.cast import a_person, a_team, fresh
from tickets.answering.care_policies import LEVELS
from tickets.answering.guard_words import NAMES
from tickets.models import CarePolicy, Macro, SavedReply, Scorecard, Tag

VERSION = re.compile(r'name="version" value="(\d+)"')
# A page, the form that keeps a name on it, and how the name that stands is read.
Place = tuple[str, Callable[[str], dict[str, Any]], Callable[[], str]]


def a_team_of(brand: Brand) -> Place:
    team = a_team(brand, "Care")
    return (
        f"/settings/teams/{team.pk}/",
        lambda name: {"name": name, "brands": [brand.pk], "is_default": "on"},
        lambda: fresh(team).name,
    )


def somebody_of(brand: Brand) -> Place:
    person = a_person(brand, name="Salma")
    told = {name: value for name, value in person_as_form(person).items() if name != "teams"}
    teams = [team.pk for team in person.teams.all()]
    return (
        f"/settings/people/{person.pk}/",
        lambda name: told | {"name": name, "teams": teams},
        lambda: fresh(person).name,
    )


def a_brand_of(brand: Brand) -> Place:
    return f"/settings/brands/{brand.pk}/", lambda name: {"name": name}, lambda: fresh(brand).name


def a_tag_of(brand: Brand) -> Place:
    tag = Tag.objects.create(brand=brand, name="late")
    return f"/settings/tags/{tag.pk}/", lambda name: {"name": name}, lambda: fresh(tag).name


def a_reply_of(_brand: Brand) -> Place:
    row = SavedReply.objects.create(name="Sorry", texts={"en": "Sorry."})
    return (
        f"/saved/replies/{row.pk}",
        lambda name: {"name": name, "whose": "everyone", "en": "Sorry."},
        lambda: fresh(row).name,
    )


def a_macro_of(_brand: Brand) -> Place:
    row = Macro.objects.create(name="Urgent", actions=[{"do": "priority", "priority": 1}])
    return (
        f"/saved/macros/{row.pk}",
        lambda name: {"name": name, "whose": "everyone", "do1": "priority", "priority1": "1"},
        lambda: fresh(row).name,
    )


def a_card_of(_brand: Brand) -> Place:
    card = Scorecard.objects.create(name="Ours", questions=[{"id": "a", "en": "Kind?", "ar": "", "weight": 1}])
    questions = {"q-TOTAL_FORMS": "1", "q-INITIAL_FORMS": "1", "q-0-id": "a", "q-0-en": "Kind?", "q-0-weight": "1"}
    return (
        f"/settings/scorecards/{card.pk}/",
        lambda name: questions | {"name": name, "is_on": "on"},
        lambda: fresh(card).name,
    )


def a_policy_of(brand: Brand) -> Place:
    levels = {code.value: LEVELS[0] for code in NAMES}
    return (
        f"/settings/answers/{brand.pk}/",
        lambda name: levels | {"approval_minutes": "30", "own_domains": f"{name}.example"},
        lambda: CarePolicy.objects.get(brand=brand).own_domains[0].removesuffix(".example"),
    )


KINDS = (a_team_of, somebody_of, a_brand_of, a_tag_of, a_reply_of, a_macro_of, a_card_of, a_policy_of)


@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_else_saved_since_is_not_written_over(
    admin: Client, brand: Brand, kind: Callable[[Brand], Place]
) -> None:
    at, form, name = kind(brand)
    version = shown(admin, at)
    assert admin.post(at, form("theirs") | {"version": version}).status_code == 302
    stale = admin.post(at, form("mine") | {"version": version})
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "Somebody saved this since you opened it." in page
    assert name() == "theirs"
    assert 'value="mine' in page
    found = VERSION.search(page)
    assert found
    assert found[1] == shown(admin, at) != version
    # To save again is then to have been told.
    assert admin.post(at, form("mine") | {"version": found[1]}).status_code == 302
    assert name() == "mine"


def test_what_theirs_differs_in_is_named(admin: Client, brand: Brand) -> None:
    at, form, _name = a_team_of(brand)
    version = shown(admin, at)
    admin.post(at, form("theirs") | {"version": version})
    assert "Theirs differs in: Name." in admin.post(at, form("mine") | {"version": version}).content.decode()


def test_a_person_who_was_put_into_a_team_since_is_not_taken_out_again(
    admin: Client, brand: Brand, agent: User
) -> None:
    at, form, _name = a_team_of(brand)
    version = shown(admin, at)
    theirs = form("Care") | {"members": [agent.pk], "version": version}
    assert admin.post(at, theirs).status_code == 302
    assert admin.post(at, form("Care") | {"version": version}).status_code == 409
    assert agent.teams.filter(name="Care").exists()


def test_what_is_wrong_in_a_form_does_not_count_as_having_seen_the_newest(admin: Client, brand: Brand) -> None:
    at, form, _name = a_team_of(brand)
    version = shown(admin, at)
    admin.post(at, form("theirs") | {"version": version})
    refused = admin.post(at, form("") | {"version": version})
    assert refused.status_code == 422
    assert f'name="version" value="{version}"' in refused.content.decode()


def shown(client: Client, at: str) -> str:
    """The version that the page's form brings."""
    found = VERSION.search(client.get(at).content.decode())
    assert found
    return found[1]
