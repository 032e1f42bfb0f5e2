"""Live changes: what happened to tickets since a position. A hint for pages, never the truth.

A position is the oldest transaction that was still running when somebody last looked (pg_snapshot_xmin). Whatever
commits later was written by a transaction not older than that, so asking for `xact >= position` skips nothing, however
late a transaction commits; some changes come twice, which does no harm.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.permissions import brand_ids
from tickets.models import Activity

# A page further behind than this many changes is drawn anew instead.
MOST_CHANGES = 400


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the record as the stream carries it."""

    id: int
    ticket: int
    brand: int
    verb: str
    by: int | None
    team: int | None


@dataclass(frozen=True, slots=True)
class News:
    """Changes since a position, and the position to ask from next. `reload`: too much to tell, draw the page anew."""

    position: str
    changes: list[Change] = field(default_factory=list)
    reload: bool = False


def position() -> str:
    """Where the record stands now; take it before reading what a page shows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return str(cursor.fetchone()[0])


def since(start: str) -> News:
    """Everything written since a position, of all brands. A position nobody gave out means: draw anew."""
    now = position()
    if not start.isdecimal() or len(start) > 18:
        return News(now, reload=True)
    rows = (
        Activity.objects.filter(xact__gte=int(start))
        .order_by("id")
        .values_list("id", "ticket_id", "ticket__brand_id", "verb", "actor_id", "ticket__team_id")[: MOST_CHANGES + 1]
    )
    changes = [Change(*row) for row in rows]
    if len(changes) > MOST_CHANGES or int(start) > int(now):
        return News(now, reload=True)
    return News(now, changes)


def changes(user: User, start: str) -> dict[str, Any]:
    """The answer to one page: changes of the tickets this person may see, folded by ticket."""
    return told_to(brand_ids(user), since(start))


def told_to(brands: frozenset[int] | None, news: News) -> dict[str, Any]:
    """News as JSON for somebody who sees these brands (None: all)."""
    if news.reload:
        return {"position": news.position, "reload": True}
    verbs: dict[int, list[str]] = defaultdict(list)
    by: dict[int, int | None] = {}
    for change in news.changes:
        if brands is None or change.brand in brands:
            verbs[change.ticket].append(change.verb)
            by[change.ticket] = change.by
    told = [{"ticket": ticket, "verbs": sorted(set(done)), "by": by[ticket]} for ticket, done in verbs.items()]
    return {"position": news.position, "changes": told}
