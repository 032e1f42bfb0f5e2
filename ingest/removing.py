"""Removing a channel: it leaves work at once. What it brought stays to be read, or is erased in the background.

Removed is a state of the row, its keys blanked: tickets and messages go on pointing at it. Erasing takes small steps,
each a transaction of its own under the row's lock, and ends with the row: whoever dies midway, the next one goes on.
Tickets are erased by those who know of them (tickets.channels.erasing), before what is below them.
"""

import uuid

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from ingest import doorbell
from ingest.connecting import check_may
from ingest.models import (
    Backfill,
    BadItem,
    Channel,
    ChannelSession,
    Contact,
    Conversation,
    Delivery,
    InboundEvent,
    Message,
)

BATCH = 200
NOT_SENT = "channel_removed"
TASK = "radd.erase"


def remove(channel_id: int, *, erase: bool, by: User | None = None) -> Channel:
    """Take it out of work for good, its keys too; with `erase`, all that it brought goes as well, in the background.

    One that was removed may still be erased; removing twice changes nothing. Raises Channel.DoesNotExist.
    """
    check_may(by)
    wanted = Channel.State.ERASING if erase else Channel.State.REMOVED
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        if channel.state in {wanted, Channel.State.ERASING}:
            return channel
        if channel.state not in Channel.GONE:
            _leave_work(channel)
        channel.state = wanted
        channel.save()
        audit.record(by, "channel.erased" if erase else "channel.removed", channel, platform=channel.platform)
        if erase:
            doorbell.ring(TASK)
    return channel


def _leave_work(channel: Channel) -> None:
    """Nothing of it waits any more. What is in somebody's hands finds no keys, or finds that it is nobody's."""
    now = timezone.now()
    # A new address for webhooks: whoever knows the old one finds nobody there.
    channel.secrets, channel.hook = None, uuid.uuid4()
    channel.lease_until, channel.error_code, channel.last_error = None, "", ""
    ChannelSession.objects.filter(channel=channel).delete()
    at_work = Backfill.objects.filter(channel=channel, state=Backfill.State.WORKING)
    at_work.update(state=Backfill.State.STOPPED, finished_at=now, lease_until=None)
    # Those on their way are looked for once more, and end as not known where nobody can look.
    waiting = Delivery.objects.filter(channel=channel, state=Delivery.State.WAITING)
    ended = {"state": Delivery.State.FAILED, "finished_at": now, "lease_until": None, "settled": False}
    if waiting.update(**ended, error_code=NOT_SENT):
        doorbell.ring("radd.settle")


# --- erasing ----------------------------------------------------------------------------------------------------------
def to_erase() -> "QuerySet[Channel]":
    """Channels whose data is going, for one transaction: those in others' hands are passed over."""
    erasing = Channel.objects.filter(state=Channel.State.ERASING).order_by("id")
    return erasing.select_for_update(skip_locked=True, of=("self",))


def erase_step(channel: Channel) -> int:
    """Erase some of what is below tickets, in the caller's transaction; how much. 0 when all is gone, the row too."""
    for rows in (Message.objects, InboundEvent.objects, BadItem.objects):
        ids = list(rows.filter(channel=channel).order_by("id").values_list("id", flat=True)[:BATCH])
        if ids:
            rows.filter(pk__in=ids).delete()
            return len(ids)
    if done := _delete_conversations(channel):
        return done
    channel.delete()
    return 0


def _delete_conversations(channel: Channel) -> int:
    """Threads, and the people who wrote nowhere else. Our own accounts are no people, and stay."""
    found = list(Conversation.objects.filter(channel=channel).order_by("id").values_list("id", "contact_id")[:BATCH])
    Conversation.objects.filter(pk__in=[pk for pk, _ in found]).delete()
    people = Contact.objects.filter(pk__in={contact for _, contact in found}, is_own=False)
    elsewhere = Exists(Conversation.objects.filter(contact=OuterRef("pk")))
    wrote = Exists(Message.objects.filter(contact=OuterRef("pk")))
    people.filter(~elsewhere, ~wrote).delete()
    return len(found)


def only_here(channel: Channel) -> int:
    """How many people wrote through this channel alone."""
    others = Conversation.objects.filter(contact=OuterRef("pk")).exclude(channel=channel)
    here = Contact.objects.filter(conversations__channel=channel, is_own=False).distinct()
    return here.filter(~Exists(others)).count()
