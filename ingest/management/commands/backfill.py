"""Read the past of a channel, in the background; without options say how far that has come."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ingest import backfilling
from ingest.models import Backfill, Channel
from ingest.platforms.base import PlatformError

State = Backfill.State


class Command(BaseCommand):
    help = (
        "Reads what was posted on a channel in the last days: in the background, behind live posts, while workers run. "
        "Without options it says how far the last reading has come."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel", help="its name on the desk")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--days", type=int, metavar="N", help="read the last N days")
        what.add_argument("--stop", action="store_true", help="read no more; what was read stays")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = Channel.objects.filter(name=options["channel"]).first()
        if channel is None:
            raise CommandError(f"There is no channel named {options['channel']!r}.")
        if options["days"] is not None:
            self.start(channel, options["days"])
        elif options["stop"]:
            self.stop(channel)
        else:
            self.tell(channel)

    def start(self, channel: Channel, days: int) -> None:
        """Raises CommandError."""
        if not 1 <= days <= backfilling.MOST_DAYS:
            raise CommandError(f"Between 1 and {backfilling.MOST_DAYS} days.")
        if channel.state in Channel.GONE:
            raise CommandError(f"{channel.name} was removed.")
        now = timezone.now()
        try:
            begun = backfilling.start(channel, now - timedelta(days=days), now)
        except backfilling.NoPast:
            raise CommandError(f"{channel.platform} gives no past: posts come in from now on.") from None
        except PlatformError as error:
            raise CommandError(f"{channel.name} cannot be used as it is set up ({error}).") from error
        self.stdout.write(f"{channel.name} is read from {begun.since:%Y-%m-%d} on, in the background.")
        if channel.state != Channel.State.ACTIVE:
            self.stdout.write(self.style.WARNING("It waits until the channel is read again."))

    def stop(self, channel: Channel) -> None:
        """End what is at work."""
        at_work = Backfill.objects.filter(channel=channel, state=State.WORKING).first()
        stopped = at_work is not None and backfilling.stop(at_work.pk)
        self.stdout.write("Stopped. What was read stays." if stopped else "Nothing was being read.")

    def tell(self, channel: Channel) -> None:
        """How the newest stands, on one line."""
        newest = Backfill.objects.filter(channel=channel).order_by("-id").first()
        if newest is None:
            self.stdout.write("Never read.")
            return
        reached = f"reached {newest.reached:%Y-%m-%d %H:%M}" if newest.reached else "nothing found yet"
        self.stdout.write(
            f"{newest.state}: back to {newest.since:%Y-%m-%d}, {backfilling.progress(newest):.0%}, {reached}, "
            f"{newest.found} found, {newest.stored} new{f'; {newest.error}' if newest.error else ''}"
        )
