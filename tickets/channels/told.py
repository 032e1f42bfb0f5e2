"""What a platform told by webhook and nobody understood: listed, and tried again by supervisors."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from ingest import adapters, webhooks
from ingest.models import Channel, InboundEvent
from ingest.platforms.base import PlatformError, Receives
from tickets.channels.kept_errors import in_words
from tickets.permissions import check_may_see_channel

State = InboundEvent.State
# At a press; the rest stays on the page for the next.
MOST_AT_ONCE = 1000


def replay(channel_id: int, event_id: int | None = None, *, by: User) -> int:
    """Put one event, or all that were not understood, back in line; how many were."""
    channel = Channel.objects.get(pk=channel_id)
    check_may_see_channel(by, channel)
    rows = failed(channel)
    if event_id is not None:
        rows = rows.filter(pk=event_id)
    return webhooks.replay(list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE]))


def failed(channel: Channel) -> QuerySet[InboundEvent]:
    """The events that were not understood, the newest first; what they hold stays where it is."""
    return InboundEvent.objects.filter(channel=channel, state=State.FAILED).defer("payload").order_by("-id")


def with_words(channel: Channel, limit: int) -> list[tuple[InboundEvent, str]]:
    """The newest of those, each with what was wrong in words."""
    return [(event, in_words(event.error)) for event in failed(channel)[:limit]]


def can_call(channel: Channel) -> bool:
    """Whether its platform calls us; False too while it has no working adapter."""
    try:
        return isinstance(adapters.of(channel), Receives)
    except PlatformError:
        return False


def counts(channel: Channel, since: datetime) -> Mapping[str, int]:
    """How many events wait, how many were not understood, and how many that came since were taken in."""
    here = InboundEvent.objects.filter(channel=channel)
    return {
        "waiting": here.filter(state=State.WAITING).count(),
        "failed": here.filter(state=State.FAILED).count(),
        "done": here.filter(state=State.DONE, received_at__gte=since).count(),
    }
