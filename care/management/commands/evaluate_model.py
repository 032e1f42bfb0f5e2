"""Say how well a model reads labelled texts, beside what it must beat."""

import json
import os
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sentiment import engine
from sentiment.backends.cores import THREADS_VARIABLE, cores, threads
from sentiment.evaluation import baselines, page, tables
from sentiment.evaluation.asking import ask, warm_up
from sentiment.evaluation.mistakes import mistakes
from sentiment.evaluation.report import Read, Reader, Report, document, report
from sentiment.evaluation.rows import Choice, Labelled, UnusableFile, load, seems_yes_or_no
from sentiment.reading import Backend

Files = list[tuple[Path, list[Labelled]]]


class Command(BaseCommand):
    help = (
        "Reads labelled texts with a model and prints how well it did, for each file and language.\n\n"
        "Files are JSON Lines with `text` and any of `label` (0 negative, 1 neutral, 2 positive), `sentiment`,\n"
        "`follow_up`, `reasons`, `urgency`, `trigger`, `aim`, `complaint`, `lang`, `parent`; docs/evaluating.md says\n"
        "more, and what each figure means. A wrong line stops everything before anything is read.\n\n"
        "Exit codes: 0 evaluated, 1 a file or the model cannot be used."
    )
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument(
            "--complaints", nargs="+", type=Path, default=[], metavar="FILE", help="files whose `label` says complaint"
        )
        choices = f"{engine.CHOICES}, or a folder; default: the reader in use here"
        parser.add_argument("--model", default=settings.READER, metavar="SPEC", help=choices)
        parser.add_argument("--threads", type=int, metavar="N", help="threads of the model; default: the cores")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
        parser.add_argument("--page", type=Path, metavar="FILE.md", help="also write a page with drawings beside it")
        parser.add_argument("--by", default="", metavar="FIELD", help="figures for each value of this field too")
        parser.add_argument("--where", action="append", default=[], metavar="FIELD=VALUE", help="only such lines")
        parser.add_argument("--mistakes", action="store_true", help="every text judged otherwise than labelled")
        parser.add_argument("--baselines", action="store_true", help="VADER and TF-IDF + logistic regression too")
        parser.add_argument(
            "--baseline-train", nargs="+", type=Path, default=[], metavar="FILE",
            help="what TF-IDF learns from; else it is cross-validated on each file itself",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"] and options["mistakes"]:
            raise CommandError("--json prints one document: it cannot also list --mistakes.")
        if options["baselines"] or options["baseline_train"]:
            self.check_baselines()
        files, training = self.load(options)
        backend, reader = self.reader(options["model"], options["threads"])
        read = [self.read(backend, path, rows) for path, rows in files]
        if options["baselines"] or options["baseline_train"]:
            read = self.with_baselines(read, training)
        found = report(reader, read, options["by"])
        self.tell(found, read, options)

    def check_baselines(self) -> None:
        try:
            baselines.check()
        except baselines.BaselinesMissingError as error:
            raise CommandError(str(error)) from error

    def load(self, options: dict[str, Any]) -> tuple[Files, list[Labelled]]:
        """All files, or every reason why not."""
        asked = [*((path, False) for path in options["files"]), *((path, True) for path in options["complaints"])]
        if not asked:
            raise CommandError("Give at least one FILE, or --complaints FILE.")
        where = dict(_pairs(options["where"]))
        files: Files = []
        training: list[Labelled] = []
        wrong = []
        for path, complaints in asked:
            try:
                choice = Choice(label_is_complaint=complaints, where=where, by=options["by"])
                files.append((path, load(path, choice)))
            except UnusableFile as error:
                wrong.append(str(error))
        for path in options["baseline_train"]:
            try:
                training += load(path)
            except UnusableFile as error:
                wrong.append(str(error))
        if wrong:
            raise CommandError("\n".join(["Nothing was evaluated:", *wrong]))
        return files, training

    def reader(self, named: str, wanted_threads: int | None) -> tuple[Backend, Reader]:
        """The model, loaded with as many threads as wanted."""
        if wanted_threads is not None:
            os.environ[THREADS_VARIABLE] = str(wanted_threads)
        spec = engine.spec_of(named)
        try:
            used = threads()
            backend = engine.reader(spec)
        # Whatever a model library says of a file that is no model is for the person who named it.
        except Exception as error:
            raise CommandError(f"{named} cannot be used: {error}") from error
        return backend, Reader(spec, backend.name, backend.version, cores(), used)

    def read(self, backend: Backend, path: Path, rows: list[Labelled]) -> Read:
        self.progress(f"reading {path.name}, {len(rows):,} rows")
        warm_up(backend, rows)
        answers, seconds = ask(backend, rows)
        return Read(path.name, rows, answers, seconds, notes=_notes(rows))

    def with_baselines(self, read: Sequence[Read], training: Sequence[Labelled]) -> list[Read]:
        self.progress(f"{baselines.VADER} and {baselines.TFIDF}; the latter may take minutes")
        learned = baselines.tfidf([one.rows for one in read], training)
        return [
            Read(one.name, one.rows, one.answers, one.seconds, _named(one.rows, answers), [*one.notes, *notes])
            for one, (answers, notes) in zip(read, learned, strict=True)
        ]

    def tell(self, found: Report, read: Sequence[Read], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(document(found), ensure_ascii=False, indent=1))
        else:
            self.stdout.write(tables.text(found))
        if options["mistakes"]:
            for one in read:
                self.stdout.write("\n".join([f"\nMistakes in {one.name}", *mistakes(one.rows, one.answers)]))
        if options["page"]:
            for path in page.write(found, options["page"]):
                self.progress(f"wrote {path}")

    def progress(self, words: str) -> None:
        """To the error channel, so that --json stays one document."""
        self.stderr.write(words, self.style.NOTICE if sys.stderr.isatty() else None)


def _pairs(given: Sequence[str]) -> Iterator[tuple[str, str]]:
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise CommandError(f"--where {one}: give FIELD=VALUE, for example split=validation.")
        yield name, value


def _notes(rows: Sequence[Labelled]) -> list[str]:
    if not any(row.labelled for row in rows):
        return ["no label in it: only the speed was measured"]
    if seems_yes_or_no(rows):
        return ["`label` is never 2; if it says complaint, not sentiment, give the file after --complaints"]
    return []


def _named(rows: Sequence[Labelled], learned: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """VADER only where there is a sentiment to compare it with."""
    toned = any(row.sentiment for row in rows)
    return {**({baselines.VADER: baselines.vader(rows)} if toned else {}), baselines.TFIDF: learned}
