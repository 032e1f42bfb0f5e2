"""Answers: written once, in one transaction with their outbox row, their line in the record and the ticket's new state.

An answer names the position of the ticket it was written at. If messages came since, it is refused with what is new,
so nobody answers a conversation that has moved on. One longer than a post is written as several, in that same
transaction (tickets.answering.splitting, ingest.parts).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Case, QuerySet, SmallIntegerField, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingest import adapters, doorbell, parts
from ingest.cleaning import clean
from ingest.models import Channel, Contact, Delivery, Message
from ingest.platforms.base import AnswersInPrivate, Cannot, Kind, Length, PlatformError
from tickets.activity import record
from tickets.answering import drafts, guarding
from tickets.answering import pictures as enclosed
from tickets.answering.care import Care
from tickets.answering.splitting import CannotSplit, Part, split
from tickets.models import Activity, Draft, Ticket, TicketMessage
from tickets.permissions import NotAllowed, check_may_work_on
from tickets.standing import settle
from tickets.verbs import lifecycle, snoozing

WHY_NOT: dict[str, Promise] = {
    Cannot.NOT_SUMMONED: _(
        "%(platform)s lets us answer only people who mentioned or quoted us. Open the post there and answer it by hand."
    ),
    Cannot.GONE: _("The post is no longer there, so there is nothing to answer."),
    Cannot.CLOSED: _("On %(platform)s its author lets nobody answer it, or not us."),
    Cannot.AUTOMATIC: _("A machine sent it, so nobody would read an answer."),
    Cannot.NO_ACCOUNT: _("This channel cannot send: it holds imported history, or its writing keys are missing."),
}
# What is answered in private is one message, however long.
NEVER_SPLIT = frozenset({Kind.DM, Kind.MAIL})


class EmptyAnswer(Exception):
    """Nothing was written."""


class TooLong(Exception):
    """Longer than the platform takes; `why` it does not go out in parts either, where the platform has threads."""

    def __init__(self, length: Length, why: CannotSplit | None = None) -> None:
        super().__init__(f"{length.used}/{length.limit}")
        self.length = length
        self.why = why


class KeyUsed(NotAllowed):
    """The key of this answer belongs to an answer on another ticket."""


class MovedOn(Exception):
    """Messages came since the page was drawn; `newer` holds them, oldest first."""

    def __init__(self, newer: list[Message]) -> None:
        super().__init__(f"{len(newer)} newer")
        self.newer = newer


class Unsendable(Exception):
    """The platform gives no way to answer this message."""

    def __init__(self, reason: Cannot, platform: str) -> None:
        super().__init__(why_not(reason, platform))
        self.reason = reason


def why_not(reason: Cannot, platform: str) -> str:
    """Why a message cannot be answered there, in words."""
    return str(WHY_NOT[reason]) % {"platform": adapters.label_of(platform)}


def messages_of(ticket: Ticket) -> QuerySet[Message]:
    """The ticket's messages, in the order they were said."""
    on_ticket = TicketMessage.objects.filter(ticket=ticket).values("message")
    return Message.objects.filter(pk__in=on_ticket).order_by("posted_at", "id")


def answers_to(ticket: Ticket) -> Message | None:
    """The message an answer now goes under: the customer's newest that is still there.

    A note of absence or a bounce among them is passed over where there is anything else: nobody reads what answers it.
    """
    theirs = messages_of(ticket).filter(direction=Message.Direction.IN)
    still_there = theirs.filter(deleted_at=None).select_related("channel", "conversation", "contact")
    by_machines_last = Case(When(raw__automatic=True, then=1), default=0, output_field=SmallIntegerField())
    return still_there.order_by(by_machines_last, "-posted_at", "-id").first()


def can_answer(ticket: Ticket) -> Cannot | None:
    """None if an answer can be posted, else why not."""
    return cannot_answer(answers_to(ticket))


def cannot_answer(parent: Message | None) -> Cannot | None:
    """None if an answer can go under this message, else why not."""
    if parent is None:
        return Cannot.GONE
    if parent.channel.state in Channel.GONE:
        return Cannot.NO_ACCOUNT
    try:
        adapter = adapters.of(parent.channel)
    except PlatformError:
        return Cannot.NO_ACCOUNT
    handle = parent.channel.handle.lstrip("@").lower()
    names_us = bool(handle) and f"@{handle}" in parent.text.lower()
    return adapter.can_reply(Kind(parent.kind), names_us=names_us, raw=parent.raw)


def length_of(ticket: Ticket, text: str) -> Length:
    """The text's length as the ticket's platform counts it."""
    return adapters.of(ticket.channel).length(text)


def tidy(text: str) -> str:
    """The words of an answer as they are sent."""
    return clean(text).replace("\r\n", "\n").strip()


def parts_of(channel: Channel, kind: str, text: str) -> list[Part]:
    """The posts a tidied text goes out as, in answer to a message of that kind. Raises TooLong, PlatformError."""
    adapter = adapters.of(channel)
    length = adapter.length(text)
    if length.fits:
        return [Part(text)]
    if kind in NEVER_SPLIT or not adapter.threads:
        raise TooLong(length)
    try:
        return split(text, adapter.length, settings.MOST_PARTS)
    except CannotSplit as why:
        raise TooLong(length, why) from why


def send(
    ticket_id: int,
    *,
    text: str,
    by: User,
    seen: int,
    key: UUID,
    resolve: bool = False,
    pictures: Sequence[UUID] = (),
    private: bool = False,
    rest: bool = False,
    until: datetime | None = None,
    at: datetime | None = None,
    approved_by: User | None = None,
    many: bool = False,
) -> Delivery:
    """Answer the customer, under their newest message; the outbox row of its first part, or only one.

    `seen`: the ticket's position when the page was drawn. `key`: made with the form, so that a form posted twice sends
    once. `pictures`: keys of those in this person's box, in order; they go with the first part. `private`: to the
    customer alone, where the platform has a way. `at`: not before then. `rest`: snooze the ticket `until` then, or
    until the customer writes. `approved_by`: the second person who has read it. `many`: the same goes to many
    (tickets.incidents.updates), so its writer takes no ticket by it, and their drafts stay. An answer that does not
    count by the brand's policy, or goes out later, neither resolves nor snoozes.
    Raises Ticket.DoesNotExist, NotAllowed, KeyUsed, EmptyAnswer, TooLong, MovedOn, Unsendable, BadPicture, and of the
    guard Stopped, NeedsSecond (tickets.answering.approvals.answer asks somebody where it is raised).
    """
    text = tidy(text)
    with transaction.atomic():
        ticket = _held(ticket_id, by)
        if (earlier := Delivery.objects.filter(key=key).first()) is not None:
            return _same_answer(ticket, earlier)
        parent = check_sendable(ticket, text, seen)
        private = check_private(parent, private=private)
        posts = parts_of(parent.channel, Kind.DM if private else parent.kind, text)
        looked = _looked(ticket, parent, text, by, approved_by=approved_by, private=private, many=many)
        care = looked.care(later=at is not None, approved=approved_by.name if approved_by else "")
        delivery = _write(ticket, parent, posts, by, key, care=care, at=at, private=private)
        enclosed.enclose(pictures, ticket=ticket, parent=parent, message=delivery.message, by=by)
        if not many:
            take_if_nobodys(ticket, by)
            drafts.drop(ticket, by, Draft.Kind.ANSWER)
        record(ticket, Activity.Verb.ANSWERED, by, message=delivery.message_id)
        settle([ticket], timezone.now())
        if looked.counts and at is None:
            _then(ticket, by, resolve=resolve, rest=rest, until=until)
        doorbell.ring("radd.deliver")
        doorbell.ring_pages()
    return delivery


def _then(ticket: Ticket, by: User, *, resolve: bool, rest: bool, until: datetime | None) -> None:
    """What was asked for beside the answer."""
    if resolve:
        lifecycle.resolve(ticket.pk, by=by)
    elif rest:
        snoozing.snooze(ticket.pk, until=until, by=by)


def _held(ticket_id: int, by: User) -> Ticket:
    """The ticket, locked, for who may work on it."""
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("channel").get(pk=ticket_id)
    check_may_work_on(by, ticket)
    return ticket


def _same_answer(ticket: Ticket, earlier: Delivery) -> Delivery:
    """The answer this form has sent before."""
    if not TicketMessage.objects.filter(ticket=ticket, message=earlier.message_id).exists():
        raise KeyUsed(_("This form has sent an answer to another ticket already. Load the page again."))
    return earlier


def check_sendable(ticket: Ticket, text: str, seen: int) -> Message:
    """The message an answer goes under. Raises EmptyAnswer, MovedOn, Unsendable."""
    if not text:
        raise EmptyAnswer
    check_not_moved_on(ticket, seen)
    parent = answers_to(ticket)
    reason = cannot_answer(parent)
    if reason is not None or parent is None:
        raise Unsendable(reason or Cannot.GONE, ticket.channel.platform)
    return parent


def check_not_moved_on(ticket: Ticket, seen: int) -> None:
    """Raises MovedOn where the ticket holds more than its first `seen` messages."""
    if seen < ticket.position:
        raise MovedOn(_came_after(ticket, seen))


def _came_after(ticket: Ticket, seen: int) -> list[Message]:
    """What came onto the ticket after its first `seen` messages, however old its authors say it is."""
    order = TicketMessage.objects.filter(ticket=ticket).order_by("id").values_list("message_id", flat=True)
    return list(messages_of(ticket).filter(pk__in=list(order[seen:])).select_related("contact", "author"))


def may_go_private(parent: Message | None) -> bool:
    """Whether a public message can be answered in private on its platform."""
    if parent is None or parent.kind in NEVER_SPLIT:
        return False
    try:
        adapter = adapters.of(parent.channel)
    except PlatformError:
        return False
    return isinstance(adapter, AnswersInPrivate) and adapter.private_answers


def check_private(parent: Message, *, private: bool) -> bool:
    """Whether the answer is to be made a private one. Raises NotAllowed where the platform has no way."""
    if not private or parent.kind in NEVER_SPLIT:
        return False
    if not may_go_private(parent):
        words = _("%(platform)s lets us answer this only in public.")
        raise NotAllowed(words % {"platform": adapters.label_of(parent.channel.platform)})
    return True


def _looked(
    ticket: Ticket, parent: Message, text: str, by: User, *, approved_by: User | None, private: bool, many: bool
) -> guarding.Looked:
    """What the guard says of it. Raises Stopped, NeedsSecond, and NotAllowed while another answer waits."""
    if ticket.awaits_approval and approved_by is None:
        raise NotAllowed(_("Another answer of this ticket waits for a second person."))
    looked = guarding.look(ticket, parent, text, private=private, many=many)
    guarding.check(looked, by, approved=approved_by is not None)
    return looked


def _write(
    ticket: Ticket,
    parent: Message,
    posts: list[Part],
    by: User,
    key: UUID,
    *,
    care: Care,
    at: datetime | None,
    private: bool,
) -> Delivery:
    """One message and one outbox row for each post; the first row, which has the key."""
    now = timezone.now()
    due = at or now + timedelta(seconds=settings.UNDO_SECONDS)
    rows = []
    for turn, post in enumerate(posts, 1):
        message = an_answer(parent, post.text, at or now, author=by, decided_by=by)
        message.raw = care.kept()
        message.kind = Kind.DM if private else message.kind
        if len(posts) > 1:
            message.raw |= parts.Place(str(key), turn, len(posts), post.said).kept()
        message.save()
        TicketMessage.objects.create(ticket=ticket, message=message)
        rows.append(
            Delivery.objects.create(
                message=message,
                channel=parent.channel,
                conversation=parent.conversation,
                key=key if turn == 1 else uuid5(key, f"part {turn}"),
                due_at=due,
            )
        )
    return rows[0]


def an_answer(parent: Message, text: str, now: datetime, **fields: Any) -> Message:
    """An answer of ours under that message, unsaved."""
    return Message(
        channel=parent.channel,
        conversation=parent.conversation,
        contact=_our_account(parent),
        direction=Message.Direction.OUT,
        kind=parent.kind if parent.kind in NEVER_SPLIT else Kind.REPLY,
        text=text,
        parent_external_id=parent.external_id,
        root_external_id=parent.root_external_id or parent.external_id,
        posted_at=now,
        received_at=now,
        state=Message.State.TRIAGED,
        decision=Message.Decision.OURS,
        disposition=Message.Disposition.OURS,
        decided_at=now,
        language=parent.language,
        **fields,
    )


def _our_account(parent: Message) -> Contact:
    channel = parent.channel
    contact, _made = Contact.objects.get_or_create(
        brand_id=channel.brand_id,
        platform=channel.platform,
        external_id=channel.external_id or f"channel-{channel.pk}",
        defaults={"handle": channel.handle, "name": channel.name, "is_own": True},
    )
    return contact


def take_if_nobodys(ticket: Ticket, by: User) -> None:
    """Who answers a ticket that is nobody's has it from then on."""
    if ticket.assignee_id is None:
        ticket.assignee, ticket.assigned_at = by, timezone.now()
        ticket.save(update_fields=["assignee", "assigned_at"])
        record(ticket, Activity.Verb.ASSIGNED, by, to=by.pk, name=by.name)
