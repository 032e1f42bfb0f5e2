"""How far the reviewing has come, and what customers felt after a person's own answers. No list here ranks anybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Q

from accounts.models import User
from tickets.models import Review, Ticket
from tickets.moods import MOVED

State = Review.State
LATELY = timedelta(days=28)
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the last four weeks: what waits for this person, and what everybody reviewed, skipped and answered."""

    waiting: int
    done: int
    skipped: int
    answered: int


def progress(user: User, now: datetime) -> Progress:
    """The reviewing of the brands this person sees; one query."""
    seen = Review.objects.filter(ticket__in=Ticket.objects.visible_to(user), sampled_at__gt=now - LATELY)
    counted = seen.aggregate(
        waiting=Count("id", filter=Q(state=State.WAITING) & ~Q(agent=user)),
        done=Count("id", filter=Q(state=State.DONE)),
        skipped=Count("id", filter=Q(state=State.SKIPPED)),
        answered=Count("id", filter=Q(state=State.DONE, answered_at__isnull=False)),
    )
    return Progress(**counted)


def by_person(user: User, now: datetime) -> list[dict[str, Any]]:
    """How often each person's work was looked at in four weeks, by name: that it is about equal can be seen here."""
    seen = Review.objects.filter(ticket__in=Ticket.objects.visible_to(user), sampled_at__gt=now - LATELY)
    rows = seen.values("agent_id", "agent__name").annotate(
        waiting=Count("id", filter=Q(state=State.WAITING)),
        done=Count("id", filter=Q(state=State.DONE)),
        skipped=Count("id", filter=Q(state=State.SKIPPED)),
    )
    return list(rows.order_by("agent__name", "agent_id")[:MOST_PEOPLE])


@dataclass(frozen=True, slots=True)
class OwnLift:
    """How customers felt after one person's answers: over how many who wrote again, and how it was in the weeks before.

    `mean` and `before` are None without anybody who wrote again.
    """

    mean: float | None
    measured: int
    better: int
    worse: int
    before: float | None


def own_lift(user: User, now: datetime) -> OwnLift:
    """Of the tickets given to this person in the last four weeks, and in the four before them; one query."""
    mine = Ticket.objects.filter(assignee=user, assigned_at__gte=now - 2 * LATELY, lift__isnull=False)
    lately = Q(assigned_at__gte=now - LATELY)
    return OwnLift(
        **mine.aggregate(
            mean=Avg("lift", filter=lately),
            measured=Count("id", filter=lately),
            better=Count("id", filter=lately & Q(lift__gte=MOVED)),
            worse=Count("id", filter=lately & Q(lift__lte=-MOVED)),
            before=Avg("lift", filter=~lately),
        )
    )


def marked(user: User, now: datetime) -> tuple[float | None, int]:
    """The mean of what one's own reviews of four weeks came to, from 0 to 1, and how many they were."""
    mine = Review.objects.filter(agent=user, state=State.DONE, reviewed_at__gt=now - LATELY)
    found = mine.aggregate(mean=Avg("score"), n=Count("score"))
    return found["mean"], found["n"]
