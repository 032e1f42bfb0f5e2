"""The queue of what triage set aside: what is in it, in which order, and what it costs to look at and to count."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role, User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_channel, a_person, a_post, now, receive
from tickets.incoming.unexamined import Cursor, count, count_of_all, figures, page_of, parts, unexamined
from tickets.listing.lists import COUNT_CAP, counts

pytestmark = pytest.mark.django_db


def aside(channel: Channel, *readings: dict[str, Any]) -> list[Message]:
    """Messages that triage set aside, one for each reading."""
    posts = [a_post("I love it", by=f"fan{number}") for number in range(len(readings))]
    messages = receive(channel, *posts)
    for message, reading in zip(messages, readings, strict=True):
        Message.objects.filter(pk=message.pk).update(**reading)
    return messages


def owed(p: float, threshold: float = 0.3, **more: Any) -> dict[str, Any]:
    """A reading that says how likely an answer is owed, and is sure of the tone."""
    return {"follow_up": p, "threshold": threshold, "negative": 0.0, "neutral": 0.0, "positive": 1.0} | more


def tone(likeliest: float) -> dict[str, Any]:
    """A reading that knows the tone only."""
    rest = (1 - likeliest) / 2
    return {"negative": rest, "neutral": likeliest, "positive": rest}


def ids(user: User, slug: str = "unsure", after: str = "", size: int = 25) -> list[int]:
    return [message.pk for message in page_of(user, slug, after, size).messages]


def walk(user: User, slug: str, size: int) -> list[int]:
    after, found = "", []
    while True:
        page = page_of(user, slug, after, size)
        found += [message.pk for message in page.messages]
        if not page.next:
            return found
        after = page.next


# --- what is in it --------------------------------------------------------------------------------------------------
def test_what_triage_set_aside_waits_and_tickets_do_not(channel: Channel, agent: User) -> None:
    praise, spam, complaint = receive(
        channel, a_post("I love it"), a_post("buy crypto", by="spammer"), a_post("my bill is wrong", by="omar")
    )
    assert {message.pk for message in unexamined(agent)} == {praise.pk, spam.pk}
    assert complaint.disposition == "awaiting"


@pytest.mark.parametrize(
    "gone",
    [{"examined_at": now()}, {"deleted_at": now()}, {"state": "new"}, {"disposition": "answered"}],
    ids=["examined", "deleted", "on its way again", "answered"],
)
def test_what_needs_no_look_any_more_is_not_in_it(channel: Channel, agent: User, gone: dict[str, Any]) -> None:
    (message,) = aside(channel, owed(0.29))
    assert ids(agent) == [message.pk]
    Message.objects.filter(pk=message.pk).update(**gone)
    assert ids(agent) == ids(agent, "sampled") == []


def test_what_a_person_decided_is_not_in_it(channel: Channel, agent: User) -> None:
    aside(channel, owed(0.29))
    Message.objects.update(decided_by=agent)
    assert ids(agent) == []


# --- unsure, and the rest -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("reading", "slug"),
    [
        (owed(0.29), "unsure"),
        (owed(0.11), "unsure"),
        (owed(0.09), "sampled"),
        (owed(0.0), "sampled"),
        (owed(0.9), "unsure"),  # spam, say: set aside although the reading calls for a person
        (owed(0.01) | tone(0.49), "unsure"),
        (owed(0.01) | tone(0.51), "sampled"),
        (tone(0.49), "unsure"),
        (tone(0.51), "sampled"),
        ({"negative": None, "neutral": None, "positive": None}, "unsure"),
        (owed(0.2, threshold=0.0), "sampled"),  # no threshold to be near to
    ],
)
def test_a_message_is_in_one_list_by_how_sure_the_model_is(
    channel: Channel, agent: User, reading: dict[str, Any], slug: str
) -> None:
    (message,) = aside(channel, reading)
    other = "sampled" if slug == "unsure" else "unsure"
    assert (ids(agent, slug), ids(agent, other)) == ([message.pk], [])
    assert (count(agent, slug, 9), count(agent, other, 9)) == (1, 0)
    assert (count_of_all(slug), count_of_all(other)) == (1, 0)


@pytest.mark.parametrize(("flat", "slugs"), [(0.4, "sss"), (0.46, "uss"), (0.5, "uss"), (0.6, "uus"), (0.8, "uuu")])
def test_the_setting_draws_the_line_of_the_tone_and_no_other(
    channel: Channel, agent: User, settings: Any, flat: float, slugs: str
) -> None:
    settings.TRIAGE_UNSURE = flat
    messages = aside(channel, tone(0.45), tone(0.55), tone(0.7))
    sure, unsure = aside(channel, owed(0.09), owed(0.11))
    expected = {m.pk for m, slug in zip(messages, slugs, strict=True) if slug == "u"} | {unsure.pk}
    assert set(ids(agent)) == expected
    assert set(ids(agent, "sampled")) == {m.pk for m in messages if m.pk not in expected} | {sure.pk}
    assert count(agent, "unsure", 99) == counts(agent).examine == len(expected)


@given(
    p=st.floats(0, 1),
    threshold=st.floats(0.01, 1),
    weights=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1)),
    flat=st.sampled_from([0.34, 0.4, 0.5, 0.66, 0.9]),
    knows=st.booleans(),
)
def test_no_reading_falls_between_the_lists(
    p: float, threshold: float, weights: tuple[float, float, float], flat: float, *, knows: bool
) -> None:
    shares = [weight / sum(weights) for weight in weights]
    names = ("negative", "neutral", "positive")
    unsure = max(shares) < flat or (knows and p >= threshold / 3)
    close = abs(max(shares) - flat) < 1e-6 or abs(p - threshold / 3) < 1e-6
    assert close or in_unsure(dict(zip(names, shares, strict=True)), p if knows else None, threshold, flat) == unsure


def in_unsure(shares: dict[str, float], p: float | None, threshold: float, flat: float) -> bool:
    """What the condition of the list says of one reading, asked of the database without a table."""
    before, settings.TRIAGE_UNSURE = settings.TRIAGE_UNSURE, flat
    try:
        unsure, sampled = (parts()[slug].sql for slug in ("unsure", "sampled"))
        doubt = max((p / threshold) if p is not None else 0.0, (1 - max(shares.values())) * 2 / 3)
        values = figures() | shares | {"p": p, "threshold": threshold, "doubt": doubt}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {unsure}, {sampled} FROM (SELECT %(negative)s::float negative, %(neutral)s::float neutral,"
                " %(positive)s::float positive, %(p)s::float follow_up, %(threshold)s::float threshold,"
                " %(doubt)s::float doubt) m",
                values,
            )
            is_unsure, is_sampled = cursor.fetchone()
    finally:
        settings.TRIAGE_UNSURE = before
    assert is_unsure is not is_sampled
    return bool(is_unsure)


# --- order and pages ------------------------------------------------------------------------------------------------
def test_the_nearest_to_its_threshold_comes_first_whatever_the_threshold(channel: Channel, agent: User) -> None:
    near, far, nearer, unread = aside(
        channel, owed(0.25, 0.5), owed(0.2, 0.5), owed(0.12, 0.2), {"negative": None, "neutral": None, "positive": None}
    )
    assert ids(agent) == [unread.pk, nearer.pk, near.pk, far.pk]


def test_without_a_follow_up_the_flattest_tone_comes_first(channel: Channel, agent: User) -> None:
    flat, flatter, flattest = aside(channel, tone(0.48), tone(0.4), tone(0.35))
    assert ids(agent) == [flattest.pk, flatter.pk, flat.pk]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_pages_hold_every_message_once_in_order_over_all_channels(channel: Channel, agent: User, size: int) -> None:
    other = a_channel(channel.brand)
    a, b, c = aside(channel, owed(0.2), owed(0.25), owed(0.2))
    d, e = aside(other, owed(0.25), owed(0.15))
    # Equally doubtful: the newest first.
    assert walk(agent, "unsure", size) == [d.pk, b.pk, c.pk, a.pk, e.pk]
    Message.objects.update(follow_up=0.01)
    assert walk(agent, "sampled", size) == [e.pk, d.pk, c.pk, b.pk, a.pk]


@pytest.mark.parametrize("token", ["", "x", "~", "0.5~x", "nan~1", "inf~1", "0.5~-1", "0.5~99999999999999999999", "~5"])
def test_a_cursor_of_somebody_elses_making_breaks_nothing(channel: Channel, agent: User, token: str) -> None:
    aside(channel, owed(0.2))
    assert len(page_of(agent, "unsure", token).messages) <= 1


@given(st.floats(0, 1000), st.integers(0, 10**18 - 1))
def test_a_cursor_comes_back_as_it_went(doubt: float, pk: int) -> None:
    assert Cursor.read(Cursor(doubt, pk).token()) == Cursor(doubt, pk)


# --- whose it is, and what it costs ---------------------------------------------------------------------------------
def test_what_belongs_to_another_team_is_in_no_list_and_no_count(channel: Channel, agent: User) -> None:
    aside(channel, owed(0.2), owed(0.0))
    stranger, admin = a_person(a_brand()), a_person(role=Role.ADMIN)
    assert ids(stranger) == ids(stranger, "sampled") == []
    assert (counts(stranger).examine, count(stranger, "sampled", 9)) == (0, 0)
    assert (counts(admin).examine, counts(agent).examine) == (1, 1)


def test_a_page_costs_two_queries_and_a_count_none_of_its_own(channel: Channel, agent: User) -> None:
    aside(channel, *[owed(0.2)] * 6)
    aside(a_channel(channel.brand), *[owed(0.2)] * 3)
    unexamined(agent).exists()  # the brands are known from here on
    assert agent.team_ids  # and the teams
    with CaptureQueriesContext(connection) as queries:
        rows = page_of(agent, "unsure", size=4).messages
        assert all(message.contact.handle and message.channel.name for message in rows)
    assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        assert counts(agent).examine == 9
    assert len(queries) == 1


def test_a_count_stops_at_its_cap(channel: Channel, agent: User) -> None:
    aside(channel, *[owed(0.2)] * 3)
    assert count(agent, "unsure", 2) == 2
    assert COUNT_CAP >= 1000


@pytest.mark.parametrize("slug", ["unsure", "sampled"])
def test_the_queue_and_its_count_need_their_index_alone(channel: Channel, agent: User, slug: str) -> None:
    """However the planner feels about small tables: no row of the table itself is wanted."""
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "indexscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        with CaptureQueriesContext(connection) as queries:
            page_of(agent, slug, Cursor(0.5, 7).token())
            count(agent, slug, 100)
        for query in queries.captured_queries:
            if "ingest_message" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert "Index Only Scan using message_unexamined" in plan, plan
                assert plan.count("Sort Key") <= 1, "the first of each channel are sorted, and nothing else"
