"""Search by program: the same tickets as on the page, with the words that fit."""

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_ticket
from tests.tickets.api.conftest import Ask, body
from tests.tickets.listing.search.conftest import work_off_words
from tickets.listing.search import finding

pytestmark = pytest.mark.django_db


def test_a_ticket_is_found_with_the_message_and_the_words_that_fit(client: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel, "my الفاتورة is wrong")
    work_off_words()
    (found,) = body(client.get("/api/search", {"q": "فاتورتي wrong"}), 200)["results"]
    assert found["ticket"]["id"] == ticket.pk
    assert found["message"] == ticket.entries.get().message_id
    assert [found["text"][start:end] for start, end in found["marks"]] == ["الفاتورة", "wrong"]


def test_pages_filters_and_numbers_work_as_elsewhere(client: APIClient, channel: Channel) -> None:
    tickets = [a_ticket(channel, "wrong", by=f"c{number}") for number in range(3)]
    work_off_words()
    first = body(client.get("/api/search", {"q": "wrong", "limit": "2"}), 200)
    rest = body(client.get("/api/search", {"q": "wrong", "limit": "2", "after": first["next"]}), 200)
    found = [row["ticket"]["id"] for row in [*first["results"], *rest["results"]]]
    assert found == [ticket.pk for ticket in reversed(tickets)]
    assert rest["next"] is None
    assert body(client.get("/api/search", {"q": "wrong", "sentiment": "positive"}), 200)["results"] == []
    assert body(client.get("/api/search", {"q": "wrong", "after": "x"}), 400)["code"] == "bad_cursor"
    (exact,) = body(client.get("/api/search", {"q": f"#{tickets[0].pk}"}), 200)["results"]
    assert (exact["ticket"]["id"], exact["message"]) == (tickets[0].pk, None)


def test_nothing_of_other_teams_is_found(ask: Ask, agent: User, channel: Channel) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), by="stranger")
    work_off_words()
    for question in ("bill", "@stranger", f"#{elsewhere.pk}"):
        assert body(ask(agent).get("/api/search", {"q": question}), 200)["results"] == []
    assert body(ask(a_person()).get("/api/search", {"q": "bill"}), 200)["results"] == []


def test_a_search_that_takes_too_long_is_a_problem(
    client: APIClient, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_ticket(channel)
    work_off_words()
    monkeypatch.setattr(finding, "FOUND_SQL", "SELECT pg_sleep(30), " + finding.FOUND_SQL.strip()[len("SELECT ") :])
    assert body(client.get("/api/search", {"q": "bill"}), 503)["code"] == "too_slow"
