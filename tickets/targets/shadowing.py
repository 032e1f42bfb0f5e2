"""Policies that nothing ever comes to, because those above take every ticket they are for. Pure, but for `told_of`.

A policy is shadowed by one above it whose conditions are as wide as its own, or wider, in every respect; or by several
that take all of its tickets together, as one for each brand there is, or for each kind of incident.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from accounts.models import Brand
from tickets.models import Incident, SlaPolicy
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


class Sort(NamedTuple):
    """Tickets that no policy tells apart. `incident` 0: one of this kind that no policy names; kind "": of none."""

    brand: int
    tier: int | None
    priority: int
    kind: str
    incident: int


def shadowed(
    policies: Sequence[Meant], brands: Collection[int], kinds: Collection[str] = tuple(Incident.Kind)
) -> dict[int, list[int]]:
    """By the policies that nothing comes to, the first above each that takes all, or those that do together.

    Given in the order in which they are asked, with all brands and kinds of incidents that there are.
    """
    found: dict[int, list[int]] = {}
    sorts = list(_sorts(policies, brands, kinds)) if len(policies) > 2 else []
    for place, below in enumerate(policies):
        one = next((one.id for one in policies[:place] if takes_all(one, below)), None)
        above = (
            [one] if one is not None else _together(policies[:place], [sort for sort in sorts if _fits(below, sort)])
        )
        if above:
            found[below.id] = above
    return found


def _together(above: Sequence[Meant], left: list[Sort]) -> list[int]:
    """Those that between them take all of these sorts; none where some are left, or there were none."""
    taking: list[int] = []
    for one in above:
        rest = [sort for sort in left if not _fits(one, sort)]
        if len(rest) < len(left):
            taking.append(one.id)
            left = rest
    return [] if left else taking


def _sorts(policies: Sequence[Meant], brands: Collection[int], kinds: Collection[str]) -> Iterator[Sort]:
    tiers = {(one.tier, one.brand) for one in policies if one.tier is not None}
    named = {(one.incident, one.kind, one.brand) for one in policies if one.incident is not None}
    for brand in brands:
        its_tiers = [None, *(tier for tier, of in tiers if of == brand)]
        unnamed = [("", 0), *((kind, 0) for kind in kinds)]
        its_incidents = unnamed + [(kind, incident) for incident, kind, of in named if of == brand]
        for tier, priority, (kind, incident) in product(its_tiers, range(1, LOWEST + 1), its_incidents):
            yield Sort(brand, tier, priority, kind, incident)


def _fits(one: Meant, sort: Sort) -> bool:
    return (
        one.brand in {None, sort.brand}
        and one.tier in {None, sort.tier}
        and sort.priority <= (one.priority or LOWEST)
        and one.incident in {None, sort.incident}
        and (one.kind in {"", sort.kind} or (one.kind == ANY and bool(sort.kind)))
    )


def told_of(rows: Iterable[SlaPolicy]) -> dict[int, list[SlaPolicy]]:
    """By the rows that are on and that nothing comes to, those that take all; rows as READ has them, in order."""
    on = {row.pk: row for row in rows if row.is_on}
    brands = list(Brand.objects.values_list("pk", flat=True)) if len(on) > 1 else []
    found = shadowed([_meant(row) for row in on.values()], brands)
    return {below: [on[one] for one in above] for below, above in found.items()}


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
