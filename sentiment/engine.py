"""Texts in, readings out: clean, group by length, score in batches, set a poison text aside, restore the order."""

import logging
import math
import os
from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from sentiment import cues
from sentiment.backends import hub, lexicon, onnx
from sentiment.reading import DEFAULT_NEGATIVE_THRESHOLD, NEUTRAL, Backend, Failure, Measuring, Reading, Scores
from sentiment.text import clean, detect, has_content

log = logging.getLogger(__name__)

MAX_CHARACTERS = 10_000
"""A longer text is read by its beginning and its end, so that one essay cannot hold up a batch."""
BATCH_VARIABLE = "RADD_READER_BATCH"
DEFAULT_BATCH = 32
CHOICES = '"onnx", "onnx:/folder", "transformers:<hub id or folder>", "lexicon"'

_readers: dict[tuple[int, str], Backend] = {}
"""By process and spec: a session's threads do not survive a fork, and letting go of it there would wait for them."""
_loading = Lock()


def read(texts: Sequence[str], spec: str = "onnx") -> list[Reading | Failure]:
    """Read n texts: n results in the same order; a text that breaks the model is a `Failure`, the others are read.

    Raises ValueError for an unknown `spec`, and whatever stops the model as a whole from being loaded.
    """
    return read_with(reader(spec), texts)


def read_with(backend: Backend, texts: Sequence[str]) -> list[Reading | Failure]:
    """As `read`, with a backend already in hand."""
    cleaned = [clean(_clip(text)) for text in texts]
    results: list[Scores | Failure] = [NEUTRAL] * len(cleaned)
    for batch in _batches(backend, cleaned):
        for index, result in zip(batch, _score(backend, [cleaned[i] for i in batch]), strict=True):
            results[index] = result
    return [_reading(text, result, backend) for text, result in zip(cleaned, results, strict=True)]


def reader(spec: str) -> Backend:
    """The backend that `spec` names, loaded once per process. Raises ValueError naming the choices."""
    kind, _, argument = spec.partition(":")
    load = _LOADERS.get(kind)
    if load is None or (not argument and kind == "transformers") or (argument and kind == "lexicon"):
        raise ValueError(f"Unknown reader {spec!r}; choose one of {CHOICES}.")
    key = (os.getpid(), spec)
    with _loading:
        if key not in _readers:
            _readers[key] = load(argument)
        return _readers[key]


def batch_size() -> int:
    """Texts a batch, from RADD_READER_BATCH. Raises ValueError where that is no whole number from 1."""
    given = os.environ.get(BATCH_VARIABLE) or str(DEFAULT_BATCH)
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"{BATCH_VARIABLE} must be a whole number from 1, not {given!r}.")
    return int(given)


_LOADERS: dict[str, Callable[[str], Backend]] = {
    "onnx": lambda folder: onnx.load(folder or None),
    "transformers": hub.load,
    "lexicon": lambda _: lexicon.Lexicon(),
}


def _clip(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    tail = MAX_CHARACTERS // 5
    return f"{text[: MAX_CHARACTERS - tail - 1]} {text[-tail:]}"


def _batches(backend: Backend, cleaned: Sequence[str]) -> Iterator[list[int]]:
    """Indices of the texts worth scoring, alike in length so that little is padded."""
    size = batch_size()
    worth = [index for index, text in enumerate(cleaned) if has_content(text)]
    lengths = _lengths(backend, [cleaned[index] for index in worth])
    order = [index for _, index in sorted(zip(lengths, worth, strict=True))]
    return (order[start : start + size] for start in range(0, len(order), size))


def _lengths(backend: Backend, texts: Sequence[str]) -> list[int]:
    """Tokens of each text, where the backend knows them: by characters a third of the work would go into padding."""
    if isinstance(backend, Measuring):
        try:
            return backend.lengths(texts)
        except Exception:
            log.warning("reader %s could not measure a batch; going by characters", backend.name, exc_info=True)
    return [len(text) for text in texts]


def _score(backend: Backend, texts: Sequence[str]) -> list[Scores | Failure]:
    """Scores of a batch; where it breaks, it is halved until the text at fault stands alone."""
    try:
        scores = backend.score(texts)
        _check(scores, len(texts))
        return list(scores)
    except Exception as error:
        if len(texts) == 1:
            log.warning("reader %s could not read one text", backend.name, exc_info=True)
            return [Failure(f"{type(error).__name__}: {error}"[:500])]
    middle = len(texts) // 2
    return _score(backend, texts[:middle]) + _score(backend, texts[middle:])


def _check(scores: Sequence[Scores], expected: int) -> None:
    if len(scores) != expected:
        raise ValueError(f"the model answered {len(scores)} scores for {expected} texts")
    if not all(math.isfinite(s.negative + s.neutral + s.positive) for s in scores):
        raise ValueError("the model answered a score that is no number")


def _reading(text: str, result: Scores | Failure, backend: Backend) -> Reading | Failure:
    if isinstance(result, Failure):
        return result
    language = detect(text)
    found = cues.find(text, language)
    displeased = result.negative >= DEFAULT_NEGATIVE_THRESHOLD
    return Reading(
        language=language,
        negative=result.negative,
        neutral=result.neutral,
        positive=result.positive,
        reasons=found.reasons,
        urgency="normal" if displeased and found.urgency == "low" else found.urgency,
        model=backend.name,
        version=backend.version,
    )
