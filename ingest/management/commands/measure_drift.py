"""Measure weeks of readings anew: after posts were loaded, read again or corrected."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ingest import drift


class Command(BaseCommand):
    help = "Counts what was read week by week, by channel and language. Without options: the last two weeks."

    def add_arguments(self, parser: CommandParser) -> None:
        span = parser.add_mutually_exclusive_group()
        span.add_argument("--since", metavar="YYYY-MM-DD", help="from the week of this day on")
        span.add_argument(
            "--weeks", type=int, default=2, metavar="N", help="the last N weeks, the running one with them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        weeks = drift.weeks_since(_first(options["since"], options["weeks"]))
        if not weeks:
            raise CommandError("That day has not come yet.")
        rows = drift.measure(weeks)
        self.stdout.write(f"{rows} rows in {len(weeks)} weeks, from {weeks[0]}.")


def _first(since: str | None, weeks: int) -> date:
    if since:
        try:
            return date.fromisoformat(since)
        except ValueError:
            raise CommandError(f"{since!r} is no day like 2026-11-22.") from None
    if not 1 <= weeks <= 520:
        raise CommandError("Between 1 and 520 weeks.")
    return drift.week_of(timezone.now()) - drift.WEEK * (weeks - 1)
