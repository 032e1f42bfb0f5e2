"""The lists of the inbox: which tickets a view holds, in which order, page by page, and how many there are.

A page is found by its cursor (the sort values of the last row), never by counting rows away, so the thousandth page
costs what the first one does. Counts stop at a thousand.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import brand_ids
from tickets import unexamined
from tickets.models import Ticket

PAGE_SIZE = 50
COUNT_CAP = 1000


@dataclass(frozen=True, slots=True)
class View:
    """One list of the rail. `newest_first` lists show what moved last; the others what matters next."""

    slug: str
    label: Promise
    icon: str
    key: str
    newest_first: bool = False


VIEWS = {
    view.slug: view
    for view in (
        View("mine", _("Mine"), "user", "g i"),
        View("unassigned", _("Unassigned"), "user-question", "g u"),
        View("team", _("My team"), "users", "g t"),
        View("waiting", _("Waiting for customer"), "hourglass", "g w"),
        View("all", _("All"), "archive", "g l", newest_first=True),
    )
}


class BadCursor(ValueError):
    """A cursor that this list did not hand out."""


class Cursor(NamedTuple):
    """The sort values of the last row of a page."""

    at: datetime
    pk: int

    def token(self) -> str:
        """Opaque text for an address."""
        raw = json.dumps([self.at.isoformat(), self.pk], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, token: str) -> "Cursor":
        """The cursor of a token. Raises BadCursor for anything we did not make."""
        try:
            at, pk = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            moment = datetime.fromisoformat(at)
        except (ValueError, TypeError, binascii.Error, RecursionError) as error:
            raise BadCursor(token[:80]) from error
        if moment.tzinfo is None or type(pk) is not int or not 0 <= pk < 2**63:
            raise BadCursor(token[:80])
        return cls(moment, pk)


class Row(NamedTuple):
    """What one row of a list shows, straight from the database: no model is built for it."""

    id: int
    subject: str
    preview: str
    preview_language: str
    status: str
    urgency: str
    due_at: datetime | None
    waiting_since: datetime | None
    updated_at: datetime
    first_valence: float | None
    latest_valence: float | None
    lift: float | None
    why: list[dict[str, Any]]
    position: int
    assignee_id: int | None
    assignee: str | None
    name: str
    handle: str
    external_id: str
    platform: str


ROW_FIELDS = (*Row._fields[:15], "assignee__name", "contact__name", "contact__handle", "contact__external_id",
              "channel__platform")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, and the cursor of the next page if there is one."""

    rows: list[Row]
    next: str = ""


def tickets_of(view: View, user: User) -> QuerySet[Ticket]:
    """The tickets of a view that this person may see, without an order."""
    seen = Ticket.objects.visible_to(user)
    if view.slug == "mine":
        return seen.mine(user)
    if view.slug == "unassigned":
        return seen.unassigned()
    if view.slug == "team":
        return seen.live().filter(team__in=user.memberships.values("team"))
    if view.slug == "waiting":
        return seen.mine(user).filter(status=Ticket.Status.PENDING)
    return seen


def page_of(view: View, tickets: QuerySet[Ticket], after: str = "", size: int = PAGE_SIZE) -> Page:
    """One page in the view's order. Raises BadCursor."""
    tickets = tickets.order_by(*(("-updated_at", "-id") if view.newest_first else ("due_at", "id")))
    if after:
        tickets = tickets.filter(_beyond(view, Cursor.read(after)))
    rows = rows_of(tickets[: size + 1])
    if len(rows) <= size:
        return Page(rows)
    last = rows[size - 1]
    at = last.updated_at if view.newest_first else last.due_at
    return Page(rows[:size], Cursor(at, last.id).token() if at else "")


def rows_of(tickets: QuerySet[Ticket]) -> list[Row]:
    """These tickets as rows of a list."""
    return [Row._make(values) for values in tickets.values_list(*ROW_FIELDS)]


def _beyond(view: View, cursor: Cursor) -> Q:
    """Behind the cursor. The first condition alone lets the index jump there; the second settles equal times."""
    if view.newest_first:
        tie = Q(updated_at__lt=cursor.at) | Q(updated_at=cursor.at, id__lt=cursor.pk)
        return Q(updated_at__lte=cursor.at) & tie
    return Q(due_at__gte=cursor.at) & (Q(due_at__gt=cursor.at) | Q(due_at=cursor.at, id__gt=cursor.pk))


class Counts(NamedTuple):
    """How many tickets each view holds, how many wait for this person's answer now, and how many messages that triage
    set aside must be examined; each stopping at COUNT_CAP.
    """

    mine: int
    unassigned: int
    team: int
    waiting: int
    all: int
    load: int
    examine: int


# Written out, because composing six querysets costs more than running them; a test holds each to its queryset.
LIVE_SQL = "t.status IN ('new', 'open', 'pending', 'snoozed') AND "
MY_TEAMS_SQL = "SELECT m.team_id FROM accounts_membership m WHERE m.user_id = %(user)s"
COUNT_SQL = {
    "mine": LIVE_SQL + "t.assignee_id = %(user)s",
    "unassigned": LIVE_SQL + "t.assignee_id IS NULL",
    "team": LIVE_SQL + f"t.team_id IN ({MY_TEAMS_SQL})",
    "waiting": LIVE_SQL + "t.assignee_id = %(user)s AND t.status = 'pending'",
    "all": "true",
}
LOAD_SQL = "t.assignee_id = %(user)s AND t.status IN ('new', 'open')"


def _count_statement(*, everything: bool) -> str:
    """One statement for all counts."""
    seen = "" if everything else " AND t.brand_id = ANY(%(brands)s)"
    limited = "(SELECT count(*) FROM (SELECT 1 FROM tickets_ticket t WHERE {} LIMIT %(cap)s) counted)"
    parts = [limited.format(condition + seen) for condition in COUNT_SQL.values()]
    examine = unexamined.count_sql(unexamined.parts()["unsure"], everything=everything)
    return f"SELECT {', '.join([*parts, limited.format(LOAD_SQL), examine])}"


def counts(user: User) -> Counts:
    """All counts of the rail in one query."""
    allowed = brand_ids(user)
    with connection.cursor() as cursor:
        cursor.execute(
            _count_statement(everything=allowed is None),
            {"user": user.pk, "cap": COUNT_CAP, "brands": sorted(allowed or ()), **unexamined.figures()},
        )
        return Counts._make(cursor.fetchone())


def capped(count: int) -> str:
    """A count as it is shown: never more than four characters."""
    return f"{COUNT_CAP - 1}+" if count >= COUNT_CAP else str(count)
