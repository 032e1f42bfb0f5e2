"""The model in charge beside the one in its shadow: how often they agree, who is nearer to people, how sure, how fast.

Everything is counted by the database over the shadow readings of the last days, which carry both models' answers.
The measures are those of docs/readers.md.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import redis
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.permissions import brand_ids
from ingest import doorbell
from ingest.models import ReaderModel, ShadowReading
from ingest.readers import Role, counter_of
from ingest.shadow import LABELS
from tickets.reports import reader_sql as sql

DAYS = 30
# Seconds for which the figures of a page are kept.
REMEMBERED = 60
ALL = "all"
# As the database groups them; what is neither Arabic nor English stands together.
LANGUAGES = (ALL, "ar", "en", "other")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One label in one language: messages both models said something of, and on how many they said the same."""

    compared: int
    same: int
    # Cohen's kappa: 1 full agreement, 0 what chance alone would give; None where there is nothing to disagree about.
    kappa: float | None

    @property
    def share(self) -> float:
        return self.same / self.compared if self.compared else 0.0


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two said in one language. Shares and confidences from 0 to 1, None where it never says."""

    tone_confidence: float | None
    follow_up_confidence: float | None
    # Share of messages it would show to a person.
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Nearness:
    """One label people corrected: on how many messages each was right, and which of the two was nearer."""

    label: str
    corrected: int
    live_right: int
    shadow_right: int
    live_nearer: int
    shadow_nearer: int


@dataclass(slots=True)
class Comparison:
    """All figures of the page, by language where a language matters."""

    since: datetime
    live_model: str = ""
    live_version: str = ""
    read: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    agreement: dict[str, dict[str, Agreement]] = field(default_factory=dict)
    live: dict[str, Side] = field(default_factory=dict)
    shadow: dict[str, Side] = field(default_factory=dict)
    nearness: list[Nearness] = field(default_factory=list)
    # Expected calibration error by side ("live", "shadow") and label.
    calibration: dict[tuple[str, str], float] = field(default_factory=dict)
    live_speed: float | None = None
    shadow_speed: float | None = None

    def summary(self) -> dict[str, Any]:
        """What is kept on the row of a model that is promoted."""
        return {
            "beside": f"{self.live_model} {self.live_version}",
            "messages": self.read.get(ALL, 0),
            "agreement": {label: round(cells[ALL].share, 4) for label, cells in self.agreement.items()},
            "corrected": sum(row.corrected for row in self.nearness),
            "live_nearer": sum(row.live_nearer for row in self.nearness),
            "shadow_nearer": sum(row.shadow_nearer for row in self.nearness),
        }


def compare(challenger: ReaderModel, champion: ReaderModel | None, now: datetime | None = None) -> Comparison:
    """The two over the last days; only messages that the model now in charge had read are compared."""
    found = Comparison(since=(now or timezone.now()) - timedelta(days=DAYS))
    found.live_model, found.live_version = _live_pair(challenger, champion)
    asked = {
        "reader": challenger.pk,
        "since": found.since,
        "model": found.live_model,
        "version": found.live_version,
    }
    _add_figures(found, _rows(sql.FIGURES, asked))
    found.agreement = agreement_of(_rows(sql.AGREEMENT, asked))
    found.nearness = _in_order([Nearness(*row) for row in _rows(sql.NEARNESS, asked)])
    found.calibration = calibration_of(_rows(sql.CALIBRATION, asked))
    found.live_speed = _live_speed(found.live_model, found.live_version)
    return found


def compare_lately(challenger: ReaderModel, champion: ReaderModel | None) -> Comparison:
    """As `compare`, at most a minute old: over a million readings it takes seconds, and people leaf through pages."""
    in_charge = (champion.model, champion.version) if champion else None
    return remembered(challenger.pk, in_charge, int(time.time() // REMEMBERED))


@lru_cache(maxsize=4)
def remembered(challenger_id: int, in_charge: tuple[str, str] | None, _minute: int) -> Comparison:
    """A comparison, kept by this process."""
    champion = ReaderModel(model=in_charge[0], version=in_charge[1]) if in_charge else None
    return compare(ReaderModel(pk=challenger_id), champion)


def disagreements(
    challenger: ReaderModel, user: User, label: str = "", before: int | None = None
) -> QuerySet[ShadowReading]:
    """Messages the two differ on, newest first, of the brands this person may see."""
    rows = ShadowReading.objects.filter(reader=challenger).exclude(differs=[])
    rows = rows.filter(differs__contains=[label]) if label in LABELS else rows
    rows = rows.filter(pk__lt=before) if before else rows
    allowed = brand_ids(user)
    rows = rows if allowed is None else rows.filter(message__channel__brand_id__in=allowed)
    return rows.select_related("message", "message__channel").defer("message__raw", "message__metrics").order_by("-id")


# --- from counts to figures -----------------------------------------------------------------------------------------
def agreement_of(rows: Iterable[Sequence[Any]]) -> dict[str, dict[str, Agreement]]:
    """By label and language, from rows of (language, label, live answer, shadow's answer, count)."""
    tables: dict[str, dict[str, dict[tuple[str, str], int]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(int))
    )
    for language, label, live, shadow, count in rows:
        for group in (ALL, language):
            tables[label][group][live, shadow] += count
    return {
        label: {group: _agreement(label, pairs) for group, pairs in tables[label].items()}
        for label in LABELS
        if label in tables
    }


def _agreement(label: str, pairs: Mapping[tuple[str, str], int]) -> Agreement:
    compared = sum(pairs.values())
    same = sum(count for (live, shadow), count in pairs.items() if live == shadow)
    return Agreement(compared, same, kappa_of_sets(pairs) if label == "reasons" else kappa(pairs))


def kappa(pairs: Mapping[tuple[str, str], int]) -> float | None:
    """Cohen's kappa of two raters, (a - e) / (1 - e): `a` their agreement, `e` what their habits alone would give."""
    total = sum(pairs.values())
    if not total:
        return None
    ours: dict[str, int] = defaultdict(int)
    theirs: dict[str, int] = defaultdict(int)
    for (live, shadow), count in pairs.items():
        ours[live] += count
        theirs[shadow] += count
    agreed = sum(count for (live, shadow), count in pairs.items() if live == shadow) / total
    by_chance = sum(ours[name] * theirs[name] for name in ours) / total**2
    return None if by_chance >= 1 else (agreed - by_chance) / (1 - by_chance)


def kappa_of_sets(pairs: Mapping[tuple[str, str], int]) -> float | None:
    """As `kappa` where an answer is a set of names: each name a question of yes or no, and all of them pooled."""
    split = [(set(live.split()), set(shadow.split()), count) for (live, shadow), count in pairs.items()]
    names = {name for live, shadow, _count in split for name in live | shadow}
    total = sum(pairs.values())
    if not total or not names:
        return None
    agreed = by_chance = 0.0
    for name in names:
        ours = sum(count for live, _shadow, count in split if name in live) / total
        theirs = sum(count for _live, shadow, count in split if name in shadow) / total
        agreed += sum(count for live, shadow, count in split if (name in live) == (name in shadow)) / total
        by_chance += ours * theirs + (1 - ours) * (1 - theirs)
    asked = len(names)
    return None if by_chance >= asked else (agreed - by_chance) / (asked - by_chance)


def calibration_of(rows: Iterable[Sequence[Any]]) -> dict[tuple[str, str], float]:
    """Expected calibration error by side and label, from rows of (side, label, bin, count, mean p, share true).

    The mean over tenths, weighted by their counts, of how far the probability is from what came true.
    """
    bins: dict[tuple[str, str], list[tuple[int, float, float]]] = defaultdict(list)
    for side, label, _tenth, count, said, true in rows:
        bins[side, label].append((count, said, true))
    return {
        key: sum(count * abs(said - true) for count, said, true in found) / sum(count for count, _s, _t in found)
        for key, found in bins.items()
    }


def _add_figures(found: Comparison, rows: Iterable[Sequence[Any]]) -> None:
    for language, read, failed, seconds, *figures in rows:
        group = language or ALL
        found.read[group] = read
        found.live[group], found.shadow[group] = Side(*figures[0::2]), Side(*figures[1::2])
        if group == ALL:
            found.failed = failed
            found.shadow_speed = read / seconds if seconds else None


def _in_order(rows: list[Nearness]) -> list[Nearness]:
    return sorted(rows, key=lambda row: LABELS.index(row.label))


def _live_pair(challenger: ReaderModel, champion: ReaderModel | None) -> tuple[str, str]:
    """Model and version that read live now; without a champion's row the newest message tells."""
    if champion is not None:
        return champion.model, champion.version
    rows = ShadowReading.objects.filter(reader=challenger, error="").exclude(at=None).order_by("-at")
    return rows.values_list("live_model", "live_version").first() or ("", "")


def _live_speed(model: str, version: str) -> float | None:
    """Messages a second of the model in charge, from its counters; None while nobody knows."""
    try:
        kept = doorbell.counters(counter_of(model, version)) if model else {}
    except redis.RedisError:
        return None
    seconds = float(kept.get("seconds", 0))
    return float(kept.get("messages", 0)) / seconds if seconds else None


def _rows(statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())


def both() -> tuple[ReaderModel | None, ReaderModel | None, list[ReaderModel]]:
    """The champion, the challenger, and those that were retired, newest first, in one query."""
    rows = list(ReaderModel.objects.select_related("added_by", "promoted_by", "retired_by"))
    by_role = {row.role: row for row in rows}
    retired = [row for row in rows if row.role == Role.RETIRED]
    return by_role.get(Role.CHAMPION), by_role.get(Role.CHALLENGER), retired
