"""Try a reader on the behavioural cases of docs/behaviour.md; prints pass rates, and every case that fails."""

from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sentiment import behaviour, engine

CASES = settings.BASE_DIR / "tests" / "sentiment" / "behaviour"


class Command(BaseCommand):
    help = "Tries a reader on negation, sarcasm, dialects, swapped names and the like; prints pass rates and failures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", default=settings.READER, help=f"{engine.CHOICES}; default: RADD_READER")
        parser.add_argument("--cases", type=Path, default=CASES, help="folder of JSON Lines, as in docs/behaviour.md")
        parser.add_argument("--kind", action="append", help="only this kind (may be given more than once)")
        parser.add_argument("--language", help="only this language: ar or en")
        parser.add_argument("--failures", type=int, help="failures to print of each kind; default: all")

    def handle(self, *args: Any, **options: Any) -> None:
        kinds, language = options["kind"], options["language"]
        try:
            cases = [
                case
                for case in behaviour.load(options["cases"])
                if (not kinds or case.kind in kinds) and (not language or case.lang == language)
            ]
            if not cases:
                raise CommandError("No such cases.")
            results = behaviour.run(cases, partial(engine.read, spec=options["model"]))
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self._failures(results, options["failures"])
        self._table(behaviour.table(results))

    def _failures(self, results: list[behaviour.Result], most: int | None) -> None:
        for row in behaviour.table(results):
            failed = [r for r in results if (r.case.kind, r.case.lang) == (row.kind, row.lang) and not r.passed]
            for result in failed[:most]:
                self.stdout.write(str(result))

    def _table(self, rows: list[behaviour.Row]) -> None:
        self.stdout.write(f"{'kind':<12} {'language':<8} {'test':<10} {'passed':>9} {'rate':>5} {'moved':>5}")
        for row in rows:
            moved = "" if row.moved is None else f"{row.moved:.2f}"
            by_variant = "  ".join(f"{name} {share:.2f}" for name, share in row.right.items())
            line = f"{row.kind:<12} {row.lang:<8} {row.test:<10} {f'{row.passed}/{row.cases}':>9} {row.rate:>5.2f}"
            self.stdout.write(f"{line} {moved:>5}  {by_variant}".rstrip())
