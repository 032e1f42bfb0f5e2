"""A hundred clocks that run out together are one piece of news to whoever leads, and not a hundred.

Of tickets that are somebody's own each is told. Of the others the first few of a quarter of an hour are told each, and
then that there are many, once for the quarter; the list of those breaching soon has them all.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count

from tickets.models import Notice

QUARTER = timedelta(minutes=15)
FEW = 8


def as_one(notices: Iterable[Notice], now: datetime) -> list[Notice]:
    """These notices, with one instead of those beyond the first few of a person and kind. One query."""
    made = list(notices)
    begun = now - timedelta(seconds=now.timestamp() % QUARTER.total_seconds())
    others = {(one.user_id, one.kind) for one in made if not _own(one)}
    if not others:
        return made
    before = Notice.objects.filter(user__in={user for user, _kind in others}, at__gte=begun, ticket__isnull=False)
    rows = before.order_by().values("user", "kind").annotate(n=Count("id"))
    told = Counter({(row["user"], row["kind"]): row["n"] for row in rows})
    kept: list[Notice] = []
    for one in made:
        if _own(one):
            kept.append(one)
            continue
        told[one.user_id, one.kind] += 1
        few = told[one.user_id, one.kind] <= FEW
        kept.append(one if few else _many(one, begun))
    return kept


def _own(notice: Notice) -> bool:
    return notice.ticket is not None and notice.ticket.assignee_id == notice.user_id


def _many(notice: Notice, begun: datetime) -> Notice:
    """The key makes one of all of a quarter."""
    key = f"many:{notice.kind}:{begun.timestamp():.0f}"
    return Notice(user_id=notice.user_id, kind=notice.kind, data={"many": True}, key=key, at=notice.at)
