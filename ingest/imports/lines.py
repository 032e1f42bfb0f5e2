"""Reading a file line by line, in bounded memory, with line numbers, whatever bytes it holds."""

import codecs
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end; `whole` is False if it was cut. Bytes that are not UTF-8 are lone surrogates in `text`."""

    number: int
    text: str
    whole: bool = True

    @property
    def is_utf8(self) -> bool:
        return self.text.isascii() or not any("\udc80" <= sign <= "\udcff" for sign in self.text)


class Lines:
    """The lines of a file, which may be put back. `position` counts the bytes read so far."""

    def __init__(self, path: Path, longest: int) -> None:
        self._path = path
        self._longest = longest
        self._again: deque[Line] = deque()
        self._number = 0
        self.position = 0

    def __enter__(self) -> Self:
        self._file: BinaryIO = self._path.open("rb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put_back(self, lines: list[Line]) -> None:
        """These come again, before anything else."""
        self._again.extendleft(reversed(lines))

    def next(self) -> Line | None:
        """The next line; None at the end."""
        if self._again:
            return self._again.popleft()
        raw = self._read(self._longest)
        if not raw:
            return None
        if self._number == 0:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        self._number += 1
        whole = raw.endswith(b"\n") or len(raw) < self._longest
        if not whole:
            self._skip_rest()
        return Line(self._number, raw.decode("utf-8", "surrogateescape"), whole)

    def __iter__(self) -> Iterator[Line]:
        while (line := self.next()) is not None:
            yield line

    def pieces(self) -> Iterator[Line]:
        """The file in pieces of bounded size, cut at line ends where there are any. Not to be mixed with `next`."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        while raw := self._read(PIECE):
            start = raw.removeprefix(codecs.BOM_UTF8) if self._number == 0 else raw
            self._number = max(self._number, 1)
            yield Line(self._number, decoder.decode(start), raw.endswith(b"\n"))
            self._number += raw.endswith(b"\n")

    def _read(self, most: int) -> bytes:
        raw = self._file.readline(most)
        self.position += len(raw)
        return raw

    def _skip_rest(self) -> None:
        while (raw := self._read(PIECE)) and not raw.endswith(b"\n"):
            pass


def beginning(path: Path, size: int = 1 << 20) -> str:
    """The first part of a file, without a byte order mark. Raises OSError."""
    with path.open("rb") as file:
        return file.read(size).removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
