"""The lists of the inbox: which tickets a view holds, page by page, and how many there are.

Orders and cursors are tickets.listing.ordering. Counts stop at a thousand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import brand_ids
from tickets.incoming import unexamined
from tickets.listing.ordering import Cursor, sort_of
from tickets.models import Notice, Ticket

PAGE_SIZE = 50
COUNT_CAP = 1000
# A clock that runs out within this time, or has run out, is on the list of those breaching soon.
SOON = timedelta(minutes=30)
# Orders that go by a ticket's work want live tickets alone: the others have no clock.
ORDERS = ("next", "priority", "negative", "oldest", "newest")


@dataclass(frozen=True, slots=True)
class View:
    """One list of the rail, and its orders: the first is its own."""

    slug: str
    label: Promise
    icon: str
    key: str
    sorts: tuple[str, ...] = ORDERS
    # Whether its rows say whose they are.
    names_people: bool = True

    @property
    def newest_first(self) -> bool:
        """Whether it holds what is done, too, and shows what moved last."""
        return "next" not in self.sorts


VIEWS = {
    view.slug: view
    for view in (
        View("mine", _("Mine"), "user", "g i", names_people=False),
        View("unassigned", _("Unassigned"), "user-question", "g u", names_people=False),
        View("team", _("My team"), "users", "g t"),
        View("breaching", _("Breaching soon"), "alarm", "g b"),
        View("mentions", _("Mentions of me"), "at", "g h"),
        View("waiting", _("Waiting for customer"), "hourglass", "g w", names_people=False),
        View("snoozed", _("Snoozed"), "zzz", "g s", names_people=False),
        View("all", _("All"), "archive", "g l", sorts=("newest", "first")),
    )
}


class Row(NamedTuple):
    """What one row of a list shows, straight from the database: no model is built for it."""

    id: int
    subject: str
    preview: str
    preview_language: str
    status: str
    urgency: str
    priority: int
    due_at: datetime | None
    waiting_since: datetime | None
    opened_at: datetime
    updated_at: datetime
    snoozed_until: datetime | None
    breached_at: datetime | None
    awaits_approval: bool
    escalated: bool
    tags: list[int]
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
    # What the incident is called that it belongs to, while that is open.
    incident: str | None = None
    # The position up to which the person for whom the rows are drawn has seen the ticket.
    seen: int | None = None


ROW_FIELDS = (*Row._fields[:-7], "assignee__name", "contact__name", "contact__handle", "contact__external_id",
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
        # What sleeps is not in the way: it comes back by itself, and has a list of its own meanwhile.
        return seen.mine(user).exclude(status=Ticket.Status.SNOOZED)
    if view.slug == "unassigned":
        return seen.unassigned()
    if view.slug == "team":
        return seen.live().filter(team__in=user.team_ids)
    if view.slug == "breaching":
        return seen.waiting_for_us().filter(waiting_since__isnull=False, due_at__lt=Now() + SOON)
    if view.slug == "mentions":
        mentions = Notice.objects.filter(user=user, kind=Notice.Kind.MENTIONED, ticket__isnull=False)
        return seen.live().filter(pk__in=mentions.values("ticket"))
    if view.slug == "waiting":
        return seen.mine(user).filter(status=Ticket.Status.PENDING)
    if view.slug == "snoozed":
        return seen.filter(assignee=user, status=Ticket.Status.SNOOZED)
    return seen


def page_of(
    view: View,
    tickets: QuerySet[Ticket],
    after: str = "",
    size: int = PAGE_SIZE,
    *,
    sort: str = "",
    user: User | None = None,
) -> Page:
    """One page in the order asked for, else the view's own. Raises BadCursor."""
    order = sort_of(sort, view.sorts)
    tickets = tickets.order_by(*order.order())
    if after:
        tickets = tickets.filter(order.beyond(Cursor.read(after, order)))
    rows = rows_of(tickets[: size + 1], user)
    if len(rows) <= size:
        return Page(rows)
    last = Cursor.behind(rows[size - 1], order)
    return Page(rows[:size], last.token() if last else "")


# Asked for each row that is shown, and not joined: what is walked to find them stays as it is.
INCIDENT_SQL = "(SELECT i.name FROM tickets_incident i WHERE i.id = tickets_ticket.incident_id AND i.closed_at IS NULL)"
SEEN_SQL = "(SELECT s.position FROM tickets_seen s WHERE s.user_id = %s AND s.ticket_id = tickets_ticket.id)"


def rows_of(tickets: QuerySet[Ticket], user: User | None = None) -> list[Row]:
    """These tickets as rows of a list; with a person, what they have seen of each."""
    tickets = tickets.annotate(in_incident=RawSQL(INCIDENT_SQL, []))  # noqa: S611 (no word of it comes from outside)
    if user is None:
        return [Row._make((*values, None)) for values in tickets.values_list(*ROW_FIELDS, "in_incident")]
    seen = RawSQL(SEEN_SQL, [user.pk])  # noqa: S611
    return [Row._make(values) for values in tickets.annotate(seen=seen).values_list(*ROW_FIELDS, "in_incident", "seen")]


class Counts(NamedTuple):
    """How many tickets each view holds, how many wait for this person's answer now, how many messages that triage set
    aside must be examined, how many answers wait for a second person, and how many each saved view holds by its
    number; each stopping at COUNT_CAP.
    """

    mine: int
    unassigned: int
    team: int
    breaching: int
    mentions: int
    waiting: int
    snoozed: int
    all: int
    load: int
    examine: int
    approvals: int
    saved: Mapping[int, int] = {}


class Counted(NamedTuple):
    """A saved view to be counted: its number, and its tickets as SQL with the parameters of that."""

    view: int
    sql: str
    params: tuple[Any, ...]


# Written out, because composing these querysets costs more than running them; a test holds each to its queryset.
LIVE_SQL = "t.status IN ('new', 'open', 'pending', 'snoozed') AND "
MENTIONS_SQL = "SELECT n.ticket_id FROM tickets_notice n WHERE n.user_id = %(user)s AND n.kind = 'mentioned'"
COUNT_SQL = {
    "unassigned": LIVE_SQL + "t.assignee_id IS NULL",
    "team": LIVE_SQL + "t.team_id = ANY(%(teams)s)",
    "breaching": "t.status IN ('new', 'open') AND t.waiting_since IS NOT NULL AND t.due_at < now() + %(soon)s",
    "mentions": LIVE_SQL + f"t.id IN ({MENTIONS_SQL})",
    "all": "true",
    "approvals": "t.awaits_approval",
}
LIMITED_SQL = "(SELECT count(*) FROM (SELECT 1 FROM tickets_ticket t WHERE {} LIMIT %(cap)s) counted)"
# What one person holds is walked once for all its counts; of more than ten caps of live tickets the rest is left out.
OWN_SQL = {"mine": "status <> 'snoozed'", "waiting": "status = 'pending'", "snoozed": "status = 'snoozed'"}
LOAD_SQL = "least(count(*) FILTER (WHERE status IN ('new', 'open')), %(cap)s) AS load"
HELD_SQL = "(SELECT status, brand_id FROM tickets_ticket t WHERE {} LIMIT %(cap)s * 10) held"


def _count_statement(*, everything: bool, more: Sequence[str]) -> str:
    """The counts that everybody's rail has, as the columns of one statement in the order of Counts, then `more`."""
    seen = "" if everything else " AND {}brand_id = ANY(%(brands)s)"
    columns = {slug: LIMITED_SQL.format(condition + seen.format("t.")) for slug, condition in COUNT_SQL.items()}
    columns["examine"] = unexamined.count_sql(unexamined.parts()["unsure"], everything=everything)
    own = [
        f"least(count(*) FILTER (WHERE {condition}{seen.format('')}), %(cap)s) AS {slug}"
        for slug, condition in OWN_SQL.items()
    ]
    told = [columns.get(name, f"own.{name}") for name in Counts._fields[:-1]]
    held = HELD_SQL.format(LIVE_SQL + "t.assignee_id = %(user)s")
    # Every piece is of this module, or made by the ORM.
    return f"SELECT {', '.join([*told, *more])} FROM (SELECT {', '.join([*own, LOAD_SQL])} FROM {held}) own"  # noqa: S608


def counts(user: User, saved: Sequence[Counted] = ()) -> Counts:
    """All counts of the rail in one query."""
    allowed = brand_ids(user)
    given: dict[str, Any] = {"user": user.pk, "cap": COUNT_CAP, "soon": SOON} | unexamined.figures()
    given |= {"brands": sorted(allowed or ()), "teams": sorted(user.team_ids)}
    with connection.cursor() as cursor:
        # What the ORM made, its values as parameters.
        kept = [cursor.mogrify(f"(SELECT count(*) FROM ({one.sql}) kept)", one.params).decode() for one in saved]  # noqa: S608
        columns = [one.replace("%", "%%") for one in kept]
        cursor.execute(_count_statement(everything=allowed is None, more=columns), given)
        told = cursor.fetchone()
    plain = len(Counts._fields) - 1
    return Counts._make((*told[:plain], dict(zip((one.view for one in saved), told[plain:], strict=True))))


def capped(count: int) -> str:
    """A count as it is shown: never more than four characters."""
    return f"{COUNT_CAP - 1}+" if count >= COUNT_CAP else str(count)
