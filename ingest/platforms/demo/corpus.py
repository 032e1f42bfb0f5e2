"""The stories that the demo platform tells: one JSON object a line, in the order in which they happen."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.platforms.base import Kind
from ingest.platforms.demo.manners import Mood

BUNDLED = Path(__file__).resolve().parent.parent / "corpus" / "posts.jsonl"


@dataclass(frozen=True, slots=True)
class Story:
    """One post of the corpus, with what its author says later: after our answers, or when nobody answers."""

    id: str
    author: str
    text: str
    kind: Kind
    name: str = ""
    followers: int = 0
    language: str = "en"
    parent: str = ""
    ref: str = ""
    scene: str = ""
    chase: str = ""
    after: tuple[tuple[Mood, str], ...] = ()

    def later_words(self) -> dict[str, list[str]]:
        """What the author says after an answer, by mood."""
        return {mood.value: [text for each, text in self.after if each is mood] for mood in Mood}


def read(path: Path) -> list[Story]:
    """The stories of a corpus file; a line that makes no story is left out. Raises OSError."""
    return stories(path.read_text(encoding="utf-8").splitlines())


def stories(lines: Iterable[str]) -> list[Story]:
    """Stories in order, each id once."""
    found: dict[str, Story] = {}
    for line in lines:
        story = _story(line)
        if story:
            found.setdefault(story.id, story)
    return list(found.values())


def _story(line: str) -> Story | None:
    try:
        entry: Any = json.loads(line)
        return Story(
            id=str(entry["id"]),
            author=str(entry["author"]).lstrip("@"),
            text=str(entry.get("text") or ""),
            kind=Kind(entry.get("kind") or Kind.MENTION),
            name=str(entry.get("name") or ""),
            followers=int(entry.get("followers") or 0),
            language=str(entry.get("lang") or "en"),
            parent=str(entry.get("parent") or ""),
            ref=str(entry.get("ref") or ""),
            scene=str(entry.get("scene") or ""),
            chase=_words(entry.get("chase")),
            after=_after(entry.get("after") or ()),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _after(entries: Iterable[Mapping[str, Any]]) -> tuple[tuple[Mood, str], ...]:
    moods = {mood.value: mood for mood in Mood}
    return tuple(
        (moods[entry["mood"]], _words(entry["text"]))
        for entry in entries
        if entry.get("mood") in moods and _words(entry.get("text"))
    )


def _words(value: Any) -> str:
    return str(value.get("text") or "") if isinstance(value, dict) else str(value or "")
