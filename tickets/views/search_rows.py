"""What was found, as rows: the ticket as in every list, and the line in which the words stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ingest.models import Message
from tickets.listing.lists import Row, rows_of
from tickets.listing.search.asking import Asked
from tickets.listing.search.finding import Hit
from tickets.listing.search.marking import Line, line, marks
from tickets.models import Activity, Ticket
from tickets.views.marks import initials, post, speech
from tickets.views.rows import incident, mood, platform


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One ticket that was found. `by` names who of us said it; empty where the customer did."""

    row: Row
    at: datetime
    line: Line
    language: str = ""
    by: str = ""
    is_note: bool = False

    @property
    def name(self) -> str:
        return self.row.name or self.row.handle or self.row.external_id

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def status(self) -> str:
        return str(Ticket.Status(self.row.status).label)

    @property
    def face(self) -> SafeString:
        return mood(self.row.latest_valence, self.row.first_valence)

    @property
    def platform(self) -> SafeString:
        return platform(self.row.platform)

    @property
    def incident(self) -> SafeString:
        """The open incident it belongs to; empty for none."""
        return incident(self.row.incident) if self.row.incident else SafeString("")

    @property
    def marked(self) -> SafeString:
        """The line as HTML, its words marked."""
        return post(self.line.text, self.line.marks) or SafeString(_("no words"))

    @property
    def speech(self) -> SafeString:
        return speech(self.language)


def rows(hits: Sequence[Hit], question: Asked) -> list[FoundRow]:
    """The rows of these hits, in their order: four queries at most."""
    if not hits:
        return []
    tickets = {row.id: row for row in rows_of(Ticket.objects.filter(pk__in=[hit.ticket for hit in hits]))}
    fields = ("id", "text", "language", "direction", "author__name", "contact__name")
    said = Message.objects.filter(pk__in=[hit.message for hit in hits if hit.message]).values(*fields)
    texts = {row["id"]: row for row in said}
    found = [_row(hit, tickets[hit.ticket], texts.get(hit.message), question) for hit in hits if hit.ticket in tickets]
    return _with_notes(found, question) if question.parts else found


def _row(hit: Hit, ticket: Row, said: Mapping[str, Any] | None, question: Asked) -> FoundRow:
    """Without a message (found by its number or a tag) the row shows what its list shows."""
    if said is None:
        return FoundRow(ticket, hit.at, line(ticket.preview, marks(ticket.preview, question)), ticket.preview_language)
    ours = said["direction"] == Message.Direction.OUT
    by = said["author__name"] or said["contact__name"] if ours else ""
    return FoundRow(ticket, hit.at, line(said["text"], marks(said["text"], question)), said["language"], by)


def _with_notes(found: Iterable[FoundRow], question: Asked) -> list[FoundRow]:
    """Where a message holds none of the words, a note under it may: that is shown then."""
    shown = list(found)
    silent = {row.row.id for row in shown if not row.line.marks}
    if not silent:
        return shown
    notes = Activity.objects.filter(ticket__in=silent, verb=Activity.Verb.NOTED).order_by("at")
    said: dict[int, tuple[str, str]] = {}
    for ticket, text, by in notes.values_list("ticket_id", "data__text", "actor__name"):
        if text and marks(text, question):
            said[ticket] = (text, by or "")
    return [_as_note(row, said.get(row.row.id), question) if row.row.id in silent else row for row in shown]


def _as_note(row: FoundRow, note: tuple[str, str] | None, question: Asked) -> FoundRow:
    if note is None:
        return row
    text, by = note
    return replace(row, line=line(text, marks(text, question)), language="", by=by, is_note=True)
