"""Finding: from a question to tickets, newest first, each at the newest of its messages that fits.

Time is searched in stretches, the last hour first and each stretch longer than the one before, until a page is full.
The stretch is a word of the same index as the words that are looked for (tickets.listing.search.words), so that a word
which is in every other message costs no more than one that is in ten: of both lists only the shorter one is read. One
statement holds all stretches; PostgreSQL begins with the next only while rows are wanted.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower

from accounts.models import User
from accounts.permissions import brand_ids
from tickets.listing.search.asking import Asked, tsquery
from tickets.listing.search.words import STRETCHES, any_of, brand, stretch
from tickets.models import Tag, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.time_limit import time_limit

PAGE = 50
# Where filters leave little of what is found, this many fitting messages are looked at, and no more.
MOST_LOOKED_AT = 6400
# Words that a half word may become.
COMPLETIONS = 50
# Whatever came in while the question was read.
AHEAD = timedelta(minutes=5)

# The rows of a stretch are sorted before anything else is asked of them, so that a full page ends the work; the joins
# that would rather read whole tables are taken away (`limited`).
STRETCH_SQL = """
    (SELECT s.message_id, s.at FROM tickets_searchrow s
     WHERE s.words @@ %s::tsquery AND (s.at, s.message_id) < (%s, %s) ORDER BY s.at DESC, s.message_id DESC)
"""
# Which ticket a hit is on is asked of each in turn, for a join might change their order. The filters are asked before
# whether a newer message of the ticket fits, for that is dearer; the last row that is looked at comes whether it fits
# or not, to tell where looking ended. `|| ''` keeps PostgreSQL from asking the index of words once more for each row;
# each OFFSET keeps what stands in it from becoming a join after all.
FOUND_SQL = """
    SELECT * FROM (
        SELECT h.*, h.ticket_id IS NOT NULL AND EXISTS ({filters} OFFSET 0) AND NOT EXISTS (
            SELECT 1 FROM tickets_ticketmessage f JOIN tickets_searchrow n ON n.message_id = f.message_id
            WHERE f.ticket_id = h.ticket_id AND (n.at, n.message_id) > (h.at, h.message_id)
            AND (n.words || ''::tsvector) @@ %s::tsquery
            OFFSET 0
        ) AS fits
        FROM (
            SELECT (SELECT e.ticket_id FROM tickets_ticketmessage e WHERE e.message_id = s.message_id) AS ticket_id,
                   s.message_id, s.at, row_number() OVER () AS number
            FROM ({stretches}) s LIMIT %s
        ) h OFFSET 0
    ) g
    WHERE fits OR number = %s
    LIMIT %s
"""
COMPLETE_SQL = """
    SELECT DISTINCT stem FROM (
        SELECT stem FROM tickets_searchword WHERE word LIKE %s ORDER BY length(word), word LIMIT %s
    ) found
"""
# Joins that would rather read whole tables.
NO_WHOLE_TABLES = {
    "enable_hashjoin": "off", "enable_mergejoin": "off", "enable_seqscan": "off",
    "max_parallel_workers_per_gather": "0", "jit": "off",
}  # fmt: skip


class BadPlace(ValueError):
    """A place to go on from that search did not hand out."""


class Hit(NamedTuple):
    """A ticket, and its newest message that fits."""

    ticket: int
    message: int
    at: datetime


class Place(NamedTuple):
    """Where a page ended: what lies before it comes next."""

    at: datetime
    message: int

    def token(self) -> str:
        """Text for an address: microseconds and id."""
        return f"{round(self.at.timestamp() * 1_000_000)}.{self.message}"

    @classmethod
    def read(cls, token: str) -> "Place":
        """Raises BadPlace for anything but our own."""
        moment, _dot, message = token.partition(".")
        if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (moment, message)):
            raise BadPlace(token[:80])
        try:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moment))
        except OverflowError:
            raise BadPlace(token[:80]) from None
        return cls(at, int(message))


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, in order; `next` is empty at the end, `cut` where we stopped looking before it."""

    hits: list[Hit]
    next: str = ""
    cut: bool = False


def find(
    question: Asked,
    user: User,
    tickets: QuerySet[Ticket],
    now: datetime,
    *,
    after: str = "",
    size: int = PAGE,
    milliseconds: int | None = None,
) -> Found:
    """A page of hits among `tickets`, which the caller narrowed, for words, names and tags.

    Only brands this person may see are searched, whatever `tickets` holds. Raises TooSlow, BadPlace.
    """
    place = Place.read(after) if after else Place(now + AHEAD, 0)
    allowed = brand_ids(user)
    tickets = cast("TicketQuerySet", tickets).visible_to(user).filter(_tagged(question, allowed))
    if not question.has_words or allowed == frozenset():
        return _by_facts(question, tickets, place, size)
    with limited(milliseconds):
        query = tsquery(question, completions)
        if allowed is not None:
            query = f"({query}) & {any_of(map(brand, sorted(allowed)))}"
        return _by_words(query, tickets, place, size)


def numbered(question: Asked, user: User) -> int | None:
    """The ticket whose number was typed, if this person may see it."""
    if question.number is None:
        return None
    return Ticket.objects.visible_to(user).filter(pk=question.number).values_list("pk", flat=True).first()


def completions(half: str) -> list[str]:
    """The stems of the shortest words that begin so."""
    like = half.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    with connection.cursor() as cursor:
        cursor.execute(COMPLETE_SQL, [like, COMPLETIONS])
        return sorted(stem for (stem,) in cursor.fetchall())


def limited(milliseconds: int | None = None) -> AbstractContextManager[None]:
    """Statements in here end after search's own time and take no whole table in hand. Raises TooSlow."""
    return time_limit(milliseconds or settings.SEARCH_MILLISECONDS, **NO_WHOLE_TABLES)


# --- by words -------------------------------------------------------------------------------------------------------
def _by_words(query: str, tickets: QuerySet[Ticket], place: Place, size: int) -> Found:
    """Hits whose tickets are among `tickets`, in one statement that ends with a full page."""
    try:
        filters, asked = _of_the_row(tickets)
    except EmptyResultSet:
        return Found([])
    parts, words = _back_from(query, place)
    with connection.cursor() as cursor:
        cursor.execute(
            FOUND_SQL.format(filters=filters, stretches=" UNION ALL ".join(parts)),
            [*asked, query, *words, MOST_LOOKED_AT, MOST_LOOKED_AT, size + 1],
        )
        rows = cursor.fetchall()
    hits = [Hit(ticket, message, at) for ticket, message, at, _number, fits in rows if fits]
    if len(hits) > size:
        return Found(hits[:size], Place(hits[size - 1].at, hits[size - 1].message).token())
    if rows and rows[-1][3] == MOST_LOOKED_AT:
        _ticket, message, at, _number, _fits = rows[-1]
        return Found(hits, Place(at, message).token(), cut=True)
    return Found(hits)


def _of_the_row(tickets: QuerySet[Ticket]) -> tuple[str, tuple[Any, ...]]:
    """The filters as a question about the ticket of one row of FOUND_SQL. Raises EmptyResultSet: none can fit."""
    one = tickets.filter(pk=RawSQL("h.ticket_id", ())).order_by().values(there=Value(1))
    sql, params = one.query.sql_with_params()
    return sql, tuple(params)


def _back_from(query: str, place: Place) -> tuple[list[str], list[str | datetime | int]]:
    """One part of the statement for each group of stretches before a place, and what they ask with."""
    parts: list[str] = []
    params: list[str | datetime | int] = []
    for words in stretches(int(place.at.timestamp())):
        parts.append(STRETCH_SQL)
        params += [f"({query}) & {any_of(words)}", *place]
    # What is older than all stretches.
    oldest = datetime.fromtimestamp((int(place.at.timestamp()) >> STRETCHES[-1]) - 1 << STRETCHES[-1], UTC)
    parts.append(STRETCH_SQL)
    params += [query, *min(place, Place(oldest, 0))]
    return parts, params


def stretches(second: int) -> Iterator[list[str]]:
    """Groups of stretches back from a moment, without a gap, down to where the longest stretch before its own begins.

    No group is longer than three times all before it, or the last might cost far more than all the others.
    """
    beyond = (second >> STRETCHES[0]) + 1 << STRETCHES[0]
    down_to = (second >> STRETCHES[-1]) - 1 << STRETCHES[-1]
    begins = beyond
    while begins > down_to:
        ends = begins
        room = max(3 * (beyond - ends), 1 << STRETCHES[0])
        group = []
        while begins > down_to and (power := _longest(begins, room - (ends - begins))):
            begins -= 1 << power
            group.append(stretch(power, begins >> power))
        yield group


def _longest(end: int, room: int) -> int:
    """Of the stretches that end at this second, the longest that takes at most `room` seconds; 0 if none."""
    return max((power for power in STRETCHES if not end % (1 << power) and 1 << power <= room), default=0)


# --- by facts alone -------------------------------------------------------------------------------------------------
def _by_facts(question: Asked, tickets: QuerySet[Ticket], place: Place, size: int) -> Found:
    """Tickets by tag alone, those that moved last first."""
    if not question.tags:
        return Found([])
    beyond = Q(updated_at__lte=place.at) & (Q(updated_at__lt=place.at) | Q(id__lt=place.message))
    with limited():
        rows = tickets.filter(beyond).order_by("-updated_at", "-id").values_list("id", "updated_at")[: size + 1]
        hits = [Hit(pk, 0, at) for pk, at in rows]
    if len(hits) <= size:
        return Found(hits)
    return Found(hits[:size], Place(hits[size - 1].at, hits[size - 1].ticket).token())


def _tagged(question: Asked, allowed: Iterable[int] | None) -> Q:
    """Tickets with every tag that was named; a tag is found by the beginning of its name in either language."""
    wanted = Q()
    for name in question.tags:
        tags = Tag.objects.annotate(small=Lower("name"))
        tags = tags.filter(Q(small__startswith=name.lower()) | Q(name_ar__startswith=name))
        if allowed is not None:
            tags = tags.filter(Q(brand=None) | Q(brand__in=allowed))
        wanted &= Q(tags__overlap=list(tags.values_list("id", flat=True)[:100]))
    return wanted
