"""Live changes: what happened to tickets since a position. A hint for pages, never the truth.

A position is the oldest transaction that was still running when somebody last looked (pg_snapshot_xmin). Whatever
commits later was written by a transaction not older than that, so asking for `xact >= position` skips nothing, however
late a transaction commits; some changes come twice, which does no harm.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.permissions import brand_ids
from tickets.models import Activity

# A page further behind than this many changes is drawn anew instead.
MOST_CHANGES = 400
# What is read at once for pages that come back together.
MOST_READ = 4000


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the record as the stream carries it."""

    id: int
    ticket: int
    brand: int
    verb: str
    by: int | None
    team: int | None
    xact: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """Changes since a position, and the position to ask from next. `reload`: too much to tell, draw the page anew."""

    position: str
    changes: list[Change] = field(default_factory=list)
    reload: bool = False


# Where the record stands, as a column: the first reading of a page may tell it beside what it reads.
POSITION_SQL = "pg_snapshot_xmin(pg_current_snapshot())::text"


def position() -> str:
    """Where the record stands now; take it before reading what a page shows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {POSITION_SQL}")
        return str(cursor.fetchone()[0])


def since(start: str) -> News:
    """Everything written since a position, of all brands. A position nobody gave out means: draw anew."""
    return since_each([start])[start]


def since_each(starts: Collection[str]) -> dict[str, News]:
    """The same for many positions at once: the record is read once, and each has its own part of it."""
    now = position()
    known = {start: int(start) for start in starts if start.isdecimal() and len(start) <= 18 and int(start) <= int(now)}
    found = {start: News(now, reload=True) for start in starts}
    if not known:
        return found
    most = MOST_CHANGES if len(known) == 1 else MOST_READ
    read = _read(min(known.values()), most)
    xacts = [change.xact for change in read]
    for start, xact in known.items():
        at = bisect_left(xacts, xact)
        # Where the read was cut short, its oldest transaction may be known by half.
        whole = len(read) <= most or xact > xacts[0]
        if whole and len(read) - at <= MOST_CHANGES:
            found[start] = News(now, sorted(read[at:], key=attrgetter("id")))
    return found


def _read(xact: int, most: int) -> list[Change]:
    """What was written by this transaction and younger ones, oldest first; the newest `most` and one more."""
    rows = (
        Activity.objects.filter(xact__gte=xact)
        .order_by("-xact")
        .values_list("id", "ticket_id", "ticket__brand_id", "verb", "actor_id", "ticket__team_id", "xact")[: most + 1]
    )
    return [Change(*row) for row in rows][::-1]


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
