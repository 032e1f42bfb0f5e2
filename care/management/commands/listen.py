"""Hear the channels whose platforms push, until told to stop."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ingest.listening import Listener


class Command(BaseCommand):
    help = (
        "Hears every active channel whose platform pushes (unless its option `stream` is off), each in a thread of "
        "its own. Several may run: no channel is heard twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pulse", type=Path, help="a file to touch after each look at the channels")

    def handle(self, *args: Any, **options: Any) -> None:
        listener = Listener()
        for number in (signal.SIGTERM, signal.SIGINT):
            # Raised in the main thread, which only looks at channels; setting an event here could wait for itself.
            signal.signal(number, end)
        pulse: Path | None = options["pulse"]
        if pulse:
            listener.run(pulse.touch)
        else:
            listener.run()


def end(_number: int, _frame: FrameType | None) -> None:
    """Leave as a process that was asked to."""
    sys.exit(0)
