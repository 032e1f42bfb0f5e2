"""How each person wants to be told, through the API: one's own, as the page keeps it."""

from datetime import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Brand, User
from tests.cast import a_person, fresh
from tests.tickets.api.conftest import Ask, body
from tickets.models import Notice
from tickets.news.notice_wishes import USUAL, Quiet, wishes_of

pytestmark = pytest.mark.django_db
MINE = "/api/me/notice-wishes"


def test_who_never_chose_reads_what_is_usual(client: APIClient, agent: User) -> None:
    told = body(client.get(MINE), 200)
    assert told["ways"].keys() == set(Notice.Kind.values)
    assert {kind: set(ways) for kind, ways in told["ways"].items()} == {kind: set(USUAL[kind]) for kind in USUAL}
    assert (told["quiet"], told["mail_hour"], told["title"]) == (None, 8, True)
    assert told["time_zone"]


def test_what_is_given_is_kept_and_the_rest_stays(client: APIClient, agent: User) -> None:
    quiet = {"from": "22:00", "until": "07:30"}
    told = body(client.patch(MINE, {"ways": {"assigned": ["mail", "page"]}, "quiet": quiet}), 200)
    assert (told["ways"]["assigned"], told["quiet"]) == (["page", "mail"], quiet)
    told = body(client.patch(MINE, {"mail_hour": 17, "ways": {"mentioned": []}, "title": False}), 200)
    assert (told["ways"]["assigned"], told["ways"]["mentioned"], told["quiet"]) == (["page", "mail"], [], quiet)
    assert body(client.get(MINE), 200) == told
    mine = wishes_of(fresh(agent))
    assert (mine.quiet, mine.mail_hour, mine.title) == (Quiet(time(22), time(7, 30)), 17, False)
    assert mine.ways["decided"] == USUAL["decided"]
    assert body(client.patch(MINE, {"quiet": None}), 200)["quiet"] is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ways": {"assigned": ["pigeon"]}}, 'assigned.0: "pigeon" is not a valid choice.'),
        ({"ways": ["page"]}, "Invalid data. Expected a dictionary, but got list."),
        ({"quiet": {"from": "22:00"}}, "Say from when until when: two different times."),
        ({"quiet": {"from": "22:00", "until": "22:00"}}, "Say from when until when: two different times."),
        ({"quiet": {"from": "25:00", "until": "07:00"}}, "from: Time has wrong format."),
        ({"mail_hour": 24}, "less than or equal to 23"),
        ({"title": "loud"}, "Must be a valid boolean."),
    ],
)
def test_what_cannot_be_wished_for_is_refused_with_its_reason(
    client: APIClient, agent: User, wrong: dict[str, Any], words: str
) -> None:
    told = body(client.patch(MINE, wrong), 400)["wrong"]
    (name,) = wrong
    assert told.keys() == {name}
    assert words in told[name][0]
    assert "notices" not in fresh(agent).preferences


def test_wishes_are_everybodys_own(client: APIClient, ask: Ask, brand: Brand) -> None:
    body(client.patch(MINE, {"mail_hour": 20}), 200)
    assert body(ask(a_person(brand)).get(MINE), 200)["mail_hour"] == 8
    assert APIClient().get(MINE).status_code == 401
    assert APIClient().patch(MINE, {"mail_hour": 20}).status_code == 401


def test_what_else_a_person_prefers_stays(client: APIClient, agent: User) -> None:
    User.objects.filter(pk=agent.pk).update(preferences={"theme": "dark"})
    body(client.patch(MINE, {"mail_hour": 20}), 200)
    assert fresh(agent).preferences["theme"] == "dark"
