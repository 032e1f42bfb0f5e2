"""Policies that nothing ever comes to, because one above them takes every ticket they are for. Pure, but for `told_of`.

A policy is shadowed by one above it whose conditions are as wide as its own, or wider, in every respect. Several above
that only together take all of its tickets are not looked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tickets.models import SlaPolicy
from tickets.targets.clocks import ANY

# The priority of those that are least grave: what a policy without a priority reaches down to.
LOWEST = 4


@dataclass(frozen=True, slots=True)
class Meant:
    """Which tickets a policy is for (tickets.targets.clocks.Policy), with all that follows from it.

    `brand`: its own, or its tier's or incident's; `kind`: its own, or its incident's, ANY for any incident, "" where
    incidents do not matter. None stands for any.
    """

    id: int
    brand: int | None = None
    tier: int | None = None
    priority: int | None = None
    kind: str = ""
    incident: int | None = None


def takes_all(above: Meant, below: Meant) -> bool:
    """Whether `above` fits every ticket that `below` fits."""
    return (
        above.brand in {None, below.brand}
        and above.tier in {None, below.tier}
        and (above.priority or LOWEST) >= (below.priority or LOWEST)
        and above.incident in {None, below.incident}
        and (above.kind in {"", below.kind} or (above.kind == ANY and bool(below.kind)))
    )


def shadowed(policies: Sequence[Meant]) -> dict[int, int]:
    """By the policies that nothing comes to, the first above each that takes all; given in the order they are asked."""
    found: dict[int, int] = {}
    for place, below in enumerate(policies):
        above = next((one for one in policies[:place] if takes_all(one, below)), None)
        if above is not None:
            found[below.id] = above.id
    return found


def told_of(rows: Iterable[SlaPolicy]) -> dict[int, SlaPolicy]:
    """By the rows that are on and that nothing comes to, the one that takes all; rows as READ has them, in order."""
    on = {row.pk: row for row in rows if row.is_on}
    return {below: on[above] for below, above in shadowed([_meant(row) for row in on.values()]).items()}


# What `told_of` looks at beside the row itself.
READ = ("tier", "incident")


def _meant(row: SlaPolicy) -> Meant:
    brand = row.brand_id
    if brand is None and row.tier is not None:
        brand = row.tier.brand_id
    if brand is None and row.incident is not None:
        brand = row.incident.brand_id
    kind = row.incident.kind if row.incident is not None else row.event
    return Meant(row.pk, brand, row.tier_id, row.priority, kind, row.incident_id)
