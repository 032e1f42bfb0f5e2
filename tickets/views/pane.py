"""One ticket as it stands beside the list: its head, its story, the answer box and the customer."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models.expressions import RawSQL
from django.http import Http404

from accounts.models import User
from ingest.platforms.base import Cannot, Kind, PlatformError
from tickets.answering import replies
from tickets.answering.approvals import returned_on, waits_on
from tickets.answering.composing import Counted, counted
from tickets.answering.drafts import drafts_on
from tickets.answering.held import held_in
from tickets.answering.tray import tray_of
from tickets.listing.lists import View
from tickets.models import Ticket
from tickets.news.live import POSITION_SQL
from tickets.targets.ways_up import ways_of
from tickets.thread import Story, story_of
from tickets.verbs import tagging
from tickets.verbs.linking import ends
from tickets.verbs.snoozing import choices
from tickets.views.clocks_shown import targets_of
from tickets.views.marks import clock_state, soon_from

# The drawing of the panel: its box, and how far from the edges the line keeps.
WIDTH, HEIGHT, EDGE, TOP = 236, 64, 8, 14


@dataclass(frozen=True, slots=True)
class Clock:
    """The running clock of the head, and how much of the target is used."""

    state: str
    due: int
    soon: int
    used: int


@dataclass(frozen=True, slots=True)
class Curve:
    """The customer's readings as a small line: coordinates in the box of the drawing."""

    points: str
    first: tuple[float, float]
    last: tuple[float, float]
    zero: float
    first_value: float
    last_value: float
    # Where our first answer stands, if it lies between two readings.
    answer: float | None

    @property
    def label_y(self) -> tuple[float, float]:
        """The numbers stand above points on the good side and near the floor, and beneath the others."""
        return (_beside(self.first[1], self.first_value), _beside(self.last[1], self.last_value))

    @property
    def has_room_for_nought(self) -> bool:
        """Whether the zero line can be named at its beginning without touching the first point or its number."""
        return min(abs(self.label_y[0] - self.zero), abs(self.first[1] - self.zero) - 4) > 12

    @property
    def names_answer_before(self) -> bool:
        """Whether the word for our answer stands before its line: behind a late one it would be cut off."""
        return self.answer is not None and self.answer > WIDTH / 2


def _beside(y: float, value: float) -> float:
    return y - 7 if value > 0 or y > HEIGHT - 24 else y + 15


@dataclass(slots=True)
class Composer:
    """The answer box: what it holds, and why it cannot be used or was refused."""

    seen: int
    counted: Counted
    cannot: str = ""
    # Whether what it answers is private already, and whether a public one can be answered so.
    is_private: bool = False
    may_go_private: bool = False
    # Whether the words it holds are meant as a private answer to a public one.
    private: bool = False
    text: str = ""
    note: str = ""
    tab: str = "answer"
    # What went wrong with the last try: a code for the template, and words where they come from a verb.
    refused: str = ""
    words: str = ""
    moved_by: str = ""
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


def ticket_for(user: User, pk: int) -> Ticket:
    """The ticket with what its page shows, and in `record_at` where the record stood then.

    Somebody else's ticket does not exist.
    """
    record_at = RawSQL(POSITION_SQL, [])  # noqa: S611 (no word of it comes from outside)
    related = ("brand", "channel", "contact", "team", "assignee", "policy", "incident")
    ticket = (
        Ticket.objects.visible_to(user)
        .select_related(*related)
        .annotate(linked=ends(), tag_rows=tagging.named(), record_at=record_at)
        .filter(pk=pk)
        .first()
    )
    if ticket is None:
        raise Http404
    return ticket


def pane_context(
    user: User, ticket: Ticket, view: View, now: datetime, *, whole: bool = False, composer: Composer | None = None
) -> dict[str, Any]:
    """Everything the pane shows of a ticket."""
    story = story_of(ticket, whole=whole)
    newest = story.newest.message if story.newest else None
    begun = drafts_on(ticket, user, now)
    composer = composer or composer_of(ticket, text=begun.answer, note=begun.note, private=begun.private)
    returned = returned_on(ticket, user) if begun.answer and not ticket.awaits_approval else None
    composer.private |= bool(returned and returned.wish.get("private"))
    return {
        "ticket": ticket,
        "view": view,
        "now": now,
        "story": story,
        "curve": curve_of(story),
        "clock": clock_of(ticket, now),
        "targets": targets_of(ticket, now),
        "ways": ways_of(ticket),
        "composer": composer,
        "drafts": begun,
        "waits": waits_on(ticket, user),
        "held": held_in(story, user),
        "rests": choices(user, now),
        "returned": returned,
        "tray": tray_of(ticket, user, newest),
        "mine": ticket.assignee_id == user.pk,
        "tags": tagging.names_on(ticket),
        "linked": vars(ticket).get("linked", []),
        "platform_url": story.newest.message.url if story.newest else "",
    }


def composer_of(ticket: Ticket, **given: Any) -> Composer:
    """A fresh answer box for a ticket, or one that holds what was refused."""
    parent = replies.answers_to(ticket)
    try:
        cannot = replies.cannot_answer(parent)
    except PlatformError:
        cannot = Cannot.NO_ACCOUNT
    why = replies.why_not(cannot, ticket.channel.platform) if cannot else ""
    return Composer(
        seen=ticket.position,
        counted=counted(ticket, given.get("text", "")),
        cannot=why,
        is_private=parent is not None and parent.kind == Kind.DM,
        may_go_private=not cannot and replies.may_go_private(parent),
        **given,
    )


def clock_of(ticket: Ticket, now: datetime) -> Clock | None:
    """None while no customer waits."""
    if not (ticket.due_at and ticket.waiting_since and ticket.status in {"new", "open"}):
        return None
    whole = (ticket.due_at - ticket.waiting_since).total_seconds()
    used = (now - ticket.waiting_since).total_seconds() / whole if whole > 0 else 1
    return Clock(
        state=clock_state(ticket.due_at, ticket.waiting_since, now),
        due=int(ticket.due_at.timestamp()),
        soon=int(soon_from(ticket.due_at, ticket.waiting_since).timestamp()),
        used=round(100 * min(max(used, 0.0), 1.0)),
    )


def curve_of(story: Story) -> Curve | None:
    """None before there are two readings to join."""
    if len(story.readings) < 2:
        return None
    values = [value for _at, value in story.readings]
    # Nought is always in the picture, and a breath of difference does not look like a fall.
    low, high = min(0.0, *values), max(0.0, *values)
    unit = (HEIGHT - TOP - EDGE) / max(high - low, 0.8)

    def height(value: float) -> float:
        return round(TOP + (high - value) * unit, 1)

    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    spots = [(round(EDGE + step * i, 1), height(value)) for i, value in enumerate(values)]
    return Curve(
        points=" ".join(f"{x},{y}" for x, y in spots),
        first=spots[0],
        last=spots[-1],
        zero=height(0),
        first_value=values[0],
        last_value=values[-1],
        answer=next(_answers_between(story, step), None),
    )


def _answers_between(story: Story, step: float) -> Iterator[float]:
    moments = [at for at, _value in story.readings]
    for answered in story.answered_at:
        before = sum(at <= answered for at in moments)
        if 0 < before < len(moments):
            yield round(EDGE + step * (before - 0.5), 1)
