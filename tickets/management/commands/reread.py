"""Read messages again with the model in charge or another; stopped at any moment, the same words go on."""

import os
import sys
from argparse import ArgumentTypeError
from datetime import datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from ingest import readers, rereading
from ingest.imports.patience import patiently
from ingest.imports.progress import Progress, Silence, Teller
from ingest.models import Reread
from sentiment import engine
from sentiment.reading import Backend
from tickets.incoming.rereading import Busy, alone, go_on

UNUSABLE, DATABASE_AWAY, STOPPED = 2, 3, 130
# Live reading and the pages go first.
NICENESS = 10


class Command(BaseCommand):
    help = (
        "Reads messages again that customers wrote since a day: only readings change, and with them the measures of"
        " their tickets. What a person said, decisions and dispositions stay. Safe beside the running desk; stopped or"
        " killed, the same command goes on where it was. Exit codes: 0 done, 2 model unusable, 3 database away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", required=True, type=moment, metavar="DATE", help="2026-11-01 or 2026-11-01T10:00"
        )
        parser.add_argument("--until", type=moment, metavar="DATE", help="up to then, that day left out")
        parser.add_argument("--model", default="", metavar="SPEC", help=f"{engine.CHOICES}; else the one in charge")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be read")
        parser.add_argument("--no-progress", action="store_true", help="say nothing before the end")

    def handle(self, *args: Any, **options: Any) -> None:
        spec = options["model"] or readers.spec_in_charge()
        since, until = options["since"], options["until"]
        backend = self.loaded(spec)
        if options["dry_run"]:
            self.foretell(since, until, spec, backend)
            return
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), NICENESS))
        progress: Progress = Silence() if options["no_progress"] else Teller(sys.stderr)
        try:
            job = patiently(lambda: rereading.begin(since, until, spec, backend))
            if job.done:
                self.stdout.write(f"Going on after {job.done:,} of {job.total:,} messages.")
            with alone(job):
                self.work(job, backend, progress)
        except Busy as error:
            raise CommandError("Another process is at it already.") from error
        except (OperationalError, InterfaceError) as error:
            words = f"The database stays away ({str(error).strip()}). Run the same command again: nothing is doubled."
            raise CommandError(words, returncode=DATABASE_AWAY) from error

    def work(self, job: Reread, backend: Backend, progress: Progress) -> None:
        began, before = timezone.now(), job.done

        def tell(now: Reread) -> None:
            rest = rereading.left(now, timezone.now(), began, before)
            words = f"{now.done:,} of {now.total:,}" + (f", {in_words(rest)} left" if rest is not None else "")
            progress.show("Reading", now.done, now.total, words)

        try:
            go_on(job, lambda texts, parents: engine.read_with(backend, texts, parents), tell)
        except KeyboardInterrupt:
            progress.end()
            words = f"Stopped after {job.done:,} of {job.total:,}. Run the same command again to go on."
            raise CommandError(words, returncode=STOPPED) from None
        progress.end()
        failed = f"; {job.failed:,} could not be read and keep what they had" if job.failed else ""
        self.stdout.write(self.style.SUCCESS(f"{job.done:,} messages read with {job.model} {job.version}{failed}."))

    def loaded(self, spec: str) -> Backend:
        try:
            return engine.reader(spec)
        except Exception as error:
            raise CommandError(
                f"{spec} cannot be used: {type(error).__name__}: {error}", returncode=UNUSABLE
            ) from error

    def foretell(self, since: datetime, until: datetime | None, spec: str, backend: Backend) -> None:
        """What a run would do; nothing is written."""
        rows = rereading.readers_of(rereading.wanted(since, until, backend.name[:80], backend.version[:40]))
        total, told = sum(row[2] for row in rows), sum(row[3] for row in rows)
        self.stdout.write(f"{total:,} messages would be read with {backend.name} {backend.version} ({spec}):")
        for model, version, count, _told in rows:
            self.stdout.write(f"  {count:>10,}  read by {model} {version}" if model else f"  {count:>10,}  unread")
        self.stdout.write(f"Of {told:,} a person has said something, which stays.")
        if job := rereading.unfinished(since, until, spec, backend):
            self.stdout.write(f"A run that was broken off after {job.done:,} of {job.total:,} would go on.")


def moment(text: str) -> datetime:
    """A day (its beginning) or a time, in the time zone of the installation."""
    try:
        day, at = parse_date(text), None
        at = parse_datetime(text) if day is None else datetime.combine(day, time.min)
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: {error}") from error
    if at is None:
        raise ArgumentTypeError(f"{text} is no date like 2026-11-01.")
    return at if timezone.is_aware(at) else timezone.make_aware(at)


def in_words(rest: timedelta) -> str:
    """A rough stretch of time: 40 s, 12 min, 3 h 05 min."""
    seconds = int(rest.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
