"""How far a distribution has moved from what it was: the population stability index, and what counts as an alarm. Pure.

Siddiqi, *Credit Risk Scorecards* (Wiley 2006), chapter 9, gives the index and its rule of thumb: below 0.10 nothing has
changed, up to 0.25 something has, above 0.25 the population is another one. It is the symmetric divergence of Jeffreys
("An Invariant Form for the Prior Probability in Estimation Problems", Proc. R. Soc. A 186, 1946) between the two.
"""

from collections.abc import Mapping, Sequence
from math import log

# A distribution this far from the weeks before it is another one.
SHIFTED = 0.25
# Fewer messages in a week say too little: where nothing changed, the index of B classes is about (B - 1) * (1/n + 1/m)
# for weeks of n messages against m (Yurdakul and Naranjo, "Statistical properties of the population stability index",
# Journal of Risk Model Validation 14(4), 2020): 0.08 for fourteen reasons at 200 against four times 200.
ENOUGH = 200
# The weeks that a week is held against, and how many of them must hold enough.
BEFORE, LEAST_BEFORE = 4, 2
# People correct more than this share of a label, and at least so many times as before.
OFTEN, TIMES = 0.05, 2.0

Counts = Mapping[str, int]


def shares(counts: Counts, classes: Sequence[str]) -> list[float]:
    """The share of each class, from 0 to 1, together 1; half a count is added to each.

    A class that nobody was seen in would make the index infinite; half a count is Jeffreys' prior (above), known for
    estimating shares as that of Krichevsky and Trofimov ("The performance of universal encoding", IEEE Trans. Inf.
    Theory 27(2), 1981).
    """
    total = sum(counts.get(name, 0) for name in classes) + 0.5 * len(classes)
    return [(counts.get(name, 0) + 0.5) / total for name in classes]


def shift(now: Counts, before: Sequence[Counts]) -> float | None:
    """The population stability index of `now` against the mean of the distributions `before`, from 0 up.

    Sum over the classes of (now - mean) * ln(now / mean). None where either side counts nothing.
    """
    if not sum(now.values()) or not before or not all(sum(counts.values()) for counts in before):
        return None
    classes = sorted({name for counts in (now, *before) for name in counts})
    then = [mean(column) for column in zip(*(shares(counts, classes) for counts in before), strict=True)]
    pairs = zip(shares(now, classes), then, strict=True)
    return sum((current - past) * log(current / past) for current, past in pairs)


def doubled(now: float, before: Sequence[float]) -> bool:
    """Whether people correct this share of a label, above one in twenty, twice that of the weeks before or more."""
    return now > OFTEN and now >= TIMES * mean(before)


def mean(values: Sequence[float]) -> float:
    """The plain mean; of nothing, nought."""
    return sum(values) / len(values) if values else 0.0
