"""Labelled texts from JSON Lines. A file is used whole or not at all: a wrong line would bend every figure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES

CLASSES = ("negative", "neutral", "positive")
MOST_COMPLAINTS = 10
"""Wrong lines that are told before the rest is only counted."""
_TRUTHS = {"yes": True, "no": False, 1: True, 0: False}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text with what people say of it; None (for `trigger` and `aim` also "") is no label."""

    text: str
    language: str = ""
    """As the file says it; empty where it does not."""
    parent: str | None = None
    sentiment: str | None = None
    follow_up: bool | None = None
    reasons: frozenset[str] | None = None
    urgency: str | None = None
    trigger: str | None = None
    aim: str | None = None
    complaint: bool | None = None
    part: str = ""
    """The value of the field that figures are broken down by, besides language."""

    @property
    def labelled(self) -> bool:
        """Whether there is anything to compare a reading with."""
        given = (self.sentiment, self.follow_up, self.reasons, self.urgency, self.trigger, self.aim, self.complaint)
        return any(label is not None for label in given)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines of a file are used, and how they are understood."""

    label_is_complaint: bool = False
    """A number in `label` then says complaint (1) or none (0), as in data sets of complaints, not the sentiment."""
    where: Mapping[str, str] | None = None
    """Only lines whose fields have these values, compared as text."""
    by: str = ""
    """The field whose value becomes `Labelled.part`."""


class UnusableFile(ValueError):
    """A file that cannot be evaluated: every reason on a line of its own, with the line's number."""


class _Wrong(ValueError):
    """What is wrong with one line."""


def load(file: Path, choice: Choice | None = None) -> list[Labelled]:
    """The rows of a file, blank lines left out. Raises UnusableFile."""
    chosen = choice or Choice()
    rows, wrong = [], []
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            fields = _object(line)
            row = parse(fields, chosen)
        except _Wrong as error:
            wrong.append(f"{file}, line {number}: {error}")
        else:
            if _wanted(fields, chosen.where or {}):
                rows.append(row)
    if wrong:
        told = wrong[:MOST_COMPLAINTS]
        more = [f"... and {len(wrong) - len(told)} more wrong lines in {file}"] if len(wrong) > len(told) else []
        raise UnusableFile("\n".join([*told, *more]))
    if not rows:
        raise UnusableFile(f"{file} holds no line to evaluate.")
    return rows


def parse(fields: Mapping[str, Any], choice: Choice | None = None) -> Labelled:
    """One line's fields as a row. Raises ValueError saying what is wrong."""
    chosen = choice or Choice()
    text = fields.get("text")
    if not isinstance(text, str):
        raise _Wrong("`text` is missing" if text is None else f"`text` must be a string, not {_shown(text)}")
    label = fields.get("label")
    return Labelled(
        text=text,
        language=_string(fields, "lang") or "",
        parent=_string(fields, "parent") or None,
        sentiment=_sentiment(fields.get("sentiment"), None if chosen.label_is_complaint else label),
        follow_up=_truth(fields, "follow_up"),
        reasons=_reasons(fields.get("reasons")),
        urgency=_one_of(fields, "urgency", URGENCIES),
        trigger=_one_of(fields, "trigger", TRIGGERS),
        aim=_one_of(fields, "aim", AIMS),
        complaint=_truth({"label": label}, "label") if chosen.label_is_complaint else _truth(fields, "complaint"),
        part=str(fields.get(chosen.by, "")) if chosen.by else "",
    )


def seems_yes_or_no(rows: Sequence[Labelled]) -> bool:
    """Whether a file's sentiments look like a yes or no that was meant for something else: never a positive one."""
    given = {row.sentiment for row in rows if row.sentiment}
    return given == {"negative", "neutral"} and len(rows) >= 20


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise UnusableFile(f"{file}, line {line}: not UTF-8") from None
    except OSError as error:
        raise UnusableFile(f"{file}: {error.strerror or error}") from None


def _object(line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"no JSON ({error})") from None
    if not isinstance(fields, dict):
        raise _Wrong(f"must be a JSON object, not {_shown(fields)}")
    return fields


def _wanted(fields: Mapping[str, Any], where: Mapping[str, str]) -> bool:
    return all(str(fields.get(name, "")) == value for name, value in where.items())


def _sentiment(name: Any, label: Any) -> str | None:
    by_name = None if name in (None, "") else name
    if by_name is not None and by_name not in CLASSES:
        raise _Wrong(f"`sentiment` must be one of {', '.join(CLASSES)}, not {_shown(name)}")
    if label is None:
        return by_name
    if isinstance(label, bool) or not isinstance(label, int | float) or label not in (0, 1, 2):
        raise _Wrong(f"`label` must be 0 (negative), 1 (neutral) or 2 (positive), not {_shown(label)}")
    by_label = CLASSES[int(label)]
    if by_name is not None and by_name != by_label:
        raise _Wrong(f"`label` {label} says {by_label}, `sentiment` says {by_name}")
    return by_label


def _truth(fields: Mapping[str, Any], name: str) -> bool | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str | int | float) or value not in _TRUTHS:
        wanted = "0 or 1" if name == "label" else '"yes" or "no", or 1 or 0'
        raise _Wrong(f"`{name}` must be {wanted}, not {_shown(value)}")
    return _TRUTHS[value]


def _reasons(value: Any) -> frozenset[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _Wrong(f"`reasons` must be a list of names, not {_shown(value)}")
    unknown = sorted(set(value) - set(REASONS))
    if unknown:
        raise _Wrong(f"`reasons` holds {', '.join(map(_shown, unknown))}; known are {', '.join(REASONS)}")
    return frozenset(value)


def _one_of(fields: Mapping[str, Any], name: str, known: Sequence[str]) -> str | None:
    value = fields.get(name)
    if value in (None, ""):
        return None
    if value not in known:
        raise _Wrong(f"`{name}` must be one of {', '.join(known)}, not {_shown(value)}")
    return str(value)


def _string(fields: Mapping[str, Any], name: str) -> str | None:
    value: Any = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise _Wrong(f"`{name}` must be a string, not {_shown(value)}")
    return None if value is None else str(value)


def _shown(value: Any) -> str:
    """A value as JSON writes it, shortened."""
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= 40 else f"{written[:37]}..."
