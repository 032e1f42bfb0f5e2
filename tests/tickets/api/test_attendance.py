"""Shifts and times away by the API: of people one looks after, and away of oneself."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Away, Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_person
from tests.tickets.api.conftest import Ask, body

pytestmark = pytest.mark.django_db
WEEK = {"0": [["09:00", "13:00"], ["16:00", "24:00"]]}


def test_a_supervisor_writes_a_week_and_whose_it_is_reads_it(ask: Ask, client: APIClient, agent: User) -> None:
    lead = ask(a_person(agent.teams.get().brands.get(), role=Role.SUPERVISOR))
    told = body(lead.put(f"/api/people/{agent.pk}/shifts", {"week": WEEK}), 200)
    assert told == {"time_zone": "Asia/Riyadh", "week": WEEK}
    assert body(client.get(f"/api/people/{agent.pk}/shifts"), 200)["week"] == WEEK
    assert body(client.put(f"/api/people/{agent.pk}/shifts", {"week": {}}), 403)["code"] == "not_allowed"
    refused = body(lead.put(f"/api/people/{agent.pk}/shifts", {"week": {"0": [["17:00", "09:00"]]}}), 422)
    assert refused["code"] == "bad_hours"
    for wrong in ([1], {"0": 3}, {"0": [["a", "b"]]}, {"9": []}, "x"):
        assert body(lead.put(f"/api/people/{agent.pk}/shifts", {"week": wrong}), 422)["code"] == "bad_hours"


def test_somebody_of_other_brands_does_not_exist_here(ask: Ask, agent: User, channel: Channel) -> None:
    stranger = ask(a_person(a_brand(), role=Role.SUPERVISOR))
    body(stranger.get(f"/api/people/{agent.pk}/shifts"), 404)
    body(stranger.post(f"/api/people/{agent.pk}/aways", {"begins_at": "2030-01-10T09:00:00Z"}), 404)
    assert not Away.objects.exists()


def test_one_goes_away_and_comes_back(client: APIClient, agent: User) -> None:
    given = {"begins_at": "2030-01-10T09:00:00Z", "ends_at": "2030-01-12T09:00:00Z", "reason": "leave"}
    made = body(client.post(f"/api/people/{agent.pk}/aways", given), 201)
    assert (made["reason"], made["hand_over"]) == ("leave", False)
    assert [one["id"] for one in body(client.get(f"/api/people/{agent.pk}/aways"), 200)] == [made["id"]]
    backwards = given | {"ends_at": "2029-01-01T00:00:00Z"}
    assert body(client.post(f"/api/people/{agent.pk}/aways", backwards), 422)["code"] == "bad_times"
    assert client.delete(f"/api/aways/{made['id']}").status_code == 204
    assert client.delete(f"/api/aways/{made['id']}").status_code == 404
