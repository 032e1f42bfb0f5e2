"""Resolved tickets of people who asked alike, with the answers that helped them, by search's own index.

Bounded in time: the rarer words of the ask are looked for, two of them together, among the newest messages that hold
them; whatever takes longer than its own limit finds nothing. Only answers that a person of ours wrote are shown, and
only of tickets whose customer did not feel worse afterwards.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from math import log
from typing import Any

from django.db import connection
from django.db.models import Q

from ingest import parts
from ingest.models import Delivery, Message
from ingest.parts import Place
from sentiment.stems import stems
from tickets.answering.care import CARE, Care
from tickets.listing.search.finding import limited
from tickets.listing.search.words import any_of, brand, written
from tickets.models import SearchRow, Ticket, TicketMessage
from tickets.time_limit import TooSlow

MILLISECONDS = 250
SHOWN = 4
# Messages of the ask, words of it that are looked for, messages that are ranked, tickets whose answers are read.
ASKS, TERMS, RANKED, READ = 3, 6, 300, 12
# A word in more of all messages than this says nothing, where there are others.
COMMON = 0.2
SHORTEST = 3
# How much the customer's lift counts beside the words they share.
LIFT = 0.25
DONE = (Ticket.Status.RESOLVED, Ticket.Status.CLOSED)
# How often the most common words stand in messages, as PostgreSQL last counted.
COMMON_SQL = """
    SELECT told.word, told.share FROM pg_stats s,
        unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS told(word, share)
    WHERE s.schemaname = current_schema() AND s.tablename = %s AND s.attname = 'words' AND told.word = ANY(%s)
"""
RANK_SQL = """
    SELECT found.message_id, {terms} FROM (
        SELECT message_id, words FROM tickets_searchrow WHERE words @@ %s::tsquery ORDER BY at DESC LIMIT %s
    ) found
"""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the ask: a tsquery for its forms, and how much it tells."""

    query: str
    weight: float


@dataclass(frozen=True, slots=True)
class Solved:
    """A resolved ticket, and the answer that its customer got last."""

    ticket: int
    subject: str
    lift: float | None
    resolved_at: datetime | None
    answer: str
    language: str
    author: str


def like(ticket: Ticket) -> list[Solved]:
    """Tickets like this one that were solved, the likest first; none where nothing was asked or it takes too long."""
    try:
        with limited(MILLISECONDS):
            terms = _terms(ticket)
            return _answered(_ranked(ticket, terms)) if terms else []
    except TooSlow:
        return []


# --- what is asked --------------------------------------------------------------------------------------------------
def _terms(ticket: Ticket) -> list[Term]:
    """The most telling words of what the customer asked last."""
    words = dict.fromkeys(w for text in _asks(ticket) for w in written(text) if len(w) >= SHORTEST and not w.isdigit())
    forms = {word: stems(word) for word in list(words)[:60]}
    shares = _shares({stem for found in forms.values() for stem in found})
    rarest = min(shares.values(), default=1.0) / 2
    told = {word: max((shares.get(stem, rarest) for stem in found), default=1.0) for word, found in forms.items()}
    telling = sorted(told, key=lambda word: told[word])
    rare = [word for word in telling if told[word] <= COMMON or not shares]
    chosen = (rare if len(rare) > 1 else telling)[:TERMS]
    by_form = {any_of(forms[word]): 1 - log(max(told[word], 1e-6)) for word in chosen}
    return [Term(query, weight) for query, weight in by_form.items()]


def _asks(ticket: Ticket) -> list[str]:
    said = TicketMessage.objects.filter(ticket=ticket, message__direction=Message.Direction.IN)
    said = said.filter(message__deleted_at=None).order_by("-message__posted_at", "-id")
    rows = list(said.values_list("message__text", "message__disposition")[:ASKS])
    waiting = [text for text, disposition in rows if disposition == Message.Disposition.AWAITING]
    return waiting or [text for text, _disposition in rows] or [ticket.subject]


def _shares(words: set[str]) -> dict[str, float]:
    """In which share of all messages each of these stands, of those that PostgreSQL counts among the common ones."""
    with connection.cursor() as cursor:
        cursor.execute(COMMON_SQL, [SearchRow._meta.db_table, sorted(words)])
        return dict(cursor.fetchall())


# --- who asked alike ------------------------------------------------------------------------------------------------
def _ranked(ticket: Ticket, terms: Sequence[Term]) -> list[Mapping[str, Any]]:
    """Tickets that were solved, the likest first."""
    scores = _scores(ticket, terms)
    solved = TicketMessage.objects.filter(message__in=scores, message__direction=Message.Direction.IN)
    solved = solved.filter(ticket__brand=ticket.brand_id, ticket__language=ticket.language, ticket__status__in=DONE)
    solved = solved.filter(Q(ticket__lift=None) | Q(ticket__lift__gte=0)).exclude(ticket=ticket)
    best: dict[int, tuple[float, Mapping[str, Any]]] = {}
    for row in solved.values("message", "ticket", "ticket__subject", "ticket__lift", "ticket__resolved_at"):
        score = scores[row["message"]] * (1 + LIFT * (row["ticket__lift"] or 0))
        if score > best.get(row["ticket"], (0.0,))[0]:
            best[row["ticket"]] = (score, row)
    order = sorted(best.values(), key=lambda pair: (-pair[0], -pair[1]["ticket"]))
    return [row for _score, row in order[:READ]]


def _scores(ticket: Ticket, terms: Sequence[Term]) -> dict[int, float]:
    """How much each of the newest messages that hold two of the words, or the only one, has of them."""
    pairs = [f"({one.query} & {other.query})" for one, other in combinations(terms, 2)] or [terms[0].query]
    query = f"({' | '.join(pairs)}) & {any_of([brand(ticket.brand_id)])}"
    columns = ", ".join(["found.words @@ %s::tsquery"] * len(terms))
    with connection.cursor() as cursor:
        cursor.execute(RANK_SQL.format(terms=columns), [*(term.query for term in terms), query, RANKED])
        return {
            message: sum(term.weight for term, held in zip(terms, held_all, strict=True) if held)
            for message, *held_all in cursor.fetchall()
        }


# --- what helped ----------------------------------------------------------------------------------------------------
def _answered(rows: Sequence[Mapping[str, Any]]) -> list[Solved]:
    answers = _answers([row["ticket"] for row in rows])
    told = [row for row in rows if row["ticket"] in answers][:SHOWN]
    return [_solved(row, answers[row["ticket"]]) for row in told]


def _solved(row: Mapping[str, Any], answer: tuple[str, str, str]) -> Solved:
    text, language, author = answer
    return Solved(
        ticket=row["ticket"],
        subject=row["ticket__subject"],
        lift=row["ticket__lift"],
        resolved_at=row["ticket__resolved_at"],
        answer=text,
        language=language,
        author=author,
    )


def _answers(tickets: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """The last answer that one of us wrote on each, all its parts together: words, language, who."""
    said = TicketMessage.objects.filter(ticket__in=tickets, message__author__isnull=False, message__deleted_at=None)
    said = said.filter(message__delivery__state=Delivery.State.SENT).annotate(care=CARE)
    of_message = ("text", "language", "author__name")
    names = ("id", "ticket_id", "care", f"message__raw__{parts.KEY}", *(f"message__{name}" for name in of_message))
    found: dict[int, dict[Any, list[Any]]] = defaultdict(dict)
    for pk, ticket, care, kept, text, language, author in said.order_by("id").values_list(*names):
        if (read := Care.read(care)) and not read.counts:
            continue
        place = Place.read(kept)
        key, words = (place.answer, place.said) if place else (pk, text)
        found[ticket].setdefault(key, []).append((words, language, author))
    last = {ticket: list(answers.values())[-1] for ticket, answers in found.items()}
    return {ticket: ("\n".join(words for words, *_ in told), *told[0][1:]) for ticket, told in last.items()}
