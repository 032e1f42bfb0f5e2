"""When each story of the corpus is posted. Pure; the same corpus and moment give the same timetable.

The first posts are there when the world begins, spread over the last two hours. The rest comes at a live pace. A
tenth, posts that belong to no thread and to no story told by many, is kept for later: one each half hour, so that a
demo left on for a day still has customers in it.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.platforms.demo.corpus import Story

HEAD_START_SPAN = 2 * 3600.0
# Told by many, or by us, at their moment.
TIMED_SCENES = frozenset({"outage", "news", "own"})


@dataclass(frozen=True, slots=True)
class Pace:
    """Posts a minute, posts that are there at once, minutes between the late ones, and which share of all is late."""

    a_minute: float = 20.0
    head_start: int = 40
    late_minutes: float = 30.0
    late_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Slot:
    """One story and its moment, in seconds since the epoch."""

    story: Story
    at: float


def timetable(stories: Sequence[Story], begin: float, pace: Pace) -> list[Slot]:
    """Every story once, in time order; those at or before `begin` are the head start."""
    late = _late(stories, pace)
    prompt = [story for story in stories if story.id not in late]
    head, live = prompt[: pace.head_start], prompt[pace.head_start :]
    gap = 60.0 / max(pace.a_minute, 0.001)
    slots = [
        Slot(story, begin - HEAD_START_SPAN * (1 - (place + 1) / (len(head) + 1))) for place, story in enumerate(head)
    ]
    slots += [Slot(story, begin + gap * (place + 0.75 + wobble(story.id) / 2)) for place, story in enumerate(live)]
    end = begin + gap * (len(live) + 1)
    slots += [
        Slot(story, end + 60.0 * pace.late_minutes * (place + 1))
        for place, story in enumerate(story for story in stories if story.id in late)
    ]
    return slots


def wobble(key: str) -> float:
    """A number from 0 to 1 that is always the same for the same key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32


def _late(stories: Sequence[Story], pace: Pace) -> set[str]:
    by_author = Counter(story.author for story in stories)
    pointed_at = {target for story in stories for target in (story.parent, story.ref)}
    alone = [
        story.id
        for story in stories[max(pace.head_start, len(stories) // 2) :]
        if not (story.parent or story.ref or story.id in pointed_at)
        and story.scene not in TIMED_SCENES
        and by_author[story.author] == 1
    ]
    wanted = int(len(stories) * pace.late_share)
    return set(alone[-wanted:]) if wanted else set()
