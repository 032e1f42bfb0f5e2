"""Saved views through the API: by the verbs and permissions of their page."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Brand, Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_ticket
from tests.tickets.api.conftest import Ask, body
from tickets.listing.saved_views import MOST
from tickets.models import SavedView

pytestmark = pytest.mark.django_db
ALL = "/api/saved-views"


@pytest.fixture
def lead(ask: Ask, brand: Brand) -> APIClient:
    return ask(a_person(brand, role=Role.SUPERVISOR))


def test_one_is_made_opened_changed_and_removed(client: APIClient, channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel)
    filters = {"channel": channel.pk, "status": ["new", "open", "new"]}
    made = body(client.post(ALL, {"name": "New ones", "list": "unassigned", "filters": filters, "sort": "oldest"}), 201)
    assert made["filters"] == {"channel": str(channel.pk), "status": ["new", "open"]}
    assert (made["list"], made["sort"], made["whose"], made["may_change"]) == ("unassigned", "oldest", "own", True)
    browser = Client()
    browser.force_login(agent)
    assert f'id="t-{ticket.pk}"' in browser.get(made["address"]).content.decode()
    one = f"{ALL}/{made['id']}"
    assert body(client.get(one), 200) == made
    renamed = body(client.patch(one, {"name": "Newest"}), 200)
    assert renamed == made | {"name": "Newest", **{name: renamed[name] for name in ("version", "updated_at")}}
    assert body(client.patch(one, {"filters": {"language": "ar"}}), 200)["filters"] == {"language": "ar"}
    assert client.delete(one).status_code == 204
    assert body(client.get(ALL), 200) == []


def test_an_order_that_another_list_does_not_offer_gives_way_to_its_own(client: APIClient) -> None:
    made = body(client.post(ALL, {"name": "Mine", "list": "mine", "sort": "oldest"}), 201)
    moved = body(client.patch(f"{ALL}/{made['id']}", {"list": "all"}), 200)
    assert (moved["list"], moved["sort"]) == ("all", "newest")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"list": "theirs"}, "list"),
        ({"list": "all", "sort": "next"}, "sort"),
        ({"filters": {"colour": "red"}}, "filters"),
        ({"filters": {"status": ["new", "lost"]}}, "filters"),
        ({"filters": {"channel": 10**9}}, "filters"),
        ({"filters": {"assignee": {"id": 1}}}, "filters"),
        ({"filters": []}, "filters"),
        ({"whose": "team"}, "team"),
    ],
)
def test_what_no_list_could_show_is_refused(lead: APIClient, given: dict[str, Any], wrong: str) -> None:
    told = body(lead.post(ALL, {"name": "V"} | given), 400)
    assert [name.split(".")[0] for name in told["wrong"]] == [wrong]
    assert not SavedView.objects.exists()


def test_a_channel_of_another_brand_is_no_filter(client: APIClient) -> None:
    strange = a_channel(a_brand())
    assert client.post(ALL, {"name": "V", "filters": {"channel": strange.pk}}).status_code == 400


def test_views_of_others_are_kept_by_supervisors_and_are_in_nobody_elses_list(
    client: APIClient, lead: APIClient, ask: Ask, brand: Brand
) -> None:
    assert body(client.post(ALL, {"name": "V", "whose": "everyone"}), 403)["code"] == "not_allowed"
    ours = body(lead.post(ALL, {"name": "Ours", "whose": "team", "team": brand.teams.get().pk}), 201)
    mine = body(client.post(ALL, {"name": "Mine"}), 201)
    assert [(row["name"], row["may_change"]) for row in body(client.get(ALL), 200)] == [("Ours", False), ("Mine", True)]
    assert client.patch(f"{ALL}/{ours['id']}", {"name": "X"}).status_code == 403
    assert client.delete(f"{ALL}/{ours['id']}").status_code == 403
    assert lead.get(f"{ALL}/{mine['id']}").status_code == 404
    stranger = ask(a_person(a_brand(), role=Role.SUPERVISOR))
    assert stranger.delete(f"{ALL}/{ours['id']}").status_code == 404


def test_one_moves_up_and_down(client: APIClient) -> None:
    first, second = (body(client.post(ALL, {"name": name}), 201)["id"] for name in ("First", "Second"))
    assert [row["id"] for row in body(client.post(f"{ALL}/{second}/move", {"up": True}), 200)] == [second, first]
    assert [row["id"] for row in body(client.post(f"{ALL}/{second}/move", {"up": True}), 200)] == [second, first]
    assert [row["id"] for row in body(client.post(f"{ALL}/{second}/move", {"up": False}), 200)] == [first, second]


def test_there_are_no_more_than_anybody_finds_anything_in(client: APIClient, agent: User) -> None:
    SavedView.objects.bulk_create(SavedView(name=f"V{n}", owner=agent) for n in range(MOST))
    assert body(client.post(ALL, {"name": "One more"}), 403)["code"] == "not_allowed"
