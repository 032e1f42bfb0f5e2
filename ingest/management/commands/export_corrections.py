"""Write what people corrected as JSON Lines to train from."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ingest.lessons import lessons


class Command(BaseCommand):
    help = (
        "Writes every message that a person corrected as one line of JSON for training: its text without handles, the "
        "corrected labels with their last values, and the model that was wrong. docs/corrections.md names the keys."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", default="", metavar="DATE", help="only messages corrected since this day or time"
        )
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="written whole or not at all; else standard output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        since = moment(options["since"]) if options["since"] else None
        try:
            # In a transaction rows come as they are asked for; outside one the server would lay them all out first.
            with opened(options["out"], cast("TextIO", self.stdout)) as out, transaction.atomic():
                written = 0
                for lesson in lessons(since):
                    out.write(json.dumps(lesson, ensure_ascii=False) + "\n")
                    written += 1
        except OSError as error:
            raise CommandError(f"{options['out'] or 'Standard output'} cannot be written: {error.strerror}.") from error
        where = f" -> {options['out']}" if options["out"] else ""
        self.stderr.write(f"{written:,} corrected messages{where}")


def moment(text: str) -> datetime:
    """A day (from its first minute) or a time, in the installation's zone unless it names one. Raises CommandError."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"--since {text}: give a day or a time, such as 2026-11-01 or 2026-11-01T08:30.")
    return timezone.make_aware(found) if timezone.is_naive(found) else found


@contextmanager
def opened(path: Path | None, default: TextIO) -> Iterator[TextIO]:
    """A file that takes its name only once it is whole; `default` without a path."""
    if path is None:
        yield default
        return
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            yield cast("TextIO", file)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
