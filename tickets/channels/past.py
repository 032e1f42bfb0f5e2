"""The past of a channel: an admin has it read, in the background, and sees how far it has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from ingest import adapters, backfilling
from ingest.models import Backfill, Channel
from ingest.platforms.base import Backfills, PlatformError
from tickets.channels.kept_errors import ENDINGS, in_words
from tickets.permissions import NotAllowed, check_runs_channels

USUAL_DAYS = 7


# --- verbs ----------------------------------------------------------------------------------------------------------
def read(channel_id: int, days: int, *, by: User) -> Backfill:
    """Have the last `days` days read. Raises NotAllowed, also where the platform gives no past."""
    check_runs_channels(by)
    channel = Channel.objects.exclude(state__in=Channel.GONE).get(pk=channel_id)
    if not 1 <= days <= backfilling.MOST_DAYS:
        raise NotAllowed(_("Give a number of days from 1 to %(most)d.") % {"most": backfilling.MOST_DAYS})
    now = timezone.now()
    try:
        with transaction.atomic():
            begun = backfilling.start(channel, now - timedelta(days=days), now)
            audit.record(by, "channel.past_read", channel, days=days)
    except backfilling.NoPast:
        raise NotAllowed(str(ENDINGS["no_past"])) from None
    except PlatformError as error:
        raise NotAllowed(in_words(str(error))) from None
    return begun


def stop(channel_id: int, *, by: User) -> bool:
    """Read no more of it; what was read stays. False if nothing was at work."""
    check_runs_channels(by)
    channel = Channel.objects.get(pk=channel_id)
    with transaction.atomic():
        at_work = Backfill.objects.filter(channel=channel, state=Backfill.State.WORKING).first()
        stopped = at_work is not None and backfilling.stop(at_work.pk)
        if stopped:
            audit.record(by, "channel.past_stopped", channel)
    return stopped


# --- reading --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Past:
    """What a page says of a channel's past. `newest`: the last time it was read, None if it never was."""

    can_be_read: bool
    newest: Backfill | None
    # Of the time that is asked for, from 0 to 100.
    percent: int = 0
    trouble: str = ""
    # It rests until then.
    next_at: datetime | None = None

    @property
    def at_work(self) -> bool:
        """Whether it is being read."""
        return self.newest is not None and self.newest.state == Backfill.State.WORKING


def of_channel(channel: Channel, now: datetime) -> Past:
    """How the reading of its past stands (one query)."""
    newest = Backfill.objects.filter(channel=channel).order_by("-id").first()
    if newest is None:
        return Past(can_read(channel), None)
    return Past(
        can_be_read=can_read(channel),
        newest=newest,
        percent=round(100 * backfilling.progress(newest)),
        trouble=in_words(newest.error) if newest.error else "",
        next_at=newest.due_at if newest.state == Backfill.State.WORKING and newest.due_at > now else None,
    )


def can_read(channel: Channel) -> bool:
    """Whether its platform gives a past; False too while it has no working adapter."""
    try:
        return isinstance(adapters.of(channel), Backfills)
    except PlatformError:
        return False
