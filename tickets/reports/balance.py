"""Books that balance: every message, ticket and delivery by state, and whatever is not accounted for.

Used by `manage.py audit_flow` and the supervisors' page. The counts scan whole tables: a report, not a list page.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Choices, Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ingest.models import Backfill, BadItem, Channel, Delivery, InboundEvent, Message
from tickets.incoming import unexamined
from tickets.models import Examination, Ticket, TicketMessage
from tickets.models.ticket import LIVE

# A lease this long overdue says that no sweep is running.
FORGIVEN = timedelta(minutes=5)
# What triage makes of messages that need no answer.
ASIDE = (Message.Disposition.NO_ANSWER, Message.Disposition.SPAM)


@dataclass(frozen=True, slots=True)
class Section:
    """One table of counts: its name in code, its title, and rows of (code, label, count)."""

    name: str
    title: str | Promise
    rows: list[tuple[str, str, int]]

    @property
    def total(self) -> int:
        return sum(count for _code, _label, count in self.rows)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something unaccounted for: its name in code, how many, and a sentence for people."""

    name: str
    count: int
    words: str | Promise


@dataclass(frozen=True, slots=True)
class Balance:
    """The books at one moment."""

    at: datetime
    sections: list[Section] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    # What still moves or waits for a person, without being wrong.
    underway: dict[str, int] = field(default_factory=dict)


def balance(now: datetime | None = None) -> Balance:
    """The books now, read in one snapshot's worth of plain queries."""
    now = now or timezone.now()
    return Balance(at=now, sections=_sections(), problems=_problems(now), underway=_underway())


def _sections() -> list[Section]:
    messages = Message.objects.all()
    inbound = messages.filter(direction=Message.Direction.IN)
    return [
        _count("messages_by_state", _("Messages by state"), messages, "state", Message.State),
        _count("inbound_by_decision", _("Customers’ messages by decision"), inbound, "decision", Message.Decision),
        _count("by_disposition", _("Messages by disposition"), messages, "disposition", Message.Disposition),
        _examined(),
        _count("tickets", _("Tickets by status"), Ticket.objects.all(), "status", Ticket.Status),
        _count("deliveries", _("Answers by state"), Delivery.objects.all(), "state", Delivery.State),
    ]


def _count(name: str, title: str | Promise, rows: QuerySet[Any], column: str, labels: type[Choices]) -> Section:
    known = dict(labels.choices)
    counted = rows.order_by().values_list(column).annotate(n=Count("pk")).order_by(column)
    return Section(name, title, [(code, str(known.get(code) or _("not decided yet")), n) for code, n in counted])


def _examined() -> Section:
    """What triage set aside by itself, by whether a person has looked at it. All but the overturned make up the
    messages of these dispositions that nobody but triage decided.
    """
    aside = Message.objects.filter(disposition__in=ASIDE, decided_by=None)
    waiting = {slug: unexamined.count_of_all(slug) for slug in ("unsure", "sampled")}
    confirmed = aside.exclude(examined_at=None).count()
    overturned = Examination.objects.filter(verdict=Examination.Verdict.OVERTURNED, taken_back_at=None).count()
    rows = [
        ("to_examine", _("To examine: the model is not sure"), waiting["unsure"]),
        ("sampled", _("Not looked at: the model is sure"), waiting["sampled"]),
        ("confirmed", _("Confirmed by a person"), confirmed),
        ("overturned", _("Overturned by a person"), overturned),
        ("gone", _("Deleted by its author, or on its way again"), aside.count() - sum(waiting.values()) - confirmed),
    ]
    return Section("set_aside", _("Set aside by triage"), [(code, str(label), n) for code, label, n in rows if n])


def _underway() -> dict[str, int]:
    return {
        "unread": Message.objects.filter(state=Message.State.NEW).count(),
        "untriaged": Message.objects.filter(state=Message.State.SCORED).count(),
        "set_aside": Message.objects.filter(state=Message.State.HELD).count(),
        "could_not_be_read": Message.objects.unreadable().count(),
        "to_examine": unexamined.count_of_all("unsure"),
        "bad_items": BadItem.objects.filter(replayed_at=None).count(),
        "answers_on_their_way": Delivery.objects.unfinished().count(),
    }


def _problems(now: datetime) -> list[Problem]:
    found = [
        Problem("doubled_messages", _doubles(), _("messages stored twice")),
        Problem("without_disposition", _without_disposition(), _("triaged messages without a disposition")),
        Problem("ticketless", _ticketless(), _("messages decided for a ticket that are on none")),
        Problem("awaiting_on_no_live_ticket", _forgotten(), _("messages awaiting an answer on a closed ticket")),
        Problem("empty_tickets", _empty_tickets(), _("tickets without a message")),
        Problem("doubled_tickets", _doubled_tickets(), _("contacts with two live tickets")),
        Problem("answers_without_delivery", _undelivered(), _("answers written here without an outbox row")),
        Problem("unrecorded_examinations", _unrecorded(), _("examined messages without a record of who examined them")),
        Problem("overdue_leases", _overdue(now), _("pieces of work whose worker disappeared and that nobody took up")),
    ]
    return [problem for problem in found if problem.count]


def _doubles() -> int:
    same = Message.objects.exclude(external_id="").values("channel", "external_id").annotate(n=Count("pk"))
    return same.filter(n__gt=1).count()


def _without_disposition() -> int:
    return Message.objects.filter(state=Message.State.TRIAGED).filter(Q(disposition="") | Q(decision="")).count()


def _ticketless() -> int:
    decided = Message.objects.filter(decision__in=[Message.Decision.TICKET, Message.Decision.JOIN])
    return decided.filter(~Exists(TicketMessage.objects.filter(message=OuterRef("pk")))).count()


def _forgotten() -> int:
    """Awaiting messages whose ticket is resolved or closed. An answer on its way closes them when it arrives."""
    awaiting = TicketMessage.objects.filter(message__disposition=Message.Disposition.AWAITING)
    moving = TicketMessage.objects.filter(
        Q(message__delivery__settled=False) | Q(message__delivery__state__in=Delivery.UNFINISHED),
        ticket=OuterRef("ticket"),
    )
    return awaiting.exclude(ticket__status__in=LIVE).filter(~Exists(moving)).count()


def _empty_tickets() -> int:
    """But for those that were emptied into another."""
    whole = Ticket.objects.filter(merged_into=None)
    return whole.filter(~Exists(TicketMessage.objects.filter(ticket=OuterRef("pk")))).count()


def _doubled_tickets() -> int:
    live = Ticket.objects.filter(status__in=LIVE, split_off=False).values("brand", "contact").annotate(n=Count("pk"))
    return live.filter(n__gt=1).count()


def _undelivered() -> int:
    written_here = Message.objects.filter(direction=Message.Direction.OUT).exclude(author=None)
    return written_here.filter(~Exists(Delivery.objects.filter(message=OuterRef("pk")))).count()


def _unrecorded() -> int:
    """Messages marked as examined, and records of examinations that stand, without the other."""
    looked = Examination.objects.filter(taken_back_at=None)
    marked = Message.objects.exclude(examined_at=None)
    return (
        marked.filter(~Exists(looked.filter(message=OuterRef("pk")))).count()
        + looked.filter(message__examined_at=None).count()
    )


def _overdue(now: datetime) -> int:
    late = Q(lease_until__lt=now - FORGIVEN)
    return (
        Message.objects.filter(late, state__in=[Message.State.NEW, Message.State.SCORED]).count()
        + Delivery.objects.unfinished().filter(late).count()
        + Channel.objects.filter(late, state=Channel.State.ACTIVE).count()
        # Those of a paused channel wait for it.
        + InboundEvent.objects.filter(late, state=InboundEvent.State.WAITING)
        .exclude(channel__state=Channel.State.PAUSED)
        .count()
        + Backfill.objects.filter(late, state=Backfill.State.WORKING, channel__state=Channel.State.ACTIVE).count()
    )
