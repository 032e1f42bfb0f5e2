"""What nobody has said yet: many alike tickets within an hour are suggested as an incident to the supervisors.

Looked at once a minute, for brands with enough tickets of the last hour that are in no incident: 500 of them at most,
and 500 before them for what is usual, read from the tickets' rows alone. What is found is kept in one row, seen again
each minute while it goes on; pages read that row. A person opens an incident with its tickets, or dismisses it: then it
stays silent while it goes on, until it has grown threefold.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Brand, User
from accounts.permissions import brand_ids
from ingest import doorbell
from ingest.corrections import Label
from sentiment.stems import stems
from tickets.incidents import keeping
from tickets.incidents.alike import LEAST, Crowd, Said, crowds
from tickets.incidents.keeping import Told
from tickets.incidents.terms import LONGEST
from tickets.labels import word
from tickets.listing.search.words import written
from tickets.models import BulkAction, Incident, Notice, Surge, Ticket
from tickets.permissions import NotAllowed
from tickets.targets.alarms import overseers_of
from tickets.verbs import bulk

HOUR = timedelta(hours=1)
# Tickets that are read of the hour, and of what came before it.
MOST = 500
# Not seen for so long, it is over; what comes after so long is another one.
SHOWN, SAME = timedelta(minutes=5), timedelta(hours=4)
GROWN = 3
# Words in an incident's first name, and its signs.
NAMED, LONGEST_NAME = 3, 120
KINDS = {"delay_or_outage": Incident.Kind.OUTAGE, "overcharging": Incident.Kind.PRICE}


class _Row(NamedTuple):
    """What is read of a ticket."""

    id: int
    preview: str
    why: list[dict[str, object]]
    opened_at: datetime


# --- looking ----------------------------------------------------------------------------------------------------------
def look(now: datetime | None = None) -> int:
    """See what goes on; returns how many surges are new."""
    now = now or timezone.now()
    return sum(_look_at(brand, now) for brand in _busy(now))


def _lately(now: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.live().filter(opened_at__gte=now - HOUR, incident=None)


def _busy(now: datetime) -> list[int]:
    counted = _lately(now).order_by().values("brand").annotate(n=Count("id"))
    return [row["brand"] for row in counted if row["n"] >= LEAST]


def _look_at(brand: int, now: datetime) -> int:
    lately = _read(_lately(now).filter(brand=brand).order_by("-opened_at", "-id"))
    if len(lately) < LEAST:
        # Put into an incident, or closed, since they were counted.
        return 0
    first = min(row.id for row in lately)
    before = Ticket.objects.filter(brand=brand, incident=None, pk__lt=first, opened_at__lt=now - HOUR)
    usual = _read(before.order_by("-id"))
    hours = (now - HOUR - min(row.opened_at for row in usual)) / HOUR if usual else 1.0
    found = crowds([_said(row) for row in lately], [row.preview for row in usual], hours)
    opened = {row.id: row.opened_at for row in lately}
    return sum(_keep(brand, crowd, min(opened[pk] for pk in crowd.tickets), now) for crowd in found)


def _read(tickets: QuerySet[Ticket]) -> list[_Row]:
    return [_Row._make(row) for row in tickets.values_list(*_Row._fields)[:MOST]]


def _said(row: _Row) -> Said:
    about = next((str(reason["trigger"]) for reason in row.why if reason.get("trigger")), "")
    return Said(row.id, row.preview, about)


def _keep(brand: int, crowd: Crowd, begins_at: datetime, now: datetime) -> bool:
    """Write what was found, or see it again; whether it is new."""
    told = {"words": list(crowd.words), "tickets": list(crowd.tickets), "begins_at": begins_at}
    with transaction.atomic():
        # Of two who look at once the second finds what the first has written; new tickets wait for neither.
        Brand.objects.select_for_update(no_key=True).get(pk=brand)
        same = _known(brand, crowd, now)
        if same is None or (same.dismissed_at and len(crowd.tickets) >= GROWN * len(same.tickets)):
            made = Surge.objects.create(brand_id=brand, about=crowd.about, made_at=now, seen_at=now, **told)
            _tell(made, now)
            doorbell.ring_pages()
            return True
        settled = same.dismissed_at is not None or same.incident_id is not None
        # Only as it was read: somebody may have opened or dismissed it meanwhile.
        row = Surge.objects.filter(pk=same.pk, dismissed_at=same.dismissed_at, incident=same.incident_id)
        row.update(seen_at=now, **({} if settled else told))
    return False


def _known(brand: int, crowd: Crowd, now: datetime) -> Surge | None:
    """The newest one that was seen lately and is about the same, by one of its words."""
    roots = _roots(crowd.words)
    rows = Surge.objects.filter(brand=brand, about=crowd.about, seen_at__gte=now - SAME).order_by("-id")[:20]
    return next((row for row in rows if not roots.isdisjoint(_roots(row.words))), None)


def _roots(words: Iterable[str]) -> set[str]:
    return {stem for phrase in words for one in written(phrase) for stem in stems(one)}


def _tell(surge: Surge, now: datetime) -> None:
    """The supervisors of its brand; where there is none, admins."""
    data = {"surge": surge.pk, "about": surge.about, "n": len(surge.tickets), "words": said(surge.words)}
    Notice.objects.bulk_create(
        [
            Notice(user_id=person, kind=Notice.Kind.SURGE, key=f"surge:{surge.pk}", at=now, data=data)
            for person in overseers_of(None, surge.brand_id)
        ],
        ignore_conflicts=True,
    )


# --- for pages --------------------------------------------------------------------------------------------------------
def said(words: Collection[str]) -> str:
    """The shared words in one line, in the language that is on."""
    return _(", ").join(words)


def visible(user: User) -> QuerySet[Surge]:
    """Those of the brands this person sees."""
    seen = brand_ids(user)
    rows = Surge.objects.select_related("brand")
    return rows if seen is None else rows.filter(brand__in=seen)


def going_on(user: User, now: datetime) -> Sequence[Surge]:
    """Those to be suggested, the largest first; none to who may not open an incident."""
    if not user.is_supervisor:
        return []
    rows = visible(user).filter(seen_at__gte=now - SHOWN, dismissed_at=None, incident=None).order_by("-seen_at")[:20]
    return sorted(rows, key=lambda row: -len(row.tickets))


def dismissed(user: User, now: datetime) -> Sequence[Surge]:
    """Those that somebody dismissed and that still go on."""
    if not user.is_supervisor:
        return []
    rows = visible(user).filter(seen_at__gte=now - SHOWN, incident=None).exclude(dismissed_at=None)
    return list(rows.select_related("dismissed_by").order_by("-seen_at")[:20])


def about(surge: Surge) -> str:
    """What the model read as its trigger, in the language that is on."""
    return word(Label.TRIGGER, surge.about)


@dataclass(frozen=True, slots=True)
class Line:
    """A surge as it is read."""

    surge: Surge
    about: str
    words: str
    tickets: int


def lines(found: Iterable[Surge]) -> list[Line]:
    """Surges in the language that is on."""
    return [Line(one, about(one), said(one.words), len(one.tickets)) for one in found]


def first_guess(surge: Surge) -> Told:
    """What an incident of it is opened with; its name is in the language that is on."""
    name = _("%(about)s: %(words)s") % {"about": capfirst(about(surge)), "words": said(surge.words[:NAMED])}
    kind, terms = KINDS.get(surge.about, Incident.Kind.OTHER), tuple(one[:LONGEST] for one in surge.words)
    return Told(name[:LONGEST_NAME], kind, Incident.Valence.NEGATIVE, surge.begins_at, terms=terms)


# --- what supervisors do ----------------------------------------------------------------------------------------------
def open_with(pk: int, told: Told | None = None, *, by: User) -> tuple[Incident, BulkAction]:
    """Open an incident with its tickets, as it is told or guessed; they are put into it in the background.

    Raises Surge.DoesNotExist, NotAllowed: not theirs, or opened by somebody already.
    """
    with transaction.atomic():
        row = _locked(pk, by)
        if row.incident_id is not None:
            raise NotAllowed(_("Somebody has opened an incident with them already."))
        made = keeping.begin(told or first_guess(row), brand=row.brand, by=by)
        row.incident = made
        row.save(update_fields=["incident"])
        job = bulk.begin(row.tickets, {"do": "incident", "incident": made.pk}, by=by)
        doorbell.ring_pages()
    return made, job


def dismiss(pk: int, *, by: User) -> Surge:
    """It is no incident: it is not suggested again while it goes on, unless it grows. Raises as open_with does."""
    return _turn(pk, timezone.now(), by)


def bring_back(pk: int, *, by: User) -> Surge:
    """Suggest it after all."""
    return _turn(pk, None, by)


def _turn(pk: int, at: datetime | None, by: User) -> Surge:
    with transaction.atomic():
        row = _locked(pk, by)
        if (row.dismissed_at is None) != (at is None):
            row.dismissed_at, row.dismissed_by = at, by if at else None
            row.save(update_fields=["dismissed_at", "dismissed_by"])
            audit.record(by, "surge.dismissed" if at else "surge.brought_back", row, words=row.words)
            doorbell.ring_pages()
    return row


def _locked(pk: int, by: User) -> Surge:
    row = visible(by).select_for_update(of=("self",)).get(pk=pk)
    keeping.check_runs(by, row.brand_id)
    return row
