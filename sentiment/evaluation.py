"""How well a reader reads: macro-F1 of sentiment, and precision and recall of "needs a person".

`python -m sentiment.evaluation FILE...` reads JSON Lines with `text` and any of `sentiment` (or `label` 0, 1, 2),
`follow_up` ("yes", "no") and `lang`, and prints one JSON object a line: per language and over all.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.cues import FOR_A_PERSON
from sentiment.engine import read
from sentiment.reading import DEFAULT_NEGATIVE_THRESHOLD, Failure, Reading

CLASSES = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text with what was read of it; a label that the file does not give is None."""

    text: str
    language: str
    sentiment: str | None
    follow_up: bool | None
    reading: Reading | Failure


def needs_person(reading: Reading | Failure, threshold: float) -> bool:
    """Whether someone should see it: P(negative) from `threshold`, any reason to answer, or no reading at all."""
    if isinstance(reading, Failure):
        return True
    return reading.negative >= threshold or not FOR_A_PERSON.isdisjoint(reading.reasons)


def load(files: Iterable[Path], spec: str = "onnx") -> list[Example]:
    """Read every labelled line of the files with the reader that `spec` names."""
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]
    readings = read([row["text"] for row in rows], spec)
    return [_example(row, reading) for row, reading in zip(rows, readings, strict=True)]


def macro_f1(examples: Sequence[Example]) -> float | None:
    """Mean F1 of the three sentiments; None where nothing is labelled. A failed reading counts as neutral."""
    pairs = [(e.sentiment, _sentiment(e.reading)) for e in examples if e.sentiment]
    if not pairs:
        return None
    return sum(_f1(pairs, name) for name in CLASSES) / len(CLASSES)


def precision_recall(examples: Sequence[Example], decide: Callable[[Reading | Failure], bool]) -> tuple[float, float]:
    """Precision and recall (0 to 1) of `decide` against `follow_up`; 1.0 where nothing was to be found."""
    answers = [(e.follow_up, decide(e.reading)) for e in examples if e.follow_up is not None]
    hits = sum(1 for wanted, given in answers if wanted and given)
    given = sum(1 for _, given in answers if given)
    wanted = sum(1 for wanted, _ in answers if wanted)
    return (hits / given if given else 1.0), (hits / wanted if wanted else 1.0)


def report(examples: Sequence[Example], threshold: float) -> list[dict[str, Any]]:
    """One row of figures a language, and one over all ("all")."""
    languages = sorted({example.language for example in examples})
    groups = [(name, [e for e in examples if e.language == name]) for name in languages]
    return [_row(name, group, threshold) for name, group in [*groups, ("all", list(examples))]]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; prints figures, returns 0."""
    parser = argparse.ArgumentParser(prog="python -m sentiment.evaluation", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--reader", default="onnx", help="onnx, onnx:/folder, transformers:<id or folder>, lexicon")
    parser.add_argument("--threshold", type=float, default=DEFAULT_NEGATIVE_THRESHOLD, help="P(negative), 0 to 1")
    parser.add_argument("--mistakes", action="store_true", help="also print every text decided otherwise than labelled")
    options = parser.parse_args(arguments)
    examples = load(options.files, options.reader)
    for row in report(examples, options.threshold):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    if options.mistakes:
        for line in mistakes(examples, options.threshold):
            sys.stdout.write(line + "\n")
    return 0


def mistakes(examples: Sequence[Example], threshold: float) -> list[str]:
    """One line for each follow-up decided otherwise than labelled: kind, P(negative), reasons, text."""
    lines = []
    for e in examples:
        given = needs_person(e.reading, threshold)
        if e.follow_up is None or given == e.follow_up or isinstance(e.reading, Failure):
            continue
        kind = "too much" if given else "missed"
        lines.append(f"{kind}\t{e.language}\t{e.reading.negative:.2f}\t{','.join(e.reading.reasons)}\t{e.text}")
    return lines


def _example(row: dict[str, Any], reading: Reading | Failure) -> Example:
    follow_up = row.get("follow_up")
    label = row.get("sentiment") or (CLASSES[int(row["label"])] if "label" in row else None)
    language = row.get("lang") or (reading.language if isinstance(reading, Reading) else "und")
    return Example(row["text"], language, label, None if follow_up is None else follow_up == "yes", reading)


def _row(name: str, examples: Sequence[Example], threshold: float) -> dict[str, Any]:
    f1 = macro_f1(examples)
    precision, recall = precision_recall(examples, lambda reading: needs_person(reading, threshold))
    followed = any(e.follow_up is not None for e in examples)
    return {
        "language": name,
        "n": len(examples),
        "failures": sum(isinstance(e.reading, Failure) for e in examples),
        "sentiment_macro_f1": None if f1 is None else round(f1, 3),
        "follow_up_precision": round(precision, 3) if followed else None,
        "follow_up_recall": round(recall, 3) if followed else None,
    }


def _sentiment(reading: Reading | Failure) -> str:
    return "neutral" if isinstance(reading, Failure) else reading.sentiment


def _f1(pairs: Sequence[tuple[str | None, str]], name: str) -> float:
    both = sum(1 for wanted, given in pairs if wanted == given == name)
    either = sum((wanted == name) + (given == name) for wanted, given in pairs)
    return 2 * both / either if either else 1.0


if __name__ == "__main__":
    raise SystemExit(main())
