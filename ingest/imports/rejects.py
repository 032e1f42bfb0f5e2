"""The rejects file: one JSON object a line for every row that could not be imported."""

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from ingest.imports.items import UnusableFile, printable


class Rejects:
    """Written anew by each run; made only when the first row is rejected."""

    def __init__(self, path: Path, source: Path) -> None:
        if path.resolve() == source.resolve():
            raise UnusableFile("The rejects file and the file to import are the same.")
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def add(self, line: int, reason: str, row: Any) -> None:
        """Keep a row with its line number and the reason. Raises UnusableFile when there is no place for it."""
        self.count += 1
        entry = json.dumps({"line": line, "reason": reason, "row": row}, ensure_ascii=False, default=str)
        try:
            if self._file is None:
                self._file = self.path.open("w", encoding="utf-8")
            self._file.write(printable(entry) + "\n")
        except OSError as error:
            words = error.strerror or error
            raise UnusableFile(f"{self.path} cannot be written: {words}. Name another place: --rejects FILE") from error
