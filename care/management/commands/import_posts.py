"""Bring history in from a file, and account for every row of it."""

import os
import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from care.pipeline import work_off
from ingest import doorbell
from ingest.imports.channels import Destination, NoChannel, find_or_make
from ingest.imports.formats import FORMATS, open_format
from ingest.imports.items import UnusableFile
from ingest.imports.patience import patiently
from ingest.imports.progress import Progress, Silence, Teller
from ingest.imports.rejects import Rejects
from ingest.imports.runner import Import, Tally

UNUSABLE, DATABASE_AWAY, STOPPED = 2, 3, 130


class Command(BaseCommand):
    help = (
        "Imports posts from a file into a channel; safe to run again.\n\n"
        "Formats (told by the content; docs/importing.md describes them):\n"
        "  twcs   Customer Support on Twitter, CSV\n"
        "  x      X API v2 pages: one page, a list of pages, or one page a line\n"
        "  radd   Radd's own JSON Lines\n\n"
        "Exit codes: 0 every row is accounted for, 2 file, format or channel unusable, 3 database away."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--channel", required=True, metavar="NAME", help="made if there is none of this name")
        parser.add_argument("--brand", default="", metavar="NAME", help="of a new channel; else named like the channel")
        parser.add_argument("--format", choices=("auto", *FORMATS), default="auto")
        parser.add_argument(
            "--ours", action="append", default=[], metavar="ACCOUNT", help="handle or id of an account of the brand"
        )
        parser.add_argument("--rejects", type=Path, metavar="FILE", help="where rejected rows go")
        parser.add_argument("--no-progress", action="store_true", help="say nothing before the end")
        parser.add_argument("--wait", action="store_true", help="read, triage and route here until nothing waits")

    def handle(self, *args: Any, **options: Any) -> None:
        progress: Progress = Silence() if options["no_progress"] else Teller(sys.stderr)
        path: Path = options["file"]
        try:
            form = open_format(path, options["format"])
            with Rejects(options["rejects"] or rejects_place(path), path) as rejects:
                destination = patiently(lambda: find_or_make(options["channel"], options["brand"]))
                job = Import(path, form, destination.channel, rejects, progress, accounts(options["ours"]))
                self.bring_in(job, destination)
            if options["wait"]:
                self.work_off(progress)
        except (UnusableFile, NoChannel) as error:
            raise CommandError(str(error), returncode=UNUSABLE) from error
        except (OperationalError, InterfaceError) as error:
            words = f"The database stays away ({str(error).strip()}). Run the same command again: nothing is doubled."
            raise CommandError(words, returncode=DATABASE_AWAY) from error

    def bring_in(self, job: Import, destination: Destination) -> None:
        for made in destination.made:
            self.stdout.write(f"New: {made}")
        try:
            job.survey()
            if not job.own_ids and not job.channel.external_id:
                self.stderr.write("No account of the brand is known: every post counts as a customer's (see --ours).")
            job.run()
        except KeyboardInterrupt:
            job.progress.end()
            self.account_for(job)
            raise CommandError("Stopped. Run the same command again to go on.", returncode=STOPPED) from None
        doorbell.ring("radd.read")
        self.account_for(job)

    def account_for(self, job: Import) -> None:
        tally = job.tally
        self.stdout.write(f"{job.path} -> channel {job.channel} ({job.channel.brand}), format {job.form.name}")
        self.stdout.write(sentence(tally))
        if tally.changed:
            self.stdout.write(f"Of those known, {tally.changed:,} were edited or deleted since, and now say so.")
        if tally.rejected:
            self.stdout.write(f"Rejected rows, with line numbers and reasons: {job.rejects.path}")
        self.stdout.write("How far reading and triage are: manage.py audit_flow")

    def work_off(self, progress: Progress) -> None:
        totals: dict[str, int] = {}

        def tell(stage: str, done: int) -> None:
            totals[stage] = done
            progress.show("Working", 0, 0, ", ".join(f"{name} {count:,}" for name, count in totals.items()))

        done = patiently(lambda: work_off(tell))
        progress.end()
        self.stdout.write("Done here: " + ", ".join(f"{name} {count:,}" for name, count in done.items()) + ".")


def sentence(tally: Tally) -> str:
    """The account of a run: both sides of it are always equal."""
    return (
        f"rows read {tally.rows:,} = imported {tally.imported:,} + already known {tally.known:,}"
        f" + rejected {tally.rejected:,} + duplicates {tally.duplicates:,}"
    )


def accounts(named: list[str]) -> frozenset[str]:
    """Handles and ids as they are compared: without @, in small letters."""
    return frozenset(name.strip().removeprefix("@").lower() for name in named) - {""}


def rejects_place(source: Path) -> Path:
    """The current folder; where nothing may be written there, the installation's own folder."""
    here = Path.cwd()
    return (here if os.access(here, os.W_OK) else settings.STATE_DIR) / f"{source.name}.rejects.jsonl"
