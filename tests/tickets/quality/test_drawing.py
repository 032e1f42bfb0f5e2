"""Which tickets are drawn: by need and by chance, none twice."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tickets.quality.drawing import Candidate, Why, draw

QUIET = [Candidate(n) for n in range(100, 120)]
NEEDS = st.sampled_from([None, Why.HARM, Why.GUARD, Why.REOPENED])


def test_half_is_drawn_by_need_with_the_worst_first_and_half_by_chance() -> None:
    needy = [Candidate(1, Why.REOPENED), Candidate(2, Why.HARM), Candidate(3, Why.GUARD)]
    drawn = draw([*QUIET, *needy], 4, Random(3))
    assert drawn[:2] == [(2, Why.HARM), (3, Why.GUARD)]
    assert len(drawn) == 4


def test_a_week_without_trouble_is_drawn_by_chance_alone() -> None:
    assert {why for _ticket, why in draw(QUIET, 3, Random(1))} == {Why.CHANCE}


def test_chance_reaches_every_ticket() -> None:
    drawn = Counter(ticket for seed in range(400) for ticket, _why in draw(QUIET, 3, Random(seed)))
    assert set(drawn) == {one.ticket for one in QUIET}
    # 400 draws of 3 in 20: 60 each, give or take.
    assert max(drawn.values()) < 100


@given(st.lists(NEEDS, max_size=30), st.integers(0, 12), st.integers())
def test_as_many_as_wanted_and_there_are_each_once(needs: list[Why | None], wanted: int, seed: int) -> None:
    candidates = [Candidate(n, need) for n, need in enumerate(needs)]
    drawn = draw(candidates, wanted, Random(seed))
    tickets = [ticket for ticket, _why in drawn]
    assert len(tickets) == len(set(tickets)) == min(wanted, len(candidates))
    assert all(why == (needs[ticket] or Why.CHANCE) for ticket, why in drawn)
