"""Our own posts, read back from the platform or loaded from a file: they answer somebody, and so belong to a ticket.

They may be stored before or after the message they answer, so both sides look for the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from ingest.models import Delivery, Message
from tickets.models import Ticket, TicketMessage

State = Message.State
Disposition = Message.Disposition


def link_answers(messages: Sequence[Message], tickets: Mapping[int, Ticket]) -> list[TicketMessage]:
    """Own posts already stored that answer these messages: their places on those messages' tickets (unsaved)."""
    asked = {(m.channel_id, m.external_id): tickets[m.pk] for m in messages if m.pk in tickets}
    if not asked:
        return []
    answers = Message.objects.filter(
        direction=Message.Direction.OUT,
        channel__in={channel for channel, _ in asked},
        parent_external_id__in={external for _, external in asked},
        delivery=None,
    ).exclude(parent_external_id="")
    return [
        TicketMessage(ticket=asked[answer.channel_id, answer.parent_external_id], message=answer)
        for answer in answers
        if (answer.channel_id, answer.parent_external_id) in asked
    ]


def place_own_posts(posts: Sequence[Message], here: Mapping[int, Ticket | None]) -> tuple[dict[int, Ticket], set[int]]:
    """Tickets of the messages these own posts answer, by own post's id; and the ids of posts that must wait.

    `here`: the messages triaged in this same batch, with their tickets.

    A post waits while the message it answers is still on its way through triage, or while an answer of ours under
    that message is still being delivered (this may be that very answer, read back early).
    """
    answering = [post for post in posts if post.parent_external_id]
    keys = {(post.channel_id, post.parent_external_id) for post in answering}
    if not keys:
        return {}, set()
    channels = {channel for channel, _ in keys}
    externals = {external for _, external in keys}
    parents = {
        (parent.channel_id, parent.external_id): parent
        for parent in Message.objects.filter(channel__in=channels, external_id__in=externals)
    }
    unfinished = Delivery.objects.unfinished().filter(channel__in=channels, message__parent_external_id__in=externals)
    busy = set(unfinished.values_list("channel_id", "message__parent_external_id"))
    home = _homes(parents.values(), here)
    placed: dict[int, Ticket] = {}
    waiting: set[int] = set()
    for post in sorted(answering, key=lambda post: (post.posted_at, post.pk)):
        parent = parents.get((post.channel_id, post.parent_external_id))
        if (post.channel_id, post.parent_external_id) in busy or _undecided(parent, posts, here):
            waiting.add(post.pk)
        elif parent is not None and (ticket := home.get(parent.pk) or placed.get(parent.pk)):
            placed[post.pk] = ticket
    return placed, waiting


def _undecided(parent: Message | None, posts: Sequence[Message], here: Mapping[int, Ticket | None]) -> bool:
    if parent is None or parent.pk in here or parent in posts:
        return False
    return parent.state in {State.NEW, State.SCORED}


def _homes(parents: Iterable[Message], here: Mapping[int, Ticket | None]) -> dict[int, Ticket]:
    """Tickets by message id: those of this batch as they are in memory, others locked in order of id."""
    known = {ticket.pk: ticket for ticket in here.values() if ticket}
    places = TicketMessage.objects.filter(message__in=[parent.pk for parent in parents]).exclude(ticket__in=known)
    rows = list(places.values_list("message_id", "ticket_id"))
    tickets = Ticket.objects.select_for_update().order_by("id").in_bulk({ticket for _, ticket in rows})
    elsewhere = {message: tickets[ticket] for message, ticket in rows if ticket in tickets}
    older = TicketMessage.objects.filter(message__in=[parent.pk for parent in parents], ticket__in=known)
    on_known = {message: known[ticket] for message, ticket in older.values_list("message_id", "ticket_id")}
    return elsewhere | on_known | {message: ticket for message, ticket in here.items() if ticket}


def mark_answered_outside(ticket_ids: Iterable[int], now: datetime) -> int:
    """Awaiting messages that an own post made outside Radd was posted after: answered outside."""
    on_ticket = TicketMessage.objects.filter(ticket__in=list(ticket_ids))
    later_answer = TicketMessage.objects.filter(
        ticket=OuterRef("ticket"),
        message__direction=Message.Direction.OUT,
        message__delivery=None,
        message__posted_at__gte=OuterRef("message__posted_at"),
    )
    waiting = on_ticket.filter(message__disposition=Disposition.AWAITING).filter(Exists(later_answer))
    ids = list(waiting.values_list("message_id", flat=True))
    return Message.objects.filter(pk__in=ids).update(disposition=Disposition.ANSWERED_OUTSIDE, decided_at=now)
