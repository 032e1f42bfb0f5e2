"""A list row as HTML. Fifty of them make a page, so they are written by one function and not by a template.

They are written short, too, and static/css/rows.css knows their shape: icons are classes, <i> holds words for those who
hear the page, <b> numbers, <q> what the customer said, <em> why it needs an answer, a <bdi> right after it the
incident it is part of, <u> whose it is and who is there. A ticket's number stands in the id of its row and in its
address alone. Everything that came from outside passes `escape` here, and tests hold it to that.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from tickets.listing.lists import Row, View
from tickets.models import Tag, Ticket
from tickets.moods import MOVED, STRONG, mood_of
from tickets.reasons import brief, words
from tickets.views.marks import (
    FACES,
    PLATFORM_ICONS,
    clock_state,
    clock_word,
    initials,
    mood_word,
    platform_label,
    post,
    signed,
    soon_from,
    speech,
    time_left,
)

PAUSED = {"pending": "player-pause", "snoozed": "zzz", "resolved": "check", "closed": "archive"}
DONE = {"resolved", "closed"}
# More tags than these, and more letters of an incident's name, have no room in a line.
TAGS, LETTERS = 2, 20


class RowPainter:
    """Paints the rows of one list for one request: what is the same in every row is worked out once."""

    def __init__(
        self,
        view: View,
        now: datetime,
        *,
        query: str = "",
        current: int | None = None,
        tags: Mapping[int, str] | None = None,
    ) -> None:
        self.now = now
        self.today = timezone.localdate(now)
        self.current = current
        self.base = reverse("inbox-list", args=[view.slug])
        self.query = escape(f"?{query}") if query else ""
        self.names_people = view.names_people
        self.comma = _(", ")
        self.no_text = _("no words")
        self.unread = f"<i>{_('unread')}</i>"
        self.language = (get_language() or "").split("-", maxsplit=1)[0]
        self.phrases: dict[tuple[Any, ...], str] = {}
        self.people: dict[str, str] = {}
        self.incidents: dict[str, str] = {}
        self.tags = {pk: f"<bdi>{escape(name)}</bdi>" for pk, name in (tags or {}).items()}
        self.paused = {
            "pending": still(PAUSED["pending"], _("paused")),
            "snoozed": still(PAUSED["snoozed"], _("until they write")),
            "resolved": still(PAUSED["resolved"], _("resolved")),
            "closed": still(PAUSED["closed"], _("closed")),
        }
        self.chips = {
            "escalated": chip("bad", "arrow-up", _("Escalated")),
            "approval": chip("warn", "users", _("Approval")),
            "urgent": chip("bad", "flag", _("Urgent")),
            "high": chip("warn", "flag", _("High")),
            "better": chip("good", "check", _("Better")),
            "worse": chip("bad", "arrow-down", _("Worse")),
        }

    def rows(self, rows: list[Row]) -> SafeString:
        """All of them, in order."""
        return SafeString("".join(map(self.row, rows)))

    def row(self, row: Row, *, swap: bool = False) -> SafeString:
        """One row; `swap` marks it as a replacement for the row already on the page."""
        name = row.name or row.handle or row.external_id
        handle = f"<bdi dir=ltr>@{escape(row.handle)}</bdi>" if row.handle else ""
        unread = is_unread(row)
        return SafeString(
            f'<li id="t-{row.id}"{" hx-swap-oob=true" if swap else ""}>'
            f'<a class="r-row{" unread" if unread else ""}" href="{self.base}{row.id}/{self.query}"'
            f"{' aria-current=true' if row.id == self.current else ''}>{self.unread if unread else ''}"
            f"<span class=r-ava>{escape(initials(name))}{platform(row.platform)}</span>"
            f"<span><span><bdi>{escape(name)}</bdi>{handle}{self.clock(row)}</span>"
            f"<q{self.speech(row.preview_language)}>{post(row.preview) or self.no_text}</q>"
            f"<span>{mood(row.latest_valence, row.first_valence)}"
            f"<em>{escape(self.comma.join(map(self.phrase, brief(row.why)[:2])))}</em>"
            f"{self.incident(row) or self.tagged(row)}"
            f"<u data-who>{self.chip(row)}</u>{self.person(row)}</span></span></a>"
        )

    def speech(self, language: str) -> str:
        """dir and lang of a customer's words; words in the language of the page have both from it."""
        known = language.split("-", maxsplit=1)[0]
        return "" if known and known == self.language else f" {speech(language)}".replace('"', "")

    def phrase(self, reason: Mapping[str, Any]) -> str:
        """A reason in words; the same one is asked for once."""
        key = tuple(reason.values())
        if key not in self.phrases:
            self.phrases[key] = words([reason])[0]
        return self.phrases[key]

    def clock(self, row: Row) -> str:
        """Running while the customer waits for us, else the word for its rest."""
        if row.status == Ticket.Status.SNOOZED and row.snoozed_until:
            return still(PAUSED["snoozed"], _("until %(time)s") % {"time": self.moment(row.snoozed_until)})
        if row.status in self.paused:
            return self.paused[row.status]
        return running(row.due_at, row.waiting_since, self.now) if row.due_at else ""

    def moment(self, at: datetime) -> str:
        """The time of a day to come; with its date when that is not today."""
        local = timezone.localtime(at)
        if local.date() == self.today:
            return f"{local:%H:%M}"
        return f"{date_format(local, 'j M')} {local:%H:%M}"

    def chip(self, row: Row) -> str:
        """At most one chip: the gravest thing there is to say."""
        if row.status not in DONE and (mark := gravest(row)):
            return self.chips[mark]
        if row.lift is not None and abs(row.lift) >= MOVED:
            return self.chips["better" if row.lift > 0 else "worse"]
        return ""

    def tagged(self, row: Row) -> str:
        """Its first tags; beside an incident's name there is no room for them."""
        tags = "".join(self.tags[pk] for pk in row.tags[:TAGS] if pk in self.tags)
        return f"<span class=tags>{tags}</span>" if tags else ""

    def incident(self, row: Row) -> str:
        """The open incident it belongs to, by the beginning of its name; the same one is written once."""
        if not row.incident:
            return ""
        if row.incident not in self.incidents:
            self.incidents[row.incident] = incident(row.incident)
        return self.incidents[row.incident]

    def person(self, row: Row) -> str:
        """Whose it is, where the list holds the tickets of several people."""
        if not (self.names_people and row.assignee):
            return ""
        if row.assignee not in self.people:
            label = escape(_("assigned to %(name)s") % {"name": row.assignee})
            mark = f'<u role=img title="{label}">{escape(initials(row.assignee))}</u>'
            self.people[row.assignee] = mark
        return self.people[row.assignee]


# --- the marks of marks.py, in the fewest letters -------------------------------------------------------------------
def still(shape: str, word: str) -> str:
    """A clock that does not run: paused, snoozed, done."""
    return f'<span class="r-clock pause s-{shape}">{escape(word)}</span>'


def chip(css: str, shape: str, word: str) -> str:
    """A chip with its sign."""
    return f'<span class="r-chip {css} s-{shape}">{word}</span>'


def incident(name: str) -> SafeString:
    """An open incident by the beginning of its name; the whole of it is said on pointing at it."""
    return SafeString(f'<bdi title="{escape(name)}">{escape(cut(name))}</bdi>')


def running(due_at: datetime, waiting_since: datetime | None, now: datetime) -> str:
    """The running clock. The attributes let the browser go on counting from here."""
    state = clock_state(due_at, waiting_since, now)
    css, text = time_left(due_at, now)
    soon = "" if state == "late" else f" data-soon={soon_from(due_at, waiting_since).timestamp():.0f}"
    return (
        f'<span class="r-clock {"" if state == "well" else state}" data-due={due_at.timestamp():.0f}{soon}>'
        f"<i>{clock_word(state)}</i><b{css}>{text}</b></span>"
    )


def mood(valence: float | None, before: float | None) -> SafeString:
    """The face, the signed number, and an arrow when the mood has truly moved."""
    if valence is None:
        return SafeString("")
    kind = mood_of(valence)
    moved = before is not None and abs(valence - before) >= MOVED
    way = ("rose" if valence > before else "fell") if moved and before is not None else ""
    return SafeString(_mood(get_language(), kind, way, strong=valence <= STRONG) % signed(valence))


@lru_cache(maxsize=128)
def _mood(_language: str | None, kind: str, way: str, *, strong: bool) -> str:
    """All of it but the number, drawn once for each language."""
    css = " ".join(filter(None, [FACES[kind][1], "strong" if strong else "", way]))
    words_of = {"rose": _("rising"), "fell": _("falling")}
    told = f"<i>{words_of[way]}</i>" if way else ""
    return f'<span class="{css}"><i>{mood_word(kind)}</i> <b>%s</b>{told}</span>'


@lru_cache(maxsize=64)
def _platform(_language: str | None, name: str) -> str:
    shape = PLATFORM_ICONS.get(name, "world").removeprefix("brand-")
    return f'<span class="p s-{shape}" role=img title="{escape(platform_label(name))}"></span>'


def platform(name: str) -> SafeString:
    """The little badge on an avatar."""
    return SafeString(_platform(get_language(), name))


# --- what a row says ------------------------------------------------------------------------------------------------
def is_unread(row: Row) -> bool:
    """Whether a customer waits for us with something that this person has not seen."""
    waits = row.waiting_since is not None and row.status in {"new", "open"}
    return waits and row.position > (row.seen or 0)


def gravest(row: Row) -> str:
    """The gravest mark of a live ticket; empty for none."""
    if row.escalated:
        return "escalated"
    if row.awaits_approval:
        return "approval"
    if row.priority == Ticket.Priority.URGENT or row.urgency == Ticket.Urgency.HIGH:
        return "urgent"
    return "high" if row.priority == Ticket.Priority.HIGH else ""


def cut(name: str) -> str:
    """The beginning of a name that is too long for a row."""
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1].rstrip()}…"


def tag_names(rows: Iterable[Row]) -> dict[int, str]:
    """The names of the tags these rows show, in the language of the page: one query, none where there are no tags."""
    ids = {pk for row in rows for pk in row.tags[:TAGS]}
    if not ids:
        return {}
    arabic = get_language_bidi()
    found = Tag.objects.filter(pk__in=ids).values_list("id", "name", "name_ar")
    return {pk: (name_ar if arabic else "") or name for pk, name, name_ar in found}
