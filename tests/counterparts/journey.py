"""The whole way, for any network: connected, heard, a ticket, answered there, edited, deleted, killed in between.

Each counterpart's tests are a subclass that says how it is started (`start`), and may claim more of its own. The
claims run in the order they stand here, on one desk and one network: `conftest.place` makes both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from tests.counterparts.desk import Desk, Inbox, running_desk
from tests.counterparts.network import Network
from tests.counterparts.report import TABLE

SOON = 30.0
SAMPLES = 20
POLLED_BRAND = "Nawa, polled"


@dataclass
class Place:
    """A desk and a network, and the two channels by which it follows the same account: pushed and polled."""

    desk: Desk
    network: Network
    channel: int
    """The one that people work with: pushed where the network pushes."""
    polled: int
    interval: int
    kept: dict[str, Any] = field(default_factory=dict)
    """What one claim leaves for the next."""


@contextmanager
def placed(network: Network, interval: int) -> Iterator[Place]:
    """A desk connected to that network, twice where it pushes: the second channel leaves the stream alone."""
    with running_desk() as desk:
        name = f"{network.label} of Nawa"
        channel = polled = desk.connect(network, name, seconds=interval if not network.pushes else 60)
        if network.pushes:
            off = {"stream": "off"}
            polled = desk.connect(network, f"{name}, polled", brand=POLLED_BRAND, seconds=interval, more=off)
        yield Place(desk, network, channel, polled, interval)


def token() -> str:
    """A word that stands in one post only."""
    return f"order {uuid4().hex[:10]}"


def complaint(mark: str) -> str:
    """Words that everybody would answer."""
    return f"My {mark} never arrived and nobody answers me. This is terrible service, please help!"


class Journey:
    """What is claimed of every counterpart."""

    label: ClassVar[str]
    start: ClassVar[Callable[[], AbstractContextManager[Network]]]
    interval: ClassVar[int] = 5
    """Seconds between looks of the polled channel."""
    replies_within: ClassVar[float] = SOON
    """Seconds until a reply to an answer of ours is here by the pushed channel."""

    def test_a_channel_is_connected_with_what_the_network_gave_us(self, place: Place) -> None:
        here = {one["id"]: one for one in place.desk.pages("channels")}
        assert here[place.channel]["state"] == "active"
        assert here[place.channel]["platform"] == place.network.platform

    def test_a_mention_becomes_a_ticket(self, place: Place) -> None:
        mark = token()
        post = place.network.mention(complaint(mark))
        ticket = place.desk.ticket(mark, place.channel, SOON)
        message = place.desk.message(mark, ticket["id"])
        assert message["external_id"] == post
        assert message["direction"] == "in"
        place.kept |= {"mark": mark, "post": post, "ticket": ticket["id"]}

    def test_an_answer_stands_on_the_network_under_the_post(self, place: Place) -> None:
        text = f"We are sorry about your {place.kept['mark']} and have sent it again today."
        delivery = place.desk.answer(place.kept["ticket"], text)
        sent = place.desk.delivered(place.kept["ticket"], delivery["key"])
        there = place.network.answers_to(place.kept["post"])
        assert [one.text for one in there] == [text]
        assert there[0].id == sent["external_id"]
        place.kept["answer"] = sent["external_id"]

    def test_our_own_answer_read_back_is_still_one_message(self, place: Place) -> None:
        # The next words of the customer come after our answer by every way there is.
        mark = token()
        place.network.mention(complaint(mark), by="salma")
        place.desk.ticket(mark, place.channel, SOON)
        place.desk.ticket(mark, place.polled, SOON)
        assert len(place.desk.stored(place.kept["answer"], place.channel)) == 1

    def test_what_the_customer_says_next_joins_the_ticket(self, place: Place) -> None:
        if not place.network.chats:
            pytest.skip("there are no threads")
        mark = token()
        place.network.reply(place.kept["answer"], f"Thank you, but my {mark} is broken now. Why is that?")
        message = place.desk.message(mark, place.kept["ticket"], self.replies_within)
        assert message["parent_external_id"] == place.kept["answer"]

    def test_an_edit_is_read_again(self, place: Place) -> None:
        if not place.network.edits:
            pytest.skip("posts cannot be edited, or the network does not tell")
        before, after = token(), token()
        post = place.network.mention(complaint(before), by="dalia")
        ticket = place.desk.ticket(before, place.channel, SOON)
        place.network.edit(post, complaint(after))
        edited = place.desk.message(after, ticket["id"], SOON)
        assert edited["edited_at"]
        assert [one["text"] for one in place.desk.story(ticket["id"]) if before in one["text"]] == []

    def test_what_its_author_deletes_is_blanked_and_stays_a_fact(self, place: Place) -> None:
        if not place.network.tells_deletions:
            pytest.skip("the network does not tell of deletions")
        mark = token()
        post = place.network.mention(complaint(mark), by="huda")
        ticket = place.desk.ticket(mark, place.channel, SOON)
        place.network.delete(post)

        def gone() -> dict[str, Any] | None:
            return next((one for one in place.desk.story(ticket["id"]) if one["deleted_at"]), None)

        blanked = place.desk.until(gone, "the tombstone", SOON)
        assert (blanked["external_id"], blanked["text"]) == (post, "")

    def test_a_worker_killed_in_the_middle_of_a_send_answers_exactly_once(self, place: Place) -> None:
        mark = token()
        post = place.network.mention(complaint(mark), by="karim")
        ticket = place.desk.ticket(mark, place.channel, SOON)["id"]
        text = f"Your {mark} is on its way again, we are sorry."
        with place.network.held() as held:
            key = place.desk.answer(ticket, text)["key"]
            held.wait()
            # The network has it, and whoever sent it dies before it hears so.
            place.desk.kill("work@")
        assert [one.text for one in place.network.answers_to(post)] == [text]
        sent = place.desk.delivered(ticket, key, 90)
        there = place.network.answers_to(post)
        assert [one.text for one in there] == [text]
        assert sent["external_id"] == there[0].id

    def test_posts_are_tickets_in_time(self, place: Place) -> None:
        line = TABLE.line(self.label)
        line.interval = place.interval
        line.pushed, line.polled = measured(place)
        assert len(line.polled) == SAMPLES
        assert max(line.polled) < place.interval + 30
        if place.network.pushes:
            assert len(line.pushed) == SAMPLES


def measured(place: Place) -> tuple[list[float], list[float]]:
    """Seconds from just before a post is made until an open inbox is told of its ticket: by stream, and by polling.

    Each post is another person's, so each is a ticket of its own; about one a second, so that looks meet them at any
    moment.
    """
    people = [f"visitor{number}" for number in range(SAMPLES)]
    for person in people:
        place.network.meet(person)
    inbox = place.desk.open_inbox()
    made: dict[str, float] = {}
    for person in people:
        mark = token()
        made[mark] = time.monotonic()
        place.network.mention(complaint(mark), by=person)
        time.sleep(max(0.0, made[mark] + 1.1 - time.monotonic()))
    waits = {channel: _waits(place, channel, made, inbox) for channel in {place.channel, place.polled}}
    return waits[place.channel] if place.network.pushes else [], waits[place.polled]


def _waits(place: Place, channel: int, made: dict[str, float], inbox: Inbox) -> list[float]:
    """How long each of these posts took; those that never came are left out."""
    tickets: dict[str, int] = {}

    def look() -> bool:
        rows = place.desk.pages("tickets", channel=channel)
        tickets.update({mark: row["id"] for row in rows for mark in made if mark in row["preview"]})
        return len(tickets) == len(made) and all(ticket in inbox.told for ticket in tickets.values())

    with suppress(AssertionError):
        place.desk.until(look, "all tickets", 60)
    return [inbox.told[ticket] - made[mark] for mark, ticket in tickets.items() if ticket in inbox.told]
