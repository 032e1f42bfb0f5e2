"""Import a file while everything is killed at random, then prove that nothing was lost and nothing doubled.

    python -m tests.faults.import_under_fire [FILE.csv] [--posts 5000] [--seed 1] [--seconds 45] [--limit 300]

Exits with 0 only if every row of the file is accounted for, every message was read (or given up on) and triaged, the
books balance, and a second import changes not one column of one row.
"""

import argparse
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from random import Random

from launch.processes import spawn
from launch.session import manage
from tests.faults import made_up
from tests.faults.desk import Desk, desk
from tests.faults.fire import Fire
from tests.faults.ledger import Account, Ledger

CHANNEL = "Under fire"
LOG_LINES = 25
TARGETS = ("worker", "reader", "web", "valkey", "postgres")


class Story:
    """One run, from the first row to the verdict."""

    def __init__(self, running: Desk, path: Path, dice: Random, limit: float) -> None:
        self.desk = running
        self.path = path
        self.rejects = running.folder.home / "rejects.jsonl"
        self.fire = Fire(running.children, dice)
        self.ledger = Ledger(running.env["DATABASE_URL"])
        self.end_by = time.monotonic() + limit
        self.imports = 0

    # --- importing --------------------------------------------------------------------------------------------------
    def start_import(self) -> "tuple[subprocess.Popen[bytes], Path]":
        self.imports += 1
        log = self.desk.log(f"import-{self.imports}")
        words = ["import_posts", str(self.path), "--channel", CHANNEL, "--rejects", str(self.rejects), "--no-progress"]
        with log.open("wb") as output:
            process = spawn(
                manage(self.desk.folder, words), env=self.desk.env, cwd=self.desk.folder.root,
                stdout=output.fileno(), stderr=output.fileno(),
            )  # fmt: skip
        return process, log

    def import_to_the_end(self, *, fire: bool) -> Account:
        """Start the import, and start it again whenever it was broken off."""
        while True:
            process, log = self.start_import()
            while process.poll() is None:
                self.turn()
                if fire:
                    self.fire.maybe((*TARGETS, "import"), process.pid)
            if process.returncode == 0:
                return Account.read(log.read_text(errors="replace"))
            print(f"  the import was broken off ({process.returncode}); once more", flush=True)

    def work_under_fire(self, seconds: float) -> None:
        """Keep killing while there is work left, for this long at most."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.ledger.waiting() != 0:
            self.turn()
            self.fire.maybe(TARGETS)

    def work_in_peace(self) -> None:
        """Until everything is read and triaged."""
        told = 0.0
        while (left := self.ledger.waiting()) != 0:
            if time.monotonic() - told > 10:
                told = time.monotonic()
                print(f"  {'?' if left is None else left} messages on their way", flush=True)
            self.turn()

    def turn(self) -> None:
        """Keep the processes going for a moment."""
        self.desk.supervisor.step(0.1)
        if time.monotonic() > self.end_by:
            self.tell_logs()
            raise SystemExit("FAILED: the time is over and the work is not done.")

    def tell_logs(self) -> None:
        """The end of every process's log, which is about to be removed with the data folder."""
        for log in sorted((self.desk.folder.home / "logs").iterdir()):
            lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            print("\n".join([f"--- {log.name}", *lines]), file=sys.stderr)

    # --- judging ----------------------------------------------------------------------------------------------------
    def judge(self, account: Account) -> None:
        ledger = self.ledger
        ledger.check_account(account)
        ledger.check_file(self.path, self.rejects)
        ledger.check_flow()
        self.check_books()
        before = ledger.fingerprint()
        again = self.import_to_the_end(fire=False)
        self.work_in_peace()
        ledger.check(again.imported == 0, f"the second import brought {again.imported} posts")
        ledger.check(again.rejected == account.rejected, "the second import rejected other rows")
        after = ledger.fingerprint()
        changed = [table for table in before if before[table] != after[table]]
        ledger.check(not changed, f"the second import changed {', '.join(changed)}")
        self.check_books()
        ledger.check(self.page_answers(), "the web process does not answer")

    def check_books(self) -> None:
        status, said = self.desk.manage("audit_flow")
        self.ledger.check(status == 0, f"audit_flow: {said[-1500:]}")

    def page_answers(self) -> bool:
        for _try in range(50):
            self.turn()
            try:
                with urllib.request.urlopen(f"http://localhost:{self.desk.port}/readyz", timeout=3) as answer:
                    return bool(answer.status == 200)
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        return False

    def tell(self, account: Account) -> None:
        ask = self.ledger.ask
        print(f"rows {account.rows}: {account.imported + account.known} stored, {account.rejected} rejected, ", end="")
        print(f"{account.duplicates} duplicates in the file; the import ran {self.imports} times")
        print("killed:", ", ".join(f"{name} {hits} times" for name, hits in sorted(self.fire.hits.items())))
        counts = ask("SELECT decision, disposition, count(*) FROM ingest_message GROUP BY 1, 2 ORDER BY 3 DESC")
        print("messages:", ", ".join(f"{count} {decision}/{disposition}" for decision, disposition, count in counts))
        unread = self.ledger.number("SELECT count(*) FROM ingest_message WHERE read_error <> ''")
        tickets, given = ask("SELECT count(*), count(assignee_id) FROM tickets_ticket")[0]
        print(f"tickets: {tickets}, {given} given to agents; triaged unread, their reader killed too often: {unread}")


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, help="in the Customer Support on Twitter format")
    parser.add_argument("--posts", type=int, default=5000, help="of the made-up file")
    parser.add_argument("--seed", type=int, default=1, help="of the dice")
    parser.add_argument("--seconds", type=float, default=45, help="under fire after the import, at most")
    parser.add_argument("--limit", type=float, default=300, help="seconds for all, then it has failed")
    given = parser.parse_args(words)
    dice = Random(given.seed)
    began = time.monotonic()
    with desk() as running:
        path = given.file.absolute() if given.file else running.folder.home / "posts.csv"
        if not given.file:
            made_up.write(path, given.posts, dice)
        story = Story(running, path, dice, given.limit)
        print(f"Importing {path.name} under fire, seed {given.seed}.", flush=True)
        account = story.import_to_the_end(fire=True)
        story.work_under_fire(given.seconds)
        print("Ceasefire.", flush=True)
        story.work_in_peace()
        story.tell(account)
        story.judge(account)
        if story.ledger.wrong:
            story.tell_logs()
    for words_of_one in story.ledger.wrong:
        print(f"WRONG: {words_of_one}")
    print(f"{'FAILED' if story.ledger.wrong else 'Nothing lost, nothing doubled'} ({time.monotonic() - began:.0f} s)")
    return 1 if story.ledger.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
