"""Snoozing: a ticket rests until a time, or until the customer writes, and then is on top again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.reckoning import zone_of
from ingest import doorbell
from tickets.activity import record
from tickets.models import Activity, Ticket
from tickets.permissions import NotAllowed
from tickets.standing import settle
from tickets.steering import routing
from tickets.verbs.in_hand import check_live, in_hand

Status = Ticket.Status
Verb = Activity.Verb
LONGEST = timedelta(days=366)
MORNING, EVENING = time(9), time(18)
# The evening is offered while it is at least this far away.
BEFORE_EVENING = timedelta(hours=1)
MONDAY, SUNDAY = 0, 6
# Where work begins on Sunday; a person may say otherwise (User.preferences["week"]).
SUNDAY_ZONES = {
    "Asia/Riyadh", "Asia/Kuwait", "Asia/Qatar", "Asia/Bahrain", "Asia/Muscat", "Asia/Aden", "Asia/Baghdad",
    "Asia/Amman", "Asia/Damascus", "Asia/Jerusalem", "Asia/Hebron", "Asia/Gaza", "Africa/Cairo", "Africa/Tripoli",
    "Africa/Khartoum", "Africa/Algiers",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A time that is offered. `at` None: until the customer writes."""

    code: str
    label: str
    at: datetime | None


def snooze(ticket_id: int, *, until: datetime | None, by: User | None) -> Activity | None:
    """Let the ticket rest until then, or with None until the customer writes; None if it does so already.

    Its clocks stand still meanwhile. Raises Ticket.DoesNotExist, NotAllowed.
    """
    now = timezone.now()
    if until is not None and not now < until <= now + LONGEST:
        raise NotAllowed(_("Choose a time from now on, at most a year away."))
    with in_hand(ticket_id, by) as ticket:
        check_live(ticket)
        was = ticket.snoozed_until.isoformat() if ticket.snoozed_until else None
        slept = ticket.status == Status.SNOOZED
        if slept and ticket.snoozed_until == until:
            return None
        ticket.status, ticket.snoozed_until = Status.SNOOZED, until
        ticket.due_at = until or now + settings.FOLLOW_UP_AFTER
        ticket.save(update_fields=["status", "snoozed_until", "due_at"])
        line = record(ticket, Verb.SNOOZED, by, until=until.isoformat() if until else None, was=was, slept=slept)
        settle([ticket], now)
        # Whoever has it has room for another now.
        routing.ring()
    return line


def wake(ticket_id: int, *, by: User) -> Activity | None:
    """Back to work before its time; None if it does not sleep."""
    with in_hand(ticket_id, by) as ticket:
        if ticket.status != Status.SNOOZED:
            return None
        _rouse(ticket, timezone.now())
        return record(ticket, Verb.WOKEN, by)


def wake_due(now: datetime | None = None, limit: int = 500) -> int:
    """Wake those whose time has come; returns how many. Each is on top of its list then."""
    now = now or timezone.now()
    with transaction.atomic():
        asleep = Ticket.objects.filter(status=Status.SNOOZED, snoozed_until__lte=now).order_by("snoozed_until", "id")
        found = list(asleep.select_for_update(skip_locked=True, of=("self",))[:limit])
        for ticket in found:
            _rouse(ticket, now)
        Activity.objects.bulk_create(Activity(ticket=t, verb=Verb.WOKEN, data={"why": "time"}, at=now) for t in found)
        if found:
            routing.ring()
            doorbell.ring_pages()
    return len(found)


def asleep(tickets: Iterable[Ticket]) -> list[Ticket]:
    """Those among them that sleep now."""
    return [ticket for ticket in tickets if ticket.status == Status.SNOOZED]


def woken(tickets: Iterable[Ticket], now: datetime) -> list[Activity]:
    """Lines, unsaved, for those that slept and do not any more: their customers have written."""
    awake = {ticket.pk: ticket for ticket in tickets if ticket.status != Status.SNOOZED}
    return [Activity(ticket=ticket, verb=Verb.WOKEN, data={"why": "customer"}, at=now) for ticket in awake.values()]


def _rouse(ticket: Ticket, now: datetime) -> None:
    """As its messages have it; where nobody waits for anything, it is looked at now all the same."""
    ticket.status, ticket.snoozed_until, ticket.due_at = Status.OPEN, None, now
    ticket.save(update_fields=["status", "snoozed_until", "due_at"])
    settle([ticket], now)
    if ticket.waiting_since is None:
        ticket.due_at = now
        ticket.save(update_fields=["due_at"])


def take_back(line: Activity, by: User) -> None:
    """Undo: the ticket stands where it stood. Raises NotAllowed when it does not sleep any more."""
    with in_hand(line.ticket_id, by) as ticket:
        if ticket.status != Status.SNOOZED:
            raise NotAllowed(_("Too late to undo: it is awake already."))
        if not line.data["slept"]:
            _rouse(ticket, timezone.now())
            return
        ticket.snoozed_until = datetime.fromisoformat(line.data["was"]) if line.data["was"] else None
        ticket.due_at = ticket.snoozed_until or timezone.now() + settings.FOLLOW_UP_AFTER
        ticket.save(update_fields=["snoozed_until", "due_at"])


# --- which times are offered ----------------------------------------------------------------------------------------
def choices(user: User, now: datetime) -> list[Choice]:
    """The times that are offered to this person, by their own clock and week, the nearest first."""
    return list(_choices(now.astimezone(zone_of(user)), _first_day(user)))


def _choices(here: datetime, first_day: int) -> Iterator[Choice]:
    yield Choice("hour", _("In an hour"), here + timedelta(hours=1))
    evening = datetime.combine(here.date(), EVENING, here.tzinfo)
    if here + BEFORE_EVENING <= evening:
        yield Choice("evening", _("This evening"), evening)
    yield Choice("tomorrow", _("Tomorrow morning"), _morning(here, 1))
    days = (first_day - here.weekday() - 1) % 7 + 1
    if days > 1:
        yield Choice("week", _("Sunday morning") if first_day == SUNDAY else _("Monday morning"), _morning(here, days))
    yield Choice("reply", _("Until the customer writes"), None)


def _morning(here: datetime, days: int) -> datetime:
    return datetime.combine(here.date() + timedelta(days=days), MORNING, here.tzinfo)


def _first_day(user: User) -> int:
    said = user.preferences.get("week")
    if said in {"sunday", "monday"}:
        return SUNDAY if said == "sunday" else MONDAY
    return SUNDAY if str(zone_of(user)) in SUNDAY_ZONES else MONDAY


def moment_of(code: str, user: User, now: datetime) -> datetime | None:
    """What a choice stands for now; a date and time is read by the person's clock. Raises NotAllowed."""
    found = next((choice for choice in choices(user, now) if choice.code == code), None)
    if found:
        return found.at
    try:
        moment = datetime.fromisoformat(code)
    except ValueError:
        raise NotAllowed(_("Choose a time from now on, at most a year away.")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone_of(user))
