"""Reading: tickets, messages, channels and people, each only of one's own brands."""

import json

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Role, User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_care_reader, a_channel, a_person, a_post, a_ticket, now, receive
from tests.tickets.api.conftest import Ask, body
from tickets.models import Incident, Ticket
from tickets.steering import assignment
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


def many_tickets(channel: Channel, count: int) -> None:
    receive(channel, *[a_post(f"wrong {n}", by=f"customer-{n}") for n in range(count)])


def test_a_ticket_says_what_the_pages_say(client: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel, "my bill is wrong")
    (found,) = body(client.get("/api/tickets"), 200)["results"]
    assert found["id"] == ticket.pk
    assert (found["status"], found["subject"], found["position"]) == ("new", "my bill is wrong", 1)
    assert found["brand"]["name"] == channel.brand.name
    assert found["channel"] == {"id": channel.pk, "name": channel.name, "platform": "short"}
    assert found["contact"]["handle"] == "reem"
    assert found["why"] == [{"code": "negative", "text": "sounds unhappy"}]
    assert found["assignee"] is None
    assert found["incident"] is None
    assert found["lift"] is None


def test_a_ticket_of_a_list_says_which_incident_it_belongs_to(client: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel, "my line is down")
    outage = Incident.objects.create(brand=channel.brand, name="Fibre down", begins_at=now())
    Ticket.objects.filter(pk=ticket.pk).update(incident=outage)
    (found,) = body(client.get("/api/tickets"), 200)["results"]
    assert found["incident"] == {"id": outage.pk, "name": "Fibre down", "closed_at": None}
    assert body(client.get(f"/api/tickets/{ticket.pk}"), 200)["ticket"]["incident"]["id"] == outage.pk


def test_one_ticket_comes_with_its_thread_its_readings_and_its_record(client: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel, "my bill is wrong")
    receive(channel, a_post("still wrong"))
    found = body(client.get(f"/api/tickets/{ticket.pk}"), 200)
    assert [message["text"] for message in found["messages"]] == ["my bill is wrong", "still wrong"]
    reading = found["messages"][0]["reading"]
    assert (reading["sentiment"], reading["model"], reading["version"]) == ("negative", "test-reader", "1")
    assert reading["valence"] == pytest.approx(-0.87)
    assert [line["verb"] for line in found["activities"]] == ["opened", "joined"]
    assert found["ticket"]["id"] == ticket.pk
    assert found["truncated"] is False


def test_a_reading_says_what_is_owed_why_and_by_which_words(client: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel, "my line is down now", read=a_care_reader)
    (message,) = body(client.get(f"/api/tickets/{ticket.pk}"), 200)["messages"]
    reading = message["reading"]
    assert (reading["follow_up"], reading["threshold"]) == (0.93, 0.4)
    assert (reading["reasons"], reading["cues"]) == (["complaint"], ["complaint"])
    assert (reading["urgency"], reading["trigger"], reading["aim"]) == ("high", "delay_or_outage", "solution")
    ((start, end, weight),) = reading["evidence"]
    assert (message["text"][start:end], weight) == ("down", 1.0)
    assert reading["corrected"] == []
    (listed,) = body(client.get("/api/messages"), 200)["results"]
    assert listed["reading"] == reading
    (found,) = body(client.get("/api/tickets"), 200)["results"]
    assert [reason["text"] for reason in found["why"]] == [
        "complains: delay or outage, wants a solution",
        "probably needs an answer",
    ]


def test_a_reading_says_what_a_person_said_instead(client: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel)
    Message.objects.update(person_said=["sentiment", "aim"])
    (message,) = body(client.get(f"/api/tickets/{ticket.pk}"), 200)["messages"]
    assert message["reading"]["corrected"] == ["sentiment", "aim"]
    assert (message["reading"]["follow_up"], message["reading"]["evidence"]) == (None, [])


def test_a_list_of_fifty_costs_few_queries_and_never_more(
    client: APIClient, channel: Channel, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many_tickets(channel, 55)
    Ticket.objects.update(incident=Incident.objects.create(brand=channel.brand, name="Fibre down", begins_at=now()))
    with django_assert_max_num_queries(8) as asked:
        assert len(body(client.get("/api/tickets?view=unassigned&status=new"), 200)["results"]) == 50
    with django_assert_max_num_queries(8):
        assert len(body(client.get("/api/messages?decision=ticket"), 200)["results"]) == 50
    assert len(asked) > 0


def test_pages_follow_one_another_and_miss_and_repeat_nothing(client: APIClient, channel: Channel) -> None:
    many_tickets(channel, 7)
    for path in ("/api/tickets", "/api/tickets?view=unassigned", "/api/messages"):
        seen: list[int] = []
        after = ""
        while True:
            page = body(client.get(path, {"view": "unassigned"} | {"limit": 3, "after": after}), 200)
            seen += [one["id"] for one in page["results"]]
            if page["next"] is None:
                break
            after = page["next"]
        assert len(seen) == len(set(seen)) == 7


def test_the_views_of_the_inbox_are_the_views_of_the_api(client: APIClient, channel: Channel, agent: User) -> None:
    mine, other = a_ticket(channel), a_ticket(channel, by="sara")
    gone = a_ticket(channel, by="omar")
    assignment.assign(mine.pk, to=agent, by=agent)
    lifecycle.resolve(gone.pk, by=agent)

    def listed(query: str) -> set[int]:
        return {one["id"] for one in body(client.get(f"/api/tickets?{query}"), 200)["results"]}

    assert listed("view=mine") == {mine.pk}
    assert listed("view=unassigned") == {other.pk}
    assert listed("view=all") == listed("") == {mine.pk, other.pk, gone.pk}
    assert listed("view=team") == {mine.pk, other.pk}
    assert listed("status=resolved") == {gone.pk}
    assert listed("status=resolved&status=new") == {gone.pk, other.pk}
    assert listed("sentiment=positive") == set()


def test_the_work_of_other_teams_does_not_exist(client: APIClient) -> None:
    ticket = a_ticket(a_channel(a_brand()))
    message = ticket.entries.get().message
    for path in (f"tickets/{ticket.pk}", f"messages/{message.pk}", f"channels/{ticket.channel_id}"):
        assert body(client.get(f"/api/{path}"), 404)["code"] == "not_found"
    for path in ("tickets", "messages", "channels?limit=1"):
        found = body(client.get(f"/api/{path}"), 200)["results"]
        assert ticket.pk not in {one["id"] for one in found if path == "tickets"}
    assert body(client.get(f"/api/messages?channel={ticket.channel_id}"), 400)["wrong"].keys() == {"channel"}


def test_an_admin_sees_everything(ask: Ask) -> None:
    a_ticket(), a_ticket()
    client = ask(a_person(role=Role.ADMIN))
    for path in ("tickets", "messages", "channels"):
        assert len(body(client.get(f"/api/{path}"), 200)["results"]) == 2


def test_messages_are_narrowed_down(client: APIClient, channel: Channel) -> None:
    receive(channel, a_post("wrong"), a_post("I love it", by="sara"), a_post("buy crypto", by="bot"))

    def texts(query: str) -> list[str]:
        return [one["text"] for one in body(client.get(f"/api/messages?{query}"), 200)["results"]]

    assert texts("") == ["buy crypto", "I love it", "wrong"]
    assert texts("decision=spam") == ["buy crypto"]
    assert texts("disposition=awaiting") == ["wrong"]
    assert texts(f"channel={channel.pk}&language=en&limit=1") == ["buy crypto"]
    assert texts("language=ar") == []
    assert texts("since=2020-01-01T00:00:00Z") == texts("")
    assert texts("since=2100-01-01T00:00:00%2B03:00") == []


def test_channels_tell_how_they_fare_and_never_their_credentials(client: APIClient, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(secrets='{"token": "hush-hush"}', error_code="credentials")
    for path in ("channels", f"channels/{channel.pk}"):
        response = client.get(f"/api/{path}")
        assert "hush-hush" not in json.dumps(body(response, 200))
        assert "secrets" not in response.content.decode()
    assert body(client.get(f"/api/channels/{channel.pk}"), 200)["error_code"] == "credentials"
    ticket = a_ticket(channel)
    assert "hush-hush" not in client.get(f"/api/tickets/{ticket.pk}").content.decode()


def test_people_are_those_a_ticket_may_be_given_to(client: APIClient, channel: Channel, agent: User) -> None:
    colleague = a_person(channel.brand)
    a_person(channel.brand, is_active=False)
    a_person(a_brand())
    found = body(client.get("/api/people"), 200)["results"]
    assert [one["id"] for one in found] == [colleague.pk, agent.pk]
    assert set(found[0]) == {"id", "name", "role", "available"}
    assert body(client.get("/api/me"), 200)["email"] == agent.email


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("status=lost", "status"),
        ("view=nowhere", "view"),
        ("limit=0", "limit"),
        ("limit=1000", "limit"),
        ("limit=many", "limit"),
        ("limit=٣", "limit"),
        ("channel=x", "channel"),
        ("channel=99999999999999999999999", "channel"),
        ("language=xx", "language"),
        ("sentiment=%00", "sentiment"),
    ],
)
def test_what_a_list_does_not_know_is_named(client: APIClient, query: str, wrong: str) -> None:
    found = body(client.get(f"/api/tickets?{query}"), 400)
    assert found["code"] == "invalid"
    assert list(found["wrong"]) == [wrong]


@pytest.mark.parametrize("after", ["x", "aWQ6eA", "aWQ6LTE", "bm8", "%00", "é", "a" * 5000, "W10", "WyIyMDI2IiwxXQ"])
@pytest.mark.parametrize("path", ["tickets", "messages", "people"])
def test_a_cursor_that_nobody_gave_out_is_refused(client: APIClient, path: str, after: str) -> None:
    assert body(client.get(f"/api/{path}?after={after}"), 400)["code"] == "bad_cursor"


def test_a_long_story_shows_its_newest_part(
    client: APIClient, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.api.stories.MOST", 2)
    ticket = a_ticket(channel, "wrong 0")
    receive(channel, a_post("wrong 1"), a_post("wrong 2"))
    found = body(client.get(f"/api/tickets/{ticket.pk}"), 200)
    assert [message["text"] for message in found["messages"]] == ["wrong 1", "wrong 2"]
    assert found["truncated"] is True


def test_problems_speak_the_language_of_the_request(client: APIClient) -> None:
    found = client.get("/api/tickets/1", headers={"Accept-Language": "ar"})
    assert found.headers["Content-Language"] == "ar"
    assert body(found, 404)["code"] == "not_found"


def test_an_address_that_is_not_there_is_said_so_in_json(client: APIClient) -> None:
    for path in ("/api/", "/api/nowhere", "/api/tickets/x", "/api/tickets/-1", "/api/tickets/1/burn"):
        assert body(client.get(path), 404)["code"] == "not_found"
    assert not Ticket.objects.exists()


def test_a_removed_channel_leaves_the_list_and_is_still_found_by_its_id(client: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel)
    for state in Channel.GONE:
        Channel.objects.filter(pk=channel.pk).update(state=state)
        assert body(client.get("/api/channels"), 200)["results"] == []
        assert body(client.get(f"/api/channels/{channel.pk}"), 200)["name"] == channel.name
    assert [one["id"] for one in body(client.get("/api/tickets"), 200)["results"]] == [ticket.pk]
