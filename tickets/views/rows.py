"""A list row as HTML. Fifty of them make a page, so they are written by one function and not by a template.

Everything that came from outside passes `escape` here, and tests hold it to that.
"""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tickets.lists import Row, View
from tickets.moods import MOVED
from tickets.reasons import brief, words
from tickets.views.marks import clock, face, initials, platform_mark, post, small, speech, still

PAUSED = {"pending": "player-pause", "snoozed": "zzz", "resolved": "check", "closed": "archive"}


class RowPainter:
    """Paints the rows of one list for one request: what is the same in every row is worked out once."""

    def __init__(self, view: View, now: datetime, *, query: str = "", current: int | None = None) -> None:
        self.now = now
        self.current = current
        self.base = reverse("inbox-list", args=[view.slug])
        self.query = escape(f"?{query}") if query else ""
        self.names_people = view.slug in {"all", "team"}
        self.comma = _(", ")
        self.no_text = _("no words")
        self.phrases: dict[tuple[Any, ...], str] = {}
        self.paused = {
            "pending": still(PAUSED["pending"], _("paused")),
            "snoozed": still(PAUSED["snoozed"], _("snoozed")),
            "resolved": still(PAUSED["resolved"], _("resolved")),
            "closed": still(PAUSED["closed"], _("closed")),
        }
        self.chips = {
            "urgent": f'<span class="r-chip bad">{small("flag-3")}{_("Urgent")}</span>',
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
        waiting = row.waiting_since is not None and row.status in {"new", "open"}
        return SafeString(
            f'<li id="t-{row.id}"{" hx-swap-oob=true" if swap else ""} data-at="{row.position}">'
            f'<a class="r-row{" unread" if waiting else ""}" href="{self.base}{row.id}/{self.query}" '
            f'data-ticket="{row.id}"{" aria-current=true" if row.id == self.current else ""}>'
            f'<span class="u"></span><span class="r-ava">{escape(initials(name))}{platform_mark(row.platform)}</span>'
            f'<span class="r-cell"><span class="l1"><bdi class="who">{escape(name)}</bdi>'
            f'<span class="dim fs1 clip" dir="ltr">{handle}</span>'
            f'<span class="push">{self.clock(row)}</span></span>'
            f'<span class="say" {speech(row.preview_language)}>{post(row.preview) or self.no_text}</span>'
            f'<span class="l3">{face(row.latest_valence, row.first_valence)}'
            f'<span class="why clip">{escape(self.comma.join(map(self.phrase, brief(row.why)[:2])))}</span>'
            f'<span class="push row-f gap1" data-who="{row.id}">{self.chip(row)}</span></span></span></a></li>'
        )

    def phrase(self, reason: Mapping[str, Any]) -> str:
        """A reason in words; the same one is asked for once."""
        key = tuple(reason.values())
        if key not in self.phrases:
            self.phrases[key] = words([reason])[0]
        return self.phrases[key]

    def clock(self, row: Row) -> SafeString:
        """Running while the customer waits for us, else the word for its rest."""
        if row.status in self.paused:
            return self.paused[row.status]
        return clock(row.due_at, row.waiting_since, self.now) if row.due_at else SafeString("")

    def chip(self, row: Row) -> str:
        """At most one chip: the gravest thing there is to say."""
        if row.urgency == "high" and row.status not in {"resolved", "closed"}:
            return self.chips["urgent"]
        if row.lift is not None and abs(row.lift) >= MOVED:
            return self.chips["better" if row.lift > 0 else "worse"]
        if self.names_people and row.assignee:
            return f'<span class="r-chip"><bdi>{escape(row.assignee.split(" ")[0])}</bdi></span>'
        return ""
