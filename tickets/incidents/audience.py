"""Who gets an update of an incident, in which words, and who cannot be told it, and why: looked up, and told before.

Nothing is written here. What is told a person beforehand is told again of each ticket when it is sent: by then some
may have been resolved, answered or closed to us.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Case, SmallIntegerField, When
from django.utils.translation import gettext as _

from ingest import adapters
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Cannot, Length, PlatformError
from tickets.answering import guarding, replies
from tickets.answering.guard.findings import Level
from tickets.answering.guarding import Looked
from tickets.incidents.told import key_of
from tickets.models import Approval, Incident, IncidentUpdate, Ticket, TicketMessage
from tickets.views.marks import language_name

# So many are told at once; the rest by going on with the update.
MOST = 5000
# What is kept beside the words of an update, under a name that is no language.
THEN = "then"


@dataclass(frozen=True, slots=True)
class Addressee:
    """A live ticket of the incident, the message an answer goes under, and the language its customer writes."""

    ticket: Ticket
    parent: Message | None
    language: str

    @property
    def customer(self) -> str:
        return who(self.ticket.contact_id, self.ticket.customer_id)


def who(contact: int, customer: int | None) -> str:
    """Who is told: one person, however many accounts and tickets are theirs."""
    return f"c{customer}" if customer else f"a{contact}"


@dataclass(slots=True)
class Group:
    """Those who get the same words in the same way. `posts`: how many posts these go out as; 0: they do not fit."""

    channel: Channel
    language: str
    private: bool
    first: Addressee
    length: Length
    posts: int
    looked: Looked | None = None
    tickets: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom it goes to, by group; those it does not go to, by the words for why; how many it was told before.

    `stay`: how many of those it goes to would stay open though it is to resolve them.
    """

    groups: Sequence[Group]
    refused: Mapping[str, Sequence[int]]
    told: int
    stay: int
    last: int

    @property
    def tickets(self) -> list[int]:
        """Those it goes to, in order of their numbers: the order in which every verb locks them."""
        return sorted(pk for group in self.groups for pk in group.tickets)

    @property
    def number(self) -> int:
        return sum(len(group.tickets) for group in self.groups)


def words_for(texts: Mapping[str, str], language: str) -> str:
    """The words in that language; empty where there are none."""
    return "" if language == THEN else texts.get(language, "")


def language_of(ticket: Ticket, parent: Message | None) -> str:
    """The two letters of the language a customer wrote in last."""
    return ((parent.language if parent else "") or ticket.language)[:2]


def addressees(incident: Incident, last: int | None = None) -> list[Addressee]:
    """The live tickets of an incident, up to the number `last`; three queries."""
    rows = Ticket.objects.live().filter(incident=incident).order_by("id").select_related("channel")
    rows = rows.filter(pk__lte=last) if last else rows
    tickets = list(rows[:MOST])
    parents = _parents(ticket.pk for ticket in tickets)
    found = [(ticket, parents.get(ticket.pk)) for ticket in tickets]
    return [Addressee(ticket, parent, language_of(ticket, parent)) for ticket, parent in found]


def _parents(ticket_ids: Iterable[int]) -> dict[int, Message]:
    """As tickets.answering.replies.answers_to, for many tickets in one query."""
    by_machines_last = Case(When(message__raw__automatic=True, then=1), default=0, output_field=SmallIntegerField())
    theirs = TicketMessage.objects.filter(
        ticket__in=list(ticket_ids), message__direction=Message.Direction.IN, message__deleted_at=None
    )
    newest = theirs.order_by("ticket", by_machines_last, "-message__posted_at", "-message_id").distinct("ticket")
    return {entry.ticket_id: entry.message for entry in newest.select_related("message__channel")}


def told_before(update: UUID, ticket_ids: Iterable[int]) -> set[int]:
    """Of these, the tickets that this update was sent to, or waits on for a second person; two queries."""
    keys = {key_of(update, pk): pk for pk in ticket_ids}
    sent = Delivery.objects.filter(key__in=keys).values_list("key", flat=True)
    asked = Approval.objects.filter(key__in=keys).values_list("key", flat=True)
    return {keys[key] for key in (*sent, *asked)}


def _told_by(update: IncidentUpdate) -> dict[int, str]:
    """The tickets of the incident that it was told on, whatever became of them since, and whom by that."""
    rows = Ticket.objects.filter(incident=update.incident_id).values_list("id", "contact_id", "customer_id")
    people = {pk: who(contact, customer) for pk, contact, customer in rows}
    return {pk: people[pk] for pk in told_before(update.key, people)}


def plan(incident: Incident, texts: Mapping[str, str], *, update: IncidentUpdate | None = None, last: int | None = None,
         resolve: bool = False) -> Plan:  # fmt: skip
    """What would come of sending these words now. `update`: one that was begun, to go on with."""
    texts = {language: tidied for language, text in texts.items() if (tidied := replies.tidy(text))}
    everybody = addressees(incident, last)
    before = _told_by(update) if update else {}
    counts = guarding.policy_of(incident.brand_id).canned_counts
    sorting = _Sorting(texts, set(before.values()))
    for one in everybody:
        if one.ticket.pk not in before:
            sorting.add(one)
    groups = sorting.judged()
    going = {pk for group in groups for pk in group.tickets}
    stay = 0 if counts else sum(one.ticket.pk in going and not was_answered(one.ticket) for one in everybody)
    last = max((one.ticket.pk for one in everybody), default=0)
    return Plan(groups, sorting.refused, len(before), stay if resolve else 0, last)


def was_answered(ticket: Ticket) -> bool:
    """Whether its customer waits for nothing: a person has answered before, so the news may end it."""
    return ticket.first_answered_at is not None and ticket.waiting_since is None


class _Sorting:
    """Addressees, one by one, into groups or among those it cannot go to."""

    def __init__(self, texts: Mapping[str, str], customers: set[str]) -> None:
        self.texts = texts
        self.customers = customers
        self.groups: dict[tuple[int, str, bool], Group] = {}
        self.refused: dict[str, list[int]] = defaultdict(list)

    def add(self, one: Addressee) -> None:
        why = self._why_not(one)
        if why:
            self.refused[why].append(one.ticket.pk)
            return
        self.customers.add(one.customer)
        self._group(one).tickets.append(one.ticket.pk)

    def _why_not(self, one: Addressee) -> str:
        """Why this one cannot be told, in words; empty for none."""
        if one.customer in self.customers:
            return same_customer()
        cannot = replies.cannot_answer(one.parent)
        if cannot is not None or one.parent is None:
            return replies.why_not(cannot or Cannot.GONE, one.ticket.channel.platform)
        if not words_for(self.texts, one.language):
            return no_words(one.language)
        if one.ticket.awaits_approval:
            return _("Another answer of this ticket waits for a second person.")
        return ""

    def _group(self, one: Addressee) -> Group:
        parent = one.parent
        if parent is None:
            raise TypeError("whoever cannot be answered is in no group")
        private = parent.kind in replies.NEVER_SPLIT
        key = (parent.channel_id, one.language, private)
        if key not in self.groups:
            length, posts = _fits(parent, words_for(self.texts, one.language))
            self.groups[key] = Group(parent.channel, one.language, private, one, length, posts)
        return self.groups[key]

    def judged(self) -> list[Group]:
        """The groups whose words may go out, each as the guard reads it for its first customer."""
        kept = []
        for group in self.groups.values():
            text = words_for(self.texts, group.language)
            if not group.posts:
                words = _("Longer than the platform takes: %(used)d of %(limit)d.")
                self._refuse(group, words % {"used": group.length.used, "limit": group.length.limit})
                continue
            group.looked = guarding.look(group.first.ticket, group.first.parent, text, many=True)
            if group.looked.has(Level.STOP):
                self._refuse(group, str(guarding.Stopped(group.looked)))
            else:
                kept.append(group)
        return sorted(kept, key=lambda group: -len(group.tickets))

    def _refuse(self, group: Group, words: str) -> None:
        self.refused[words].extend(group.tickets)


def same_customer() -> str:
    """They have another ticket in it."""
    return _("The same customer is told on another ticket.")


def no_words(language: str) -> str:
    """There are none in the language this customer writes."""
    if not language:
        return _("Nobody knows which language the customer writes.")
    return _("There are no words in the customer’s language: %(language)s.") % {"language": language_name(language)}


def _fits(parent: Message, text: str) -> tuple[Length, int]:
    """The text's length on that channel, and the posts it goes out as; 0 where it cannot."""
    try:
        return adapters.of(parent.channel).length(text), len(replies.parts_of(parent.channel, parent.kind, text))
    except replies.TooLong as refused:
        return refused.length, 0
    except PlatformError:
        return Length(len(text), 0), 0
