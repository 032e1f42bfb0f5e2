"""Count every message, ticket and delivery; exit 1 when anything is unaccounted for."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tickets.reports.balance import Balance, balance


class Command(BaseCommand):
    help = "Counts messages by state and disposition, tickets and answers by state, doubles, orphans, overdue leases."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        books = balance()
        if options["json"]:
            self.stdout.write(json.dumps(as_dict(books), ensure_ascii=False, indent=1))
        else:
            self.print(books)
        if books.problems:
            sys.exit(1)

    def print(self, books: Balance) -> None:
        for section in books.sections:
            self.stdout.write(f"\n{section.title}: {section.total}")
            for _code, label, count in section.rows:
                self.stdout.write(f"  {count:>10,}  {label}")
        self.stdout.write("\nUnder way or waiting for a person:")
        for name, count in books.underway.items():
            self.stdout.write(f"  {count:>10,}  {name.replace('_', ' ')}")
        self.stdout.write("")
        for problem in books.problems:
            self.stdout.write(self.style.ERROR(f"UNACCOUNTED FOR: {problem.count:,} {problem.words}"))
        if not books.problems:
            self.stdout.write(self.style.SUCCESS("The books balance."))


def as_dict(books: Balance) -> dict[str, Any]:
    """The books as JSON-ready values, by codes."""
    return {
        "at": books.at.isoformat(),
        **{section.name: {code or "undecided": n for code, _label, n in section.rows} for section in books.sections},
        "underway": books.underway,
        "problems": {problem.name: problem.count for problem in books.problems},
        "balanced": not books.problems,
    }
