"""The measure: what a ticket's messages say of it does not depend on the order they are told in. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.measure import Entry, Standing, measure

NINE = datetime(2026, 11, 1, 9, tzinfo=UTC)


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


def theirs(at: float, valence: float | None = None, **known: object) -> Entry:
    """A customer's message that reached us at once and came onto the ticket in its turn."""
    return Entry(**({"ours": False, "posted_at": minutes(at), "received_at": minutes(at), "valence": valence,
                     "turn": int(at)} | known))  # fmt: skip


def asks(at: float, valence: float | None = -0.8, **known: object) -> Entry:
    return theirs(at, valence, awaiting=True, **known)


def answer(at: float, **known: object) -> Entry:
    """An answer written here."""
    return theirs(at, ours=True, written_here=True, **known)


def outside(at: float, **known: object) -> Entry:
    """An answer somebody posted without Radd."""
    return theirs(at, ours=True, **known)


def test_an_empty_ticket_stands_nowhere() -> None:
    assert measure([]) == Standing(0, None, None, None, None, None, None, None, None, "normal", "", "")


def test_lift_is_the_last_word_after_care_against_the_last_before_it() -> None:
    standing = measure([asks(0, -0.5), asks(1, -0.9), answer(2), theirs(3, 0.1), answer(4), theirs(5, 0.8)])
    assert (standing.first_valence, standing.before_valence) == (-0.5, -0.9)
    assert (standing.after_valence, standing.latest_valence) == (0.8, 0.8)


def test_before_any_answer_there_is_no_before_and_no_after() -> None:
    standing = measure([asks(0, -0.5), asks(1, -0.9)])
    assert (standing.before_valence, standing.after_valence) == (None, None)
    assert (standing.first_valence, standing.latest_valence) == (-0.5, -0.9)


def test_a_message_that_was_not_read_is_passed_over() -> None:
    standing = measure([asks(0, None), asks(1, -0.9), asks(2, None), answer(3), theirs(4, 0.7), theirs(5, None)])
    assert (standing.first_valence, standing.before_valence) == (-0.9, -0.9)
    assert (standing.after_valence, standing.latest_valence) == (0.7, 0.7)


def test_what_we_said_before_the_customer_spoke_answers_nothing() -> None:
    standing = measure([outside(0), asks(5)])
    assert (standing.first_answered_at, standing.last_answered_at, standing.before_valence) == (None, None, None)


def test_a_customer_waits_since_the_first_message_nobody_answered_reached_us() -> None:
    late = asks(0, received_at=minutes(30), turn=30)
    assert measure([late, asks(31)]).waiting_since == minutes(30)


def test_nobody_waits_while_an_answer_is_on_its_way() -> None:
    assert measure([asks(0), answer(1)]).waiting_since is None


def test_who_writes_after_the_answer_waits_again() -> None:
    assert measure([asks(0), answer(1), asks(2)]).waiting_since == minutes(2)


def test_a_message_said_before_the_answer_but_not_on_the_ticket_yet_still_waits() -> None:
    unseen = asks(1, turn=9)
    assert measure([asks(0), answer(5), unseen]).waiting_since == minutes(1)


def test_an_answer_that_was_lost_leaves_the_customer_waiting_as_before() -> None:
    assert measure([asks(0), answer(1, lost=True)]).waiting_since == minutes(0)
    assert measure([asks(0), answer(1, lost=True)]).last_answered_at is None


def test_a_ticket_is_as_urgent_as_the_most_urgent_message_that_waits() -> None:
    assert measure([asks(0, urgency="low"), asks(1, urgency="high"), asks(2)]).urgency == "high"
    assert measure([asks(0, urgency="high"), answer(1), asks(2, urgency="low")]).urgency == "low"


def test_a_date_next_year_is_not_later_than_its_arrival() -> None:
    vain = asks(0, posted_at=minutes(500_000), received_at=minutes(1), text="vain")
    standing = measure([vain, asks(2, text="newest")])
    assert (standing.preview, standing.last_customer_at) == ("newest", minutes(2))


def test_the_preview_is_the_customers_newest_message() -> None:
    standing = measure([asks(0, text="first"), asks(1, text="second", language="ar"), answer(2, text="ours")])
    assert (standing.preview, standing.preview_language) == ("second", "ar")


def test_messages_of_one_second_stand_in_the_order_they_came() -> None:
    one, two = asks(0, -0.1, turn=1, text="one"), asks(0, -0.2, turn=2, text="two")
    assert measure([one, two]) == measure([two, one])
    assert measure([two, one]).preview == "two"


# --- what holds of every ticket -------------------------------------------------------------------------------------
moments = st.integers(-10, 50).map(minutes)
entry = st.builds(
    Entry,
    ours=st.booleans(),
    posted_at=moments,
    received_at=moments,
    valence=st.none() | st.floats(-1, 1),
    awaiting=st.booleans(),
    urgency=st.sampled_from(["low", "normal", "high", "odd"]),
    text=st.text(max_size=5),
    written_here=st.booleans(),
    lost=st.booleans(),
)


@st.composite
def tickets(draw: st.DrawFn) -> list[Entry]:
    drawn = draw(st.lists(entry, max_size=8))
    turns = draw(st.permutations(range(len(drawn))))
    return [
        replace(
            one,
            turn=turn,
            awaiting=one.awaiting and not one.ours,
            written_here=one.written_here and one.ours,
            lost=one.lost and one.written_here and one.ours,
        )
        for one, turn in zip(drawn, turns, strict=True)
    ]


@given(tickets(), st.randoms())
def test_the_order_of_telling_changes_nothing(told: list[Entry], dice: object) -> None:
    shuffled = list(told)
    dice.shuffle(shuffled)
    assert measure(shuffled) == measure(told)


@given(tickets())
def test_lost_answers_only_keep_their_place(told: list[Entry]) -> None:
    kept = [one for one in told if not one.lost]
    assert replace(measure(told), position=len(kept)) == measure(kept)
    assert measure(told).position == len(told)


@given(tickets())
def test_somebody_waits_exactly_if_a_message_awaits_that_no_writer_had_seen(told: list[Entry]) -> None:
    seen = max((one.turn for one in told if one.written_here and not one.lost), default=-1)
    unseen = [one for one in told if one.awaiting and one.turn > seen]
    assert measure(told).waiting_since == min((one.received_at for one in unseen), default=None)


@given(tickets())
def test_times_and_valences_are_those_of_messages_on_the_ticket(told: list[Entry]) -> None:
    standing = measure(told)
    known = {one.valence for one in told if not one.ours} | {None}
    assert {standing.first_valence, standing.before_valence, standing.after_valence, standing.latest_valence} <= known
    assert (standing.first_answered_at is None) == (standing.last_answered_at is None)
    if standing.first_answered_at and standing.last_answered_at:
        assert standing.first_answered_at <= standing.last_answered_at
        assert standing.last_customer_at is not None
    if standing.first_answered_at is None:
        assert standing.before_valence is standing.after_valence is None
    if standing.after_valence is not None:
        assert standing.latest_valence == standing.after_valence


@given(tickets(), st.floats(-1, 1))
def test_what_the_customer_says_after_care_moves_only_what_comes_after(told: list[Entry], valence: float) -> None:
    before = measure(told)
    if before.first_answered_at is None:
        return
    said = theirs(60, valence, turn=len(told))
    after = measure([*told, said])
    assert (after.first_answered_at, after.last_answered_at) == (before.first_answered_at, before.last_answered_at)
    assert after.before_valence == pytest.approx(before.before_valence)
    assert after.after_valence == after.latest_valence == valence
