"""Texts in, readings out: clean, group by length, score in batches, set a poison text aside, restore the order."""

import logging
import math
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from sentiment import cues
from sentiment.backends import hub, lexicon, onnx
from sentiment.evidence import marks
from sentiment.reading import (
    DEFAULT_NEGATIVE_THRESHOLD,
    NEUTRAL,
    Backend,
    Care,
    Failure,
    InContext,
    Measuring,
    Reading,
    Scores,
)
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


@dataclass(frozen=True, slots=True)
class _Post:
    """A cleaned text with the cleaned text it replies to, empty where there is none."""

    text: str
    parent: str = ""


def read(
    texts: Sequence[str], spec: str = "onnx", parents: Sequence[str | None] | None = None
) -> list[Reading | Failure]:
    """Read n texts: n results in the same order; a text that breaks the model is a `Failure`, the others are read.

    `parents` holds for each text what it replies to, or None; a model that reads single texts leaves them aside.
    Raises ValueError for an unknown `spec`, and whatever stops the model as a whole from being loaded.
    """
    return read_with(reader(spec), texts, parents)


def read_with(
    backend: Backend, texts: Sequence[str], parents: Sequence[str | None] | None = None
) -> list[Reading | Failure]:
    """As `read`, with a backend already in hand."""
    above = parents if parents is not None else [None] * len(texts)
    posts = [
        _Post(clean(_clip(text)), clean(_clip(parent)) if parent else "")
        for text, parent in zip(texts, above, strict=True)
    ]
    results: list[Scores | Failure] = [NEUTRAL] * len(posts)
    for batch in _batches(backend, [post.text for post in posts]):
        for index, result in zip(batch, _score(backend, [posts[i] for i in batch]), strict=True):
            results[index] = result
    return [
        _reading(text, post.text, result, backend) for text, post, result in zip(texts, posts, results, strict=True)
    ]


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


def keep_only(specs: Collection[str]) -> None:
    """Let go of whatever else this process has loaded: a model no longer in use gives its memory back."""
    with _loading:
        for key in [key for key in _readers if key[0] == os.getpid() and key[1] not in specs]:
            del _readers[key]


def spec_of(named: str) -> str:
    """The spec of a model that may also be named by its bare folder: one of the bundled model's shape is run as that
    is, any other through transformers. What is no folder is a spec already."""
    folder = Path(named)
    if named.partition(":")[0] in _LOADERS or not folder.is_dir():
        return named
    ours = (folder / "tokenizer.json").is_file() and any((folder / name).is_file() for name in onnx.FILES)
    return f"{'onnx' if ours else 'transformers'}:{folder}"


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


def _score(backend: Backend, posts: Sequence[_Post]) -> list[Scores | Failure]:
    """Scores of a batch; where it breaks, it is halved until the text at fault stands alone."""
    texts = [post.text for post in posts]
    try:
        if isinstance(backend, InContext) and any(post.parent for post in posts):
            scores = backend.score_replies(texts, [post.parent for post in posts])
        else:
            scores = backend.score(texts)
        _check(scores, len(texts))
        return list(scores)
    except Exception as error:
        if len(texts) == 1:
            log.warning("reader %s could not read one text", backend.name, exc_info=True)
            return [Failure(f"{type(error).__name__}: {error}"[:500])]
    middle = len(posts) // 2
    return _score(backend, posts[:middle]) + _score(backend, posts[middle:])


def _check(scores: Sequence[Scores], expected: int) -> None:
    if len(scores) != expected:
        raise ValueError(f"the model answered {len(scores)} scores for {expected} texts")
    if not all(math.isfinite(s.negative + s.neutral + s.positive) for s in scores):
        raise ValueError("the model answered a score that is no number")


def _reading(given: str, text: str, result: Scores | Failure, backend: Backend) -> Reading | Failure:
    if isinstance(result, Failure):
        return result
    language = detect(text)
    reading = Reading(
        language=language,
        negative=result.negative,
        neutral=result.neutral,
        positive=result.positive,
        reasons=(),
        urgency="low",
        model=backend.name,
        version=backend.version,
    )
    return _by_cues(reading, text) if result.care is None else _with_care(reading, result.care, given, text)


def _with_care(reading: Reading, care: Care, given: str, text: str) -> Reading:
    return replace(
        reading,
        reasons=care.reasons,
        urgency=care.urgency,
        follow_up=care.follow_up,
        threshold=care.threshold,
        trigger=care.trigger,
        aim=care.aim,
        evidence=marks(given, text, care.words),
    )


def _by_cues(reading: Reading, text: str) -> Reading:
    """For a model that knows sentiment only: reasons and urgency by words and signs."""
    found = cues.find(text, reading.language)
    displeased = reading.negative >= DEFAULT_NEGATIVE_THRESHOLD
    urgency = "normal" if displeased and found.urgency == "low" else found.urgency
    return replace(reading, reasons=found.reasons, urgency=urgency)
