"""Take note of the words of every message anew, after the rules by which words are kept became others."""

import os
import sys
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from ingest.imports.patience import patiently
from ingest.imports.progress import Progress, Silence, Teller
from tickets.listing.search import indexing

DATABASE_AWAY, STOPPED = 3, 130
# What is said now and the pages go first.
NICENESS = 10


class Command(BaseCommand):
    help = (
        "Takes note of the words of every message anew, the newest first: once after a release that says that words"
        " are kept by other rules. What is not reached yet is found by its old words meanwhile. Safe beside the running"
        " desk, whose workers help; stopped or killed, go on with --below and the number that was told last."
        " Exit codes: 0 done, 3 database away, 130 stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--below", type=int, metavar="NUMBER", help="go on below this entry, told by a run before")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")
        parser.add_argument("--no-progress", action="store_true", help="say nothing before the end")

    def handle(self, *args: Any, **options: Any) -> None:
        below = options["below"]
        total = indexing.kept_below(below)
        if options["dry_run"]:
            self.stdout.write(f"{total:,} messages would be read for their words anew.")
            return
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), NICENESS))
        progress: Progress = Silence() if options["no_progress"] else Teller(sys.stderr)
        done = 0
        try:
            while True:
                count, reached = patiently(partial(indexing.anew, below))
                if not count:
                    break
                below, done = reached, done + count
                progress.show(
                    "Reading words", done, total, f"{done:,} of {total:,}; to go on from here: --below {below}"
                )
        except KeyboardInterrupt:
            progress.end()
            raise CommandError(f"Stopped after {done:,}. {go_on(below)}", returncode=STOPPED) from None
        except (OperationalError, InterfaceError) as error:
            words = f"The database stays away ({str(error).strip()}). {go_on(below)}"
            raise CommandError(words, returncode=DATABASE_AWAY) from error
        progress.end()
        self.stdout.write(self.style.SUCCESS(f"{done:,} messages are found by their words as they are kept now."))


def go_on(below: int | None) -> str:
    """How the rest is done."""
    return "Run the same command again" + (f" with --below {below}." if below else ".")
