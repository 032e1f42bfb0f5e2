"""X, held to its own OpenAPI files: what is claimed of every network, and what only X can show."""

import json
from typing import ClassVar

import pytest

from tests.counterparts import x
from tests.counterparts.journey import SOON, Journey, Place, complaint, token

# A plan, and a version, may not have every kind of event: Radd asks for each, and takes the no.
ASKS = "POST /2/activity/subscriptions"


def network(place: Place) -> x.Network:
    assert isinstance(place.network, x.Network)
    return place.network


class XJourney(Journey):
    """For both spellings of its names."""

    def test_an_edit_is_a_new_post_and_one_message(self, place: Place) -> None:
        before, after = token(), token()
        post = place.network.mention(complaint(before), by="dalia")
        ticket = place.desk.ticket(before, place.polled, SOON)["id"]
        place.network.edit(post, complaint(after))
        message = place.desk.message(after, ticket, SOON)
        assert message["external_id"] == post
        assert [one["text"] for one in place.desk.story(ticket) if before in one["text"]] == []

    def test_a_post_that_did_not_ask_for_us_cannot_be_answered_there(self, place: Place) -> None:
        mark = token()
        root = network(place).fake.world.post("omar", "Anybody else without a signal?")
        mine = network(place).fake.world.post("noor", f"@{x.BRAND.handle} {complaint(mark)}", reply_to=root.id)
        ticket = place.desk.ticket(mark, place.channel, SOON)["id"]
        key = place.desk.answer(ticket, f"We see to your {mark}.")["key"]
        place.desk.delivered(ticket, key)
        assert len(place.network.answers_to(mine.id)) == 1
        assert place.network.answers_to(root.id) == []

    def test_the_same_words_twice_are_refused_and_said_to_be(self, place: Place) -> None:
        text = f"Sorry about this, we are on it ({token()})."
        tickets = []
        for person in ("rami", "tariq"):
            mark = token()
            place.network.mention(complaint(mark), by=person)
            tickets.append(place.desk.ticket(mark, place.channel, SOON)["id"])
        first = place.desk.answer(tickets[0], text)["key"]
        place.desk.delivered(tickets[0], first)
        second = place.desk.answer(tickets[1], text)["key"]

        def refused() -> str | None:
            deliveries = [one["delivery"] for one in place.desk.story(tickets[1]) if one["delivery"]]
            return next((one["state"] for one in deliveries if one["key"] == second and one["state"] == "failed"), None)

        assert place.desk.until(refused, "the refusal", 90) == "failed"

    def test_a_stream_that_ends_is_opened_again_and_nothing_is_missed(self, place: Place) -> None:
        network(place).fake.activity.cut()
        marks = [token() for _ in range(3)]
        for number, mark in enumerate(marks):
            place.network.mention(complaint(mark), by=f"caller{number}")
        for mark in marks:
            place.desk.ticket(mark, place.channel, 90)

    def test_every_request_and_every_answer_was_as_x_describes_it(self, place: Place) -> None:
        assert network(place).front.calls > 20
        unexpected = [
            one for one in network(place).front.violations
            if not (network(place).names == "old" and one.startswith(ASKS) and "event_type" in one)
        ]  # fmt: skip
        calls = network(place).fake.calls
        asked = {body["event_type"] for _, path, _, body in calls if body and path == ASKS.split()[1]}
        assert unexpected == []
        assert network(place).fake.breaches == []
        # Replies became events of their own with the new names.
        assert ("post.reply.create" in asked) == (network(place).names == "new")


class TestXInOldNames(XJourney):
    label: ClassVar[str] = "X, old names"
    # X tells of no reply by its stream there: the look that every pushed channel takes once a minute brings it.
    replies_within: ClassVar[float] = 60 + SOON
    start = staticmethod(x.old)


class TestXInNewNames(XJourney):
    label: ClassVar[str] = "X, new names"
    start = staticmethod(x.new)


def test_prism_refuses_what_x_does_not_describe() -> None:
    """Else the claims above would hold of anything."""
    try:
        with x.new() as here:
            wrong = here.front.url + "/2/users/2244994945/mentions?max_results=1000"
            told = x.requests.get(wrong, headers={"authorization": "Bearer fake-app-token"}, timeout=20)
            assert told.status_code == 422
            assert "max_results" in json.dumps(told.json())
            assert len(here.front.violations) == 1
    except x.Unavailable as why:
        pytest.skip(str(why))
