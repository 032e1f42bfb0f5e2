"""A list row as HTML. Fifty of them make a page, so they are written by one function and not by a template.

Everything that came from outside passes `escape` here, and tests hold it to that.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from tickets.listing.lists import Row, View
from tickets.models import Tag, Ticket
from tickets.moods import MOVED
from tickets.reasons import brief, words
from tickets.views.marks import clock, face, initials, platform_mark, post, small, speech, still

PAUSED = {"pending": "player-pause", "snoozed": "zzz", "resolved": "check", "closed": "archive"}
DONE = {"resolved", "closed"}
# More tags than these have no room in a line.
TAGS = 2


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
        self.unread = f'<span class="vh">{_("unread")}</span>'
        self.phrases: dict[tuple[Any, ...], str] = {}
        self.people: dict[str, str] = {}
        self.tags = {pk: f'<span class="r-chip"><bdi>{escape(name)}</bdi></span>' for pk, name in (tags or {}).items()}
        self.paused = {
            "pending": still(PAUSED["pending"], _("paused")),
            "snoozed": still(PAUSED["snoozed"], _("until they write")),
            "resolved": still(PAUSED["resolved"], _("resolved")),
            "closed": still(PAUSED["closed"], _("closed")),
        }
        self.chips = {
            "escalated": f'<span class="r-chip bad">{small("arrow-up")}{_("Escalated")}</span>',
            "approval": f'<span class="r-chip warn">{small("users")}{_("Approval")}</span>',
            "urgent": f'<span class="r-chip bad">{small("flag-3")}{_("Urgent")}</span>',
            "high": f'<span class="r-chip warn">{small("flag-3")}{_("High")}</span>',
            "better": f'<span class="r-chip good">{small("check")}{_("Better")}</span>',
            "worse": f'<span class="r-chip bad">{small("arrow-down")}{_("Worse")}</span>',
        }

    def rows(self, rows: list[Row]) -> SafeString:
        """All of them, in order."""
        return SafeString("\n".join(map(self.row, rows)))

    def row(self, row: Row, *, swap: bool = False) -> SafeString:
        """One row; `swap` marks it as a replacement for the row already on the page."""
        name = row.name or row.handle or row.external_id
        handle = f"@{escape(row.handle)}" if row.handle else ""
        unread = is_unread(row)
        tags = "".join(self.tags[pk] for pk in row.tags[:TAGS] if pk in self.tags)
        return SafeString(
            f'<li id="t-{row.id}"{" hx-swap-oob=true" if swap else ""} data-at="{row.position}">'
            f'<a class="r-row{" unread" if unread else ""}" href="{self.base}{row.id}/{self.query}" '
            f'data-ticket="{row.id}"{" aria-current=true" if row.id == self.current else ""}>'
            f'<span class="u">{self.unread if unread else ""}</span>'
            f'<span class="r-ava">{escape(initials(name))}{platform_mark(row.platform)}</span>'
            f'<span class="r-cell"><span class="l1"><bdi class="who">{escape(name)}</bdi>'
            f'<span class="dim fs1 clip" dir="ltr">{handle}</span>'
            f'<span class="push">{self.clock(row)}</span></span>'
            f'<span class="say" {speech(row.preview_language)}>{post(row.preview) or self.no_text}</span>'
            f'<span class="l3">{face(row.latest_valence, row.first_valence)}'
            f'<span class="why clip">{escape(self.comma.join(map(self.phrase, brief(row.why)[:2])))}</span>'
            f'{f"""<span class="tags">{tags}</span>""" if tags else ""}'
            f'<span class="push row-f gap1" data-who="{row.id}">{self.chip(row)}</span>{self.person(row)}'
            "</span></span></a></li>"
        )

    def phrase(self, reason: Mapping[str, Any]) -> str:
        """A reason in words; the same one is asked for once."""
        key = tuple(reason.values())
        if key not in self.phrases:
            self.phrases[key] = words([reason])[0]
        return self.phrases[key]

    def clock(self, row: Row) -> SafeString:
        """Running while the customer waits for us, else the word for its rest."""
        if row.status == Ticket.Status.SNOOZED and row.snoozed_until:
            return still(PAUSED["snoozed"], _("until %(time)s") % {"time": self.moment(row.snoozed_until)})
        if row.status in self.paused:
            return self.paused[row.status]
        return clock(row.due_at, row.waiting_since, self.now) if row.due_at else SafeString("")

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

    def person(self, row: Row) -> str:
        """Whose it is, where the list holds the tickets of several people."""
        if not (self.names_people and row.assignee):
            return ""
        if row.assignee not in self.people:
            name = escape(row.assignee)
            label = escape(_("assigned to %(name)s") % {"name": row.assignee})
            mark = (
                f'<span class="r-ava s" role="img" aria-label="{label}" title="{name}">{escape(initials(row.assignee))}'
            )
            self.people[row.assignee] = f"{mark}</span>"
        return self.people[row.assignee]


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


def tag_names(rows: Iterable[Row]) -> dict[int, str]:
    """The names of the tags these rows show, in the language of the page: one query, none where there are no tags."""
    ids = {pk for row in rows for pk in row.tags[:TAGS]}
    if not ids:
        return {}
    arabic = get_language_bidi()
    found = Tag.objects.filter(pk__in=ids).values_list("id", "name", "name_ar")
    return {pk: (name_ar if arabic else "") or name for pk, name, name_ar in found}
