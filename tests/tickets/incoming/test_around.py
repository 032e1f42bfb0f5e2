"""Around a ticket: what others said in its thread is shown folded, and changes nothing of what is answered."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from ingest.collect import store
from ingest.models import Channel
from ingest.platforms.base import Post
from tests.cast import a_post, an_own_post, receive, work_off
from tests.tickets.views.conftest import signed_in
from tickets.answering.replies import answers_to, messages_of
from tickets.incoming import around
from tickets.incoming.around import Others
from tickets.models import Ticket
from tickets.thread import story_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]


def context(text: str, external_id: str, parent: str = "", **fields: object) -> Post:
    given = {"external_id": external_id, "parent_id": parent, "by": external_id, "context": True}
    return a_post(text, **(given | fields))


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    """A complaint `q1` under `p2`, which is under `root`, a post of ours."""
    (message,) = receive(channel, a_post("my bill is wrong", external_id="q1", parent_id="p2", root_id="root"))
    return Ticket.objects.get(entries__message=message)


def folded(ticket: Ticket) -> list[list[str]]:
    """The words of others, fold by fold."""
    return [[m.text for m in entry.messages] for entry in story_of(ticket).entries if isinstance(entry, Others)]


def test_root_parents_and_answers_of_others_are_folded_in_their_places(channel: Channel, ticket: Ticket) -> None:
    store(
        channel,
        [
            an_own_post("New prices!", external_id="root", posted_at=a_post().posted_at.replace(year=2025)),
            context("too dear", "p1", "root", posted_at=a_post().posted_at.replace(year=2025, month=12)),
            context("indeed", "p2", "p1", posted_at=a_post().posted_at.replace(year=2026, month=1)),
            context("same here", "r1", "q1"),
            context("and here", "r2", "r1"),
            context("another thread", "z1", "elsewhere"),
        ],
    )
    work_off()
    assert folded(ticket) == [["New prices!", "too dear", "indeed"], ["same here", "and here"]]


def test_context_changes_nothing_of_what_is_answered_or_counted(channel: Channel, ticket: Ticket) -> None:
    before = story_of(ticket)
    store(channel, [context("down, angry, wrong", "r1", "q1")])
    work_off()
    after = story_of(ticket)
    under = answers_to(ticket)
    assert under is not None
    assert under.external_id == "q1"
    assert messages_of(ticket).count() == 1
    assert (after.readings, after.answered_at) == (before.readings, before.answered_at)
    assert after.newest is not None
    assert after.newest.message.external_id == "q1"
    assert Ticket.objects.count() == 1


def test_what_is_on_the_ticket_is_not_told_twice(channel: Channel, ticket: Ticket) -> None:
    receive(channel, an_own_post("Sorted by phone.", external_id="own1", parent_id="q1"))
    receive(channel, a_post("wrong again", external_id="q2", parent_id="own1", root_id="root"))
    assert folded(ticket) == []


def test_another_customer_in_the_same_thread_is_a_ticket_and_no_context(channel: Channel, ticket: Ticket) -> None:
    receive(channel, a_post("mine is wrong too", by="sara", external_id="s1", parent_id="q1", root_id="root"))
    assert folded(ticket) == []


def test_the_same_ids_on_another_channel_are_another_thread(channel: Channel, ticket: Ticket) -> None:
    store(Channel.objects.create(brand=channel.brand, name="other", platform="fake"), [context("x", "r1", "q1")])
    assert folded(ticket) == []


def test_a_thread_of_thousands_is_bounded_and_one_query(
    channel: Channel, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(channel, [context("me too", f"r{n}", f"r{n - 1}" if n else "q1") for n in range(300)])
    messages = list(messages_of(ticket))
    with CaptureQueriesContext(connection) as queries:
        assert len(around.others_of(ticket, messages)) == around.MOST
    assert len(queries) == 1


def test_the_page_folds_them_away_in_both_languages(channel: Channel, ticket: Ticket, agent: User) -> None:
    store(channel, [context("<b>same</b> here", "r1", "q1"), context("and here", "r2", "r1")])
    desk = signed_in(agent)
    page = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "2 other posts in this thread" in page
    assert "&lt;b&gt;same&lt;/b&gt; here" in page
    with translation.override("ar"):
        assert "منشوران آخران" in translation.ngettext(
            "%(n)s other post in this thread", "%(n)s other posts in this thread", 2
        )
