"""Which of the tickets that somebody worked on are looked at. Pure: lists in, a choice out.

Half are drawn by need (rounded up), half by chance; where one kind runs short the other fills up. Need tells its worst
reason first. Chance draws from everything, so that a week without trouble is seen as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Why(StrEnum):
    """Why a ticket is looked at, as Review.why keeps it; the worst first."""

    HARM = "harm"  # the customer felt worse after our answer
    GUARD = "guard"  # the guard found something grave in an answer
    REOPENED = "reopened"
    CHANCE = "chance"


WORST_FIRST = {why: place for place, why in enumerate(Why)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that somebody answered and that is solved; `need` without anything: nothing went wrong."""

    ticket: int
    need: Why | None = None


def draw(candidates: Sequence[Candidate], wanted: int, rng: Random) -> list[tuple[int, Why]]:
    """So many tickets, each with why; fewer where there are fewer. No ticket comes twice."""
    shuffled = list(candidates)
    rng.shuffle(shuffled)
    needy = sorted((one for one in shuffled if one.need), key=lambda one: WORST_FIRST[one.need or Why.CHANCE])
    by_need = [(one.ticket, one.need) for one in needy[: (wanted + 1) // 2] if one.need]
    taken = {ticket for ticket, _why in by_need}
    # By chance: a ticket that needs it as well says so, for that is what the reviewer will see.
    others = [(one.ticket, one.need or Why.CHANCE) for one in shuffled if one.ticket not in taken]
    return [*by_need, *others[: max(wanted - len(by_need), 0)]]
