"""What the database says happened, checked against the file that was imported."""

import csv
import json
import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

TABLES = (
    "ingest_contact", "ingest_conversation", "ingest_message", "ingest_delivery", "tickets_ticket",
    "tickets_ticketmessage", "tickets_activity",
)  # fmt: skip
ACCOUNT = re.compile(
    r"rows read ([\d,]+) = imported ([\d,]+) \+ already known ([\d,]+) \+ rejected ([\d,]+) \+ duplicates ([\d,]+)"
)
# What must be none, and the query that counts it.
NONE_OF = {
    "posts stored twice": "SELECT count(*) - count(DISTINCT (channel_id, external_id)) FROM ingest_message",
    "messages not triaged": "SELECT count(*) FROM ingest_message WHERE state <> 'triaged'",
    "messages without a disposition": "SELECT count(*) FROM ingest_message WHERE disposition = '' OR decision = ''",
    "customers' messages neither read nor given up": """
        SELECT count(*) FROM ingest_message WHERE direction = 'in' AND negative IS NULL AND read_error = ''""",
    "messages for a ticket that are on none": """
        SELECT count(*) FROM ingest_message m WHERE decision IN ('ticket', 'join')
           AND NOT EXISTS (SELECT FROM tickets_ticketmessage e WHERE e.message_id = m.id)""",
    "tickets without the message that opened them": """
        SELECT count(*) FROM tickets_ticket t WHERE NOT EXISTS (
            SELECT FROM tickets_ticketmessage e JOIN ingest_message m ON m.id = e.message_id
             WHERE e.ticket_id = t.id AND m.decision = 'ticket')""",
    "tickets too many or too few": """
        SELECT abs((SELECT count(*) FROM tickets_ticket)
                   - (SELECT count(*) FROM ingest_message WHERE decision = 'ticket'))""",
    "messages triaged twice": """
        SELECT count(*) FROM (SELECT data->>'message' FROM tickets_activity WHERE verb IN ('opened', 'joined')
                               GROUP BY 1 HAVING count(*) > 1) twice""",
    "tickets given to two people": """
        SELECT count(*) FROM (SELECT ticket_id FROM tickets_activity WHERE verb = 'assigned'
                               GROUP BY 1 HAVING count(*) > 1) twice""",
    "customers with two live tickets": """
        SELECT count(*) FROM (SELECT brand_id, contact_id FROM tickets_ticket
                               WHERE status IN ('new', 'open', 'pending', 'snoozed') AND NOT split_off
                               GROUP BY 1, 2 HAVING count(*) > 1) twice""",
    "tickets out of step with their messages": """
        SELECT count(*) FROM tickets_ticket t WHERE position <> (
            SELECT count(*) FROM tickets_ticketmessage e WHERE e.ticket_id = t.id)""",
}


@dataclass
class Account:
    """The last line of an import."""

    rows: int
    imported: int
    known: int
    rejected: int
    duplicates: int

    @classmethod
    def read(cls, said: str) -> "Account":
        """Raises SystemExit where the import did not account for its rows."""
        found = ACCOUNT.search(said)
        if not found:
            raise SystemExit(f"The import gave no account of its rows:\n{said[-2000:]}")
        return cls(*(int(number.replace(",", "")) for number in found.groups()))


@dataclass
class Ledger:
    """Asks the database, and keeps what is wrong."""

    url: str
    wrong: list[str] = field(default_factory=list)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(self.url, connect_timeout=5)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def number(self, query: str) -> int:
        return int(self.ask(query)[0][0])

    def patiently(self, ask: Callable[[], int]) -> int | None:
        """The answer, or None while PostgreSQL is away."""
        try:
            return ask()
        except psycopg2.OperationalError:
            return None

    def waiting(self) -> int | None:
        """Messages that are not through yet."""
        return self.patiently(
            lambda: self.number("SELECT count(*) FROM ingest_message WHERE state IN ('new', 'scored')")
        )

    def check(self, holds: bool, words: str) -> None:
        if not holds:
            self.wrong.append(words)

    def check_flow(self) -> None:
        """Nothing lost, nothing doubled, everything decided."""
        for words, query in NONE_OF.items():
            count = self.number(query)
            self.check(count == 0, f"{count} {words}")

    def check_file(self, path: Path, rejects: Path) -> None:
        """Every post of a file in the CSV format is stored or rejected; found by reading the file another way."""
        ids = ids_of(path)
        stored = {row[0] for row in self.ask("SELECT external_id FROM ingest_message")}
        rejected = ids_of_rejects(rejects)
        lost = ids - stored - rejected
        self.check(not lost, f"{len(lost)} posts neither imported nor rejected: {sorted(lost)[:10]}")
        strange = stored - ids
        self.check(not strange, f"{len(strange)} posts that the file does not hold: {sorted(strange)[:10]}")

    def check_account(self, account: Account) -> None:
        """Of a run to its end: every row is accounted for, and what it says is in the database is there."""
        told = account.imported + account.known + account.rejected + account.duplicates
        self.check(account.rows == told, f"{account.rows} rows, but {told} accounted for")
        stored = self.number("SELECT count(*) FROM ingest_message")
        good = account.imported + account.known
        self.check(stored == good, f"{good} posts imported, but {stored} stored")

    def fingerprint(self) -> dict[str, tuple[int, str]]:
        """Every row of every table of the flow, as a count and a hash: one changed column shows."""
        time.sleep(6)  # a sweep of each stage goes by
        return {
            table: self.ask(f"SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY id)) FROM {table} t")[0]
            for table in TABLES
        }


def ids_of(path: Path) -> set[str]:
    """Ids in the first column of the CSV."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {row[0].strip().removesuffix(".0").lstrip("0") or "0" for row in rows if row}


def ids_of_rejects(path: Path) -> set[str]:
    """The same of the rows in a rejects file, which keeps each as it stood in the file."""
    if not path.exists():
        return set()
    rows = [json.loads(line)["row"] for line in path.read_text(encoding="utf-8").splitlines()]
    return {str(row).split(",", 1)[0].strip().strip('"').removesuffix(".0") for row in rows}
