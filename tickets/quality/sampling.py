"""Sampling: each day every person who answered is brought up to the same few tickets of the last seven days.

What a person is looked at for is what they wrote themselves on tickets that are solved. Nobody is sampled more often
because they work more. Sampling twice, or by two processes at once, draws nothing twice: a person's row is locked while
theirs are counted, and a ticket is looked at once for each person (`review_once`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import brand_ids
from tickets.answering.care import CARE, Care
from tickets.answering.guard.findings import USUAL, Code, Level
from tickets.models import Review, Ticket, TicketMessage
from tickets.permissions import check_supervises
from tickets.quality.drawing import Candidate, Why, draw

LATELY = timedelta(days=7)
# Answers of the last days that are looked through, the newest first.
MOST = 50_000
# How many are drawn when a supervisor asks for more of one person.
MORE = 3
GRAVE = frozenset(code.value for code in Code if USUAL[code] in {Level.STOP, Level.SECOND})


@dataclass(slots=True)
class Work:
    """What one person wrote on one ticket, as far as it says whether somebody should look."""

    lift: float | None
    reopened: int
    found: set[str] = field(default_factory=set)

    @property
    def need(self) -> Why | None:
        """The worst there is to say of it."""
        if self.lift is not None and self.lift < 0:
            return Why.HARM
        if self.found & GRAVE:
            return Why.GUARD
        return Why.REOPENED if self.reopened else None


def sample(now: datetime | None = None, rng: Random | None = None) -> int:
    """Bring everybody up to their number; returns how many reviews wait that did not before."""
    return _fill(_worked(now or timezone.now(), None), settings.REVIEWS_PER_WEEK, now or timezone.now(), rng)


def sample_now(*, by: User, agent_id: int | None = None, rng: Random | None = None) -> int:
    """As the daily sampling, at once, of the brands this person sees; or MORE of one person's. Raises NotAllowed."""
    check_supervises(by)
    now = timezone.now()
    worked = _worked(now, brand_ids(by))
    if agent_id is None:
        return _fill(worked, settings.REVIEWS_PER_WEEK, now, rng)
    return _draw_for(agent_id, worked.get(agent_id, {}), now, rng, more=MORE)


def _worked(now: datetime, brands: Collection[int] | None) -> dict[int, dict[int, Work]]:
    """Who wrote on which tickets that were solved lately: Work by ticket by person. One query."""
    solved = Ticket.objects.filter(status=Ticket.Status.RESOLVED, resolved_at__gte=now - LATELY, merged_into=None)
    if brands is not None:
        solved = solved.filter(brand_id__in=brands)
    answers = TicketMessage.objects.filter(ticket__in=solved, message__author__is_active=True, message__direction="out")
    rows = answers.annotate(care=CARE).order_by("-ticket__resolved_at", "-id")
    told = rows.values_list("message__author_id", "ticket_id", "ticket__lift", "ticket__reopened", "care")
    return _by_person(told[:MOST])


def _by_person(rows: Iterable[tuple[Any, ...]]) -> dict[int, dict[int, Work]]:
    worked: dict[int, dict[int, Work]] = defaultdict(dict)
    for person, ticket, lift, reopened, care in rows:
        work = worked[person].setdefault(ticket, Work(lift, reopened))
        kept = Care.read(care)
        work.found.update(kept.guard if kept else ())
    return worked


def _fill(worked: dict[int, dict[int, Work]], wanted: int, now: datetime, rng: Random | None) -> int:
    return sum(_draw_for(person, worked[person], now, rng, up_to=wanted) for person in sorted(worked))


def _draw_for(
    person: int, works: dict[int, Work], now: datetime, rng: Random | None, *, up_to: int = 0, more: int = 0
) -> int:
    """Draw for one person: `more`, or as many as they lack of `up_to` in these days."""
    with transaction.atomic():
        # Not for update: what names this person may be written meanwhile.
        list(User.objects.select_for_update(no_key=True, of=("self",)).filter(pk=person).values_list("pk"))
        drawn = Review.objects.filter(agent=person, sampled_at__gt=now - LATELY).count()
        wanted = more or up_to - drawn
        if wanted <= 0:
            return 0
        looked_at = set(Review.objects.filter(agent=person, ticket__in=works).values_list("ticket_id", flat=True))
        fresh = [Candidate(ticket, work.need) for ticket, work in works.items() if ticket not in looked_at]
        return _keep(person, draw(fresh, wanted, rng or SystemRandom()), now)


def _keep(person: int, drawn: Sequence[tuple[int, Why]], now: datetime) -> int:
    Review.objects.bulk_create(
        [Review(ticket_id=ticket, agent_id=person, why=why.value, sampled_at=now) for ticket, why in drawn]
    )
    return len(drawn)
