"""The live stream: a page that listens is told what changes, no more than it may see, and never left behind."""

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.sessions.models import Session
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from accounts.models import User
from ingest import doorbell
from tests.cast import a_brand, a_channel, a_person, a_ticket
from tickets.models import Ticket
from tickets.news import live, stream, together
from tickets.news.live import Change, News
from tickets.news.stream import Follower, Listener
from tickets.news.together import Together
from tickets.verbs import lifecycle


@pytest.fixture(autouse=True)
def follower(monkeypatch: pytest.MonkeyPatch) -> Follower:
    """A follower of this test's own, in a hurry."""
    made = Follower()
    monkeypatch.setattr(stream, "follower", made)
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(stream, "GATHER", 0.0)
    monkeypatch.setattr(stream, "LISTEN_FOR", 0.1)
    # It would take a test's open transaction for a connection left behind by somebody else.
    monkeypatch.setattr(together, "close_old_connections", lambda: None)
    return made


def session_of(user: User) -> str:
    """The key of a session in which this person has signed in."""
    browser = Client()
    browser.force_login(user)
    return browser.cookies["sessionid"].value


def ask(session: str, **headers: str) -> HttpResponse | StreamingHttpResponse:
    """The view's answer to a page of this session."""
    request = RequestFactory().get("/live/", headers=headers)
    request.COOKIES["sessionid"] = session
    return async_to_sync(stream.stream)(request)


def listener(brands: frozenset[int] | None = frozenset(), user: int = 0) -> Listener:
    """Somebody who may listen for as long as a test lasts."""
    return Listener("", user, brands, known_until=math.inf)


def listen(user: User, start: str, *deeds: Callable[[], object]) -> list[dict[str, Any]]:
    """What a page hears: the first event, then one more after each deed."""

    async def page() -> list[dict[str, Any]]:
        heard = []
        events = stream._events(listener(await sync_to_async(stream.brand_ids)(user)), start)
        assert await anext(events) == b"retry: 2000\n\n"
        heard.append(await event(events))
        for deed in deeds:
            await sync_to_async(deed)()
            heard.append(await event(events))
        await events.aclose()
        return heard

    return async_to_sync(page)()


def verbs_on(ticket: Ticket, told: dict[str, Any]) -> list[str]:
    """What is told of the ticket; its opening may be told again while a transaction is open anywhere on the server."""
    verbs = {verb for change in told["changes"] if change["ticket"] == ticket.pk for verb in change["verbs"]}
    return sorted(verbs - {"opened"})


async def event(events: AsyncIterator[bytes]) -> dict[str, Any]:
    text = (await asyncio.wait_for(anext(events), 20)).decode()
    lines = dict(line.split(": ", 1) for line in text.strip().splitlines())
    told: dict[str, Any] = json.loads(lines["data"])
    assert lines["id"] == told["position"]
    assert lines["event"] == ("reload" if "reload" in told else "changes")
    return told


# --- who may listen -------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_only_people_who_signed_in_may_listen() -> None:
    assert [ask(session).status_code for session in ("", "x" * 32)] == [403, 403]
    answer = ask(session_of(a_person()))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("http://testserver:8000", True), ("https://testserver", True), ("http://evil.example", False), ("null", False)],
)
def test_only_pages_of_the_same_host_may_listen_with_the_persons_cookie(origin: str, allowed: bool) -> None:
    answer = ask(session_of(a_person()), origin=origin)
    assert answer.get("Access-Control-Allow-Origin") == (origin if allowed else None)
    assert ("Access-Control-Allow-Credentials" in answer) is allowed


@pytest.mark.django_db
def test_whoever_owes_a_second_step_or_was_shut_out_may_not_listen() -> None:
    person = a_person()
    session = session_of(person)
    for shut in ({"owes_second_step": True}, {"is_active": False}, {"password": "another"}):
        User.objects.filter(pk=person.pk).update(**shut)
        assert ask(session).status_code == 403
        User.objects.filter(pk=person.pk).update(owes_second_step=False, is_active=True, password=person.password)
    assert ask(session).status_code == 200


@pytest.mark.django_db
def test_whoever_signs_out_hears_no_more_and_who_joins_a_team_hears_of_its_brand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.05)
    monkeypatch.setattr(stream, "KNOWN_FOR", 0.0)
    person, brand = a_person(), a_brand()
    team = brand.teams.get()
    page = Listener(session_of(person))

    async def sit() -> list[bytes]:
        events = stream._events(page, "")
        for _turn in range(3):
            await anext(events)
        await sync_to_async(team.members.add)(person)
        await anext(events)
        assert page.brands == {brand.pk}
        await sync_to_async(Session.objects.all().delete)()
        return [event async for event in events]

    assert async_to_sync(sit)() == []


# --- what is heard --------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_page_first_catches_up_and_then_hears_what_happens(ticket: Ticket) -> None:
    agent = a_person(ticket.brand)
    start = live.position()
    lifecycle.note(ticket.pk, text="missed", by=agent)
    caught_up, heard = listen(agent, start, lambda: lifecycle.resolve(ticket.pk, by=agent))
    assert verbs_on(ticket, caught_up) == ["noted"]
    assert "resolved" in verbs_on(ticket, heard)


@pytest.mark.django_db(transaction=True)
def test_what_happens_between_catching_up_and_the_followers_first_look_is_heard(ticket: Ticket) -> None:
    agent = a_person(ticket.brand)

    def quickly() -> None:
        for text in ("one", "two"):
            lifecycle.note(ticket.pk, text=text, by=agent)

    _caught_up, heard = listen(agent, live.position(), quickly)
    assert verbs_on(ticket, heard) == ["noted"]


@pytest.mark.django_db(transaction=True)
def test_changes_of_other_brands_are_not_heard(ticket: Ticket) -> None:
    other = a_ticket(a_channel(), by="sara")
    agent, stranger = a_person(ticket.brand), a_person(other.brand)

    def both() -> None:
        lifecycle.note(other.pk, text="theirs", by=stranger)
        lifecycle.note(ticket.pk, text="ours", by=agent)

    _caught_up, heard = listen(agent, live.position(), both)
    assert {change["ticket"] for change in heard["changes"]} == {ticket.pk}


@pytest.mark.django_db(transaction=True)
def test_a_ring_is_heard_long_before_the_next_look(ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LOOK_EVERY", 3600.0)
    agent = a_person(ticket.brand)

    def note_when_somebody_listens() -> None:
        until = time.monotonic() + 20
        while not doorbell.connection().pubsub_numsub(doorbell.live_channel())[0][1] and time.monotonic() < until:
            time.sleep(0.01)
        lifecycle.note(ticket.pk, text="look", by=agent)

    _caught_up, heard = listen(agent, live.position(), note_when_somebody_listens)
    assert verbs_on(ticket, heard) == ["noted"]


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["", "nonsense", "9" * 18])
def test_a_page_with_a_strange_position_is_told_to_draw_anew(start: str) -> None:
    (first,) = listen(a_person(a_brand()), start)
    assert first["reload"] is True


@pytest.mark.django_db
def test_a_quiet_stream_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.05)

    async def page() -> list[bytes]:
        events = stream._events(listener(), "")
        heard = [await anext(events) for _turn in range(4)]
        await events.aclose()
        return heard

    assert async_to_sync(page)()[2:] == [b": still here\n\n"] * 2


@pytest.mark.django_db
def test_who_leaves_is_forgotten_and_the_follower_goes_home(follower: Follower) -> None:
    async def page() -> bool:
        events = stream._events(listener(), "")
        await anext(events)
        await anext(events)
        assert len(follower.clients) == 1
        await events.aclose()
        assert follower.task is not None
        await asyncio.wait_for(follower.task, 20)
        return True

    assert async_to_sync(page)()
    assert not follower.clients


def test_a_listener_that_is_sent_home_goes_even_while_it_connects(follower: Follower) -> None:
    async def come_and_go(after: float) -> None:
        listener = asyncio.create_task(follower.listen())
        await asyncio.sleep(after)
        listener.cancel()
        await asyncio.wait([listener], timeout=20)
        assert listener.done()

    for turn in range(15):
        asyncio.run(come_and_go(turn / 1500))


# --- everybody at once ------------------------------------------------------------------------------------------------
def test_those_who_come_back_together_read_the_record_once_and_each_hears_what_it_missed(
    ticket: Ticket, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = live.position()
    lifecycle.note(ticket.pk, text="one", by=agent)
    lately = live.position()
    lifecycle.note(ticket.pk, text="two", by=agent)
    asked: list[set[str]] = []
    noting = Together(lambda starts: asked.append(set(starts)) or live.since_each(starts))
    monkeypatch.setattr(stream, "returning", noting)

    async def pages() -> list[dict[str, Any]]:
        streams = [stream._events(listener(None), start) for start in (long_ago, lately, "x") * 5]
        for one in streams:
            await anext(one)
        heard = await asyncio.gather(*(event(one) for one in streams))
        for one in streams:
            await one.aclose()
        return list(heard)

    heard = async_to_sync(pages)()
    assert [starts for starts in asked if len(starts) > 1] == [{long_ago, lately, "x"}]
    assert all(verbs_on(ticket, told) == ["noted"] for told in (*heard[::3], *heard[1::3]))
    assert all(told["reload"] for told in heard[2::3])


def test_what_is_told_is_written_once_for_all_who_see_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[frozenset[int] | None] = []
    monkeypatch.setattr(stream, "KEPT", 2)
    written, first, second = stream.Written(), news(1), news(1)

    def of(item: News, brands: frozenset[int] | None) -> bytes:
        return written.of(item, brands, lambda: drawn.append(brands) or f"{brands}".encode())

    for _client in range(3):
        assert of(first, frozenset({1})) == b"frozenset({1})"
        assert of(first, None) == b"None"
    assert drawn == [frozenset({1}), None]
    # What says the same is another telling; the oldest is forgotten when there are too many.
    of(second, None)
    of(news(2), None)
    of(first, None)
    assert len(drawn) == 5


# --- the follower itself --------------------------------------------------------------------------------------------
def news(*ids: int, position: str = "9") -> News:
    return News(position, [Change(each, 7, 1, "noted", None, None) for each in ids])


def queue_of(follower: Follower) -> "asyncio.Queue[News]":
    queue: asyncio.Queue[News] = asyncio.Queue(3)
    follower.clients.add(queue)
    return queue


def test_what_the_record_repeats_is_told_once(follower: Follower) -> None:
    assert [change.id for change in follower.fresh(news(1, 2)).changes] == [1, 2]
    assert [change.id for change in follower.fresh(news(1, 2, 3)).changes] == [3]
    assert follower.fresh(news(1, 2, 3)).changes == []


def test_a_page_that_does_not_keep_up_is_told_to_draw_anew(follower: Follower) -> None:
    slow = queue_of(follower)
    for turn in range(4):
        follower.hand_out(news(turn, position=str(turn)))
    assert slow.qsize() == 1
    assert slow.get_nowait() == News("3", reload=True)


def test_nothing_new_is_handed_to_nobody(follower: Follower) -> None:
    queue = queue_of(follower)
    follower.hand_out(news())
    assert queue.empty()


def test_the_follower_begins_where_the_earliest_page_has_caught_up_to(follower: Follower) -> None:
    follower.begin("1000")
    follower.begin("999")
    follower.begin("1001")
    assert follower.position == "999"
