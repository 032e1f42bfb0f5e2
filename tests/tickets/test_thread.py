"""A ticket's story: what was said, noted and done, in order, with its readings and marks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Kind
from tests.cast import (
    a_care_reader,
    a_post,
    a_ticket,
    an_answer,
    an_own_post,
    now,
    receive,
)
from tickets import thread
from tickets.models import Activity, Ticket
from tickets.steering import assignment
from tickets.thread import Done, Noted, Said, line_of, story_of
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]


def said(ticket: Ticket) -> list[Said]:
    return [entry for entry in story_of(ticket).entries if isinstance(entry, Said)]


def test_what_is_said_stands_in_order_and_the_newest_is_spread_out(
    channel: Channel, ticket: Ticket, agent: User
) -> None:
    an_answer(ticket, "We are on it.", by=agent)
    receive(channel, a_post("thanks, it works", external_id="q2", conversation_key="t1", posted_at=now()))
    first, ours, last = said(ticket)
    assert [first.ours, ours.ours, last.ours] == [False, True, False]
    assert [first.newest, ours.newest, last.newest] == [False, False, True]
    assert ours.name == "Huda Al-Amri"
    assert ours.delivery is not None
    assert ours.delivery.state == Delivery.State.WAITING
    assert last.because
    assert not first.because
    assert last.before == first.valence


def test_reasons_are_said_once_where_they_decide_or_else_where_they_were_read(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel, "is my line down?", conversation_key="t1", read=a_care_reader)
    (only,) = said(ticket)
    assert only.because[:2] == ["complains", "asks a question"], "trigger and aim stand beside it"
    assert only.found == []
    receive(channel, a_post("thank you", conversation_key="t1", posted_at=now()), read=a_care_reader)
    first, last = said(ticket)
    assert (first.because, first.found) == ([], ["complains: delay or outage, wants a solution", "asks a question"])
    assert "thanks" in last.because


def test_our_post_read_back_is_ours_and_from_outside(channel: Channel, ticket: Ticket) -> None:
    receive(channel, an_own_post("Sorted by phone.", external_id="own1", conversation_key="t1", parent_id="q1"))
    outside = [entry for entry in said(ticket) if entry.ours]
    assert [entry.outside for entry in outside] == [True]


def test_notes_and_deeds_stand_between_the_messages(ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    lifecycle.note(ticket.pk, text="tower 4471", by=agent)
    lifecycle.resolve(ticket.pk, by=agent)
    kinds = [entry.kind for entry in story_of(ticket).entries]
    assert kinds == ["said", "done", "note", "done"]
    noted = next(entry for entry in story_of(ticket).entries if isinstance(entry, Noted))
    assert (noted.name, noted.text) == ("Huda Al-Amri", "tower 4471")


def test_deeds_that_follow_one_another_are_one_entry(ticket: Ticket, agent: User) -> None:
    for to in (agent, None, agent):
        assignment.assign(ticket.pk, to=to, by=agent)
    deeds = [entry for entry in story_of(ticket).entries if isinstance(entry, Done)]
    assert len(deeds) == 1
    assert [str(line) for _at, line in deeds[0].lines] == [
        "Opened as a ticket",
        "<bdi>Huda Al-Amri</bdi> took it",
        "<bdi>Huda Al-Amri</bdi> put it back in the queue",
        "<bdi>Huda Al-Amri</bdi> took it",
    ]


def test_every_deed_has_its_line_or_is_shown_otherwise(ticket: Ticket, agent: User) -> None:
    shown_otherwise = {"joined", "answered", "delivered", "not_delivered", "noted"}
    for verb in Activity.Verb.values:
        by_person = Activity(ticket=ticket, verb=verb, actor=agent, at=now(), data={})
        by_radd = Activity(ticket=ticket, verb=verb, at=now(), data={})
        assert (line_of(by_person) is None and line_of(by_radd) is None) == (verb in shown_otherwise), verb


def test_a_name_cannot_bring_markup_into_a_line(ticket: Ticket, agent: User) -> None:
    agent.name = "<b>Huda</b>"
    line = line_of(Activity(ticket=ticket, verb="resolved", actor=agent, at=now(), data={}))
    assert line == "<bdi>&lt;b&gt;Huda&lt;/b&gt;</bdi> resolved it"


def test_lines_speak_the_language_of_the_page(ticket: Ticket) -> None:
    with translation.override("ar"):
        assert line_of(Activity(ticket=ticket, verb="resolved", at=now(), data={})) != "Resolved"


def test_shares_are_counted_at_the_post_they_share(channel: Channel, ticket: Ticket) -> None:
    receive(channel, *[a_post("", by=f"fan{n}", kind=Kind.REPOST, ref_id="q1") for n in range(3)])
    assert [entry.shares for entry in said(ticket)] == [3]


def test_a_long_story_shows_its_newest_part(channel: Channel, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(channel, *[a_post(f"and wrong again {n}", conversation_key="t1") for n in range(4)])
    monkeypatch.setattr(thread, "SHOWN", 2)
    story = story_of(ticket)
    assert story.hidden
    assert len([entry for entry in story.entries if isinstance(entry, Said)]) == 2
    assert not story_of(ticket, whole=True).hidden


def test_a_story_costs_four_queries_however_long(channel: Channel, ticket: Ticket, agent: User) -> None:
    receive(channel, *[a_post(f"wrong {n}", conversation_key="t1") for n in range(5)])
    an_answer(ticket, by=agent)
    with CaptureQueriesContext(connection) as queries:
        assert len(said(ticket)) == 7
    assert len(queries) == 4


def test_a_message_without_a_reading_has_no_valence(ticket: Ticket) -> None:
    Message.objects.update(positive=None, negative=None, neutral=None, read_error="the text broke it")
    story = story_of(ticket)
    assert story.newest is not None
    assert story.newest.valence is None
    assert story.readings == []


def test_how_often_posts_were_shared_is_asked_in_the_words_of_the_index(ticket: Ticket) -> None:
    # Of more than a hundred ids PostgreSQL does not see that none is empty: five million messages were read instead.
    with CaptureQueriesContext(connection) as queries:
        story_of(ticket)
    (asked,) = [query["sql"] for query in queries if '"ref_external_id" IN' in query["sql"]]
    assert """NOT ("ingest_message"."ref_external_id" = '')""" in asked
