"""Search's own stage: messages on tickets whose words it does not know yet, or not as they stand now.

`TicketMessage.indexed` is the queue. Every new row waits by its default, whoever made it, and so do all that were there
before search was; an edit, a deletion or a note puts a row back. The newest come first, so that the past never keeps
what is said now from being found. A merge or a split needs nothing: which ticket a message is on is asked when it is
found.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import structlog
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import QuerySet

from ingest import doorbell
from ingest.models import Message
from tickets.listing.search.words import Said, kept
from tickets.models import Activity, Ticket, TicketMessage

log = structlog.get_logger(__name__)

BATCH = 500
TASK = "radd.index"
# A message, and from when to when it was the newest of its ticket.
Span = tuple[int, datetime, datetime | None]
ROWS_SQL = """
    INSERT INTO tickets_searchrow (message_id, at, words)
    SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]::tsvector[])
    ON CONFLICT (message_id) DO UPDATE SET at = EXCLUDED.at, words = EXCLUDED.words
"""
WORDS_SQL = """
    INSERT INTO tickets_searchword (word, stem) SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING
"""


def ring() -> None:
    """Somebody put messages on tickets, or changed some."""
    doorbell.ring(TASK)


def index_some(limit: int = BATCH) -> int:
    """Take note of the words of one batch; how many messages left the line, 0 when none waits."""
    try:
        with transaction.atomic():
            return _index(limit)
    except DatabaseError:
        # An edit may hold one of them just now, or one has words that cannot be kept: the others go on.
        log.exception("indexing of a batch failed; going on one by one")
    return sum(_index_one(entry) for entry in list(_waiting().values_list("id", flat=True)[:limit]))


def _index_one(entry: int) -> int:
    """One message; whose words cannot be kept is known from then on as one that says nothing."""
    try:
        with transaction.atomic():
            return _index(1, only=entry)
    except OperationalError:
        # Somebody else had it in hand: it waits for the next look.
        return 0
    except DatabaseError:
        log.exception("words cannot be kept", entry=entry)
        return TicketMessage.objects.filter(pk=entry).update(indexed=True)


def _waiting() -> QuerySet[TicketMessage]:
    return TicketMessage.objects.filter(indexed=False).order_by("-id")


def _index(limit: int, only: int | None = None) -> int:
    waiting = _waiting().filter(pk=only) if only else _waiting()
    entries = list(waiting.select_for_update(skip_locked=True, of=("self",)).values_list("id", "message_id")[:limit])
    if entries:
        _write(_said([message for _entry, message in entries]))
        TicketMessage.objects.filter(pk__in=[entry for entry, _message in entries]).update(indexed=True)
    return len(entries)


def forget(message_ids: Iterable[int]) -> None:
    """These messages say something else now: their words are taken anew. In the caller's transaction."""
    # Whatever `indexed` says: one that is being read at this moment must be read again.
    if TicketMessage.objects.filter(message__in=list(message_ids)).update(indexed=False):
        ring()


def kept_below(entry: int | None) -> int:
    """How many messages are known, of those entered before this one."""
    return _below(entry).count()


def anew(below: int | None, limit: int = BATCH) -> tuple[int, int | None]:
    """Take note anew of the newest that were entered before this one; how many those were, and the oldest of them.

    They stand in line while it is done: should it break off, the desk does the rest of them. They are found by what was
    known of them until it is done.
    """
    entries = list(_below(below).values_list("pk", flat=True)[:limit])
    if not entries:
        return 0, below
    TicketMessage.objects.filter(pk__in=entries).update(indexed=False)
    while index_some(limit) == limit:
        # What came in the meantime stood before them.
        continue
    return len(entries), entries[-1]


def _below(entry: int | None) -> QuerySet[TicketMessage]:
    return (TicketMessage.objects.filter(pk__lt=entry) if entry else TicketMessage.objects.all()).order_by("-pk")


def noted(ticket: Ticket) -> None:
    """A note was written: it is found under the message it was written under. In the caller's transaction."""
    # Two: an answer that is on its way may count as having come a moment later than the note.
    newest = TicketMessage.objects.filter(ticket=ticket).order_by("-message_id").values_list("message", flat=True)
    forget(newest[:2])


def _said(message_ids: Sequence[int]) -> list[Said]:
    """These messages as they stand, in order of id. What was deleted says nothing, and keeps who wrote it."""
    rows = Message.objects.filter(pk__in=message_ids).order_by("id")
    fields = ("id", "channel__brand_id", "posted_at", "received_at", "text", "contact__name", "contact__handle",
              "deleted_at")  # fmt: skip
    notes = _notes(message_ids)
    return [
        Said(pk, brand, min(posted, received), "" if gone else text, name, handle, notes.get(pk, ()))
        for pk, brand, posted, received, text, name, handle, gone in rows.values_list(*fields)
    ]


def _notes(message_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """The notes that were written under each message: after it came, and before the next one of its ticket."""
    tickets = TicketMessage.objects.filter(message__in=message_ids).values("ticket")
    told = Activity.objects.filter(ticket__in=tickets, verb=Activity.Verb.NOTED).order_by("at")
    notes = list(told.values_list("ticket_id", "at", "data__text"))
    if not notes:
        return {}
    asked, found = set(message_ids), defaultdict(list)
    spans = _spans({ticket for ticket, _at, _text in notes})
    for ticket, at, text in notes:
        under = next((message for message, start, end in spans[ticket] if start <= at and (not end or at < end)), None)
        if text and under in asked:
            found[under].append(text)
    return found


def _spans(tickets: set[int]) -> Mapping[int, list[Span]]:
    """For each ticket its messages with the time in which each was the newest; the first one's begins with time."""
    entries = TicketMessage.objects.filter(ticket__in=tickets).order_by("ticket", "message_id")
    came: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for ticket, message, at in entries.values_list("ticket_id", "message_id", "message__received_at"):
        came[ticket].append((message, at))
    spans: dict[int, list[Span]] = defaultdict(list)
    for ticket, rows in came.items():
        ends = [*(later for _row, (_message, later) in pairwise(rows)), None]
        spans[ticket] = [(message, at, end) for (message, at), end in zip(rows, ends, strict=True)]
    return spans


def _write(said: Sequence[Said]) -> None:
    known: dict[str, str] = {}
    vectors = []
    for one in said:
        vector, words = kept(one)
        vectors.append(vector)
        known |= words
    with connection.cursor() as cursor:
        cursor.execute(ROWS_SQL, [[o.message for o in said], [o.at for o in said], vectors])
        # In order, so that two workers that learn the same words wait for one another and never in a circle.
        spelled = sorted(known)
        cursor.execute(WORDS_SQL, [spelled, [known[word] for word in spelled]])
