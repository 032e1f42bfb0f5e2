"""Storing a file's posts, batch by batch, and accounting for every row.

Nothing is remembered between runs: each post is stored once whoever brings it, so an import that was broken off is
simply run again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError, InterfaceError, OperationalError

from ingest.collect import store
from ingest.imports.formats import Format
from ingest.imports.items import Item
from ingest.imports.lines import Lines
from ingest.imports.patience import patiently
from ingest.imports.progress import Progress
from ingest.imports.rejects import Rejects
from ingest.imports.surveys import Repeats
from ingest.models import Channel

BATCH = 1000


@dataclass(slots=True)
class Tally:
    """What became of the rows read so far."""

    rows: int = 0
    imported: int = 0
    known: int = 0
    changed: int = 0
    rejected: int = 0
    duplicates: int = 0

    @property
    def balances(self) -> bool:
        return self.rows == self.imported + self.known + self.rejected + self.duplicates


@dataclass(slots=True)
class Import:
    """One file on its way into one channel: `survey` it, then `run`.

    `ours` are ids or handles, in small letters, of accounts that are the brand's though the file does not say so;
    `own_ids`, known after the survey, are the ids of all accounts that are.
    """

    path: Path
    form: Format
    channel: Channel
    rejects: Rejects
    progress: Progress
    ours: frozenset[str] = frozenset()
    tally: Tally = field(default_factory=Tally)
    own_ids: frozenset[str] = frozenset()
    _repeats: Repeats = field(default_factory=Repeats)

    def run(self) -> Tally:
        """Import the file. The tally stands at every moment, also when this raises."""
        size = self.path.stat().st_size
        batch: list[Item] = []
        with Lines(self.path, self.form.longest_line) as lines:
            for item in self.form.items(lines):
                if self._is_to_be_stored(item):
                    batch.append(item)
                if len(batch) >= BATCH:
                    self._store(batch)
                    batch = []
                self.progress.show("Importing", lines.position, size, f"{self.tally.rows:,} rows")
        self._store(batch)
        self.progress.end()
        return self.tally

    def survey(self) -> None:
        """A first pass over the file: whose posts are ours, which come twice, where threads begin."""
        size = self.path.stat().st_size
        own: set[str] = set()
        with Lines(self.path, self.form.longest_line) as lines:
            for seen in self.form.survey(lines):
                self._repeats.note(seen.external_id)
                if seen.ours or seen.author_id.lower() in self.ours or seen.handle.lower() in self.ours:
                    own.add(seen.author_id)
                self.progress.show("Looking through", lines.position, size)
        self._repeats.close()
        self.own_ids = frozenset(own)
        self.progress.end()

    def _is_to_be_stored(self, item: Item) -> bool:
        """Whether the item holds a post not met before; every other item is accounted for here."""
        self.tally.rows += 1
        if item.double or (item.post and self._repeats.is_repeat(item.post.external_id)):
            self.tally.duplicates += 1
            return False
        if item.post is None:
            self._reject(item, item.reason)
        return item.post is not None

    def _reject(self, item: Item, reason: str) -> None:
        self.tally.rejected += 1
        self.rejects.add(item.line, reason, item.raw)

    def _store(self, items: Sequence[Item]) -> None:
        """Store a batch; one that the database refuses is halved until the culprit stands alone."""
        if not items:
            return
        posts = [item.post for item in items if item.post]
        try:
            stored = patiently(lambda: store(self.channel, posts, own_ids=self.own_ids, past=True))
        except (OperationalError, InterfaceError):
            raise
        except (DatabaseError, ValueError) as error:
            if len(items) == 1:
                self._reject(items[0], f"refused by the database: {str(error).strip()[:300]}")
                return
            middle = len(items) // 2
            self._store(items[:middle])
            self._store(items[middle:])
        else:
            self.tally.imported += stored.new
            self.tally.known += stored.known
            self.tally.changed += stored.changed
