"""Which model reads, and which one is tried in its shadow.

The rows are asked for with every batch, so that a change of the model in charge reaches each process that reads
without a restart. Who may change it is tickets.incoming.promotion.
"""

import time
from collections.abc import Sequence

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from ingest import doorbell
from ingest.models import Message, ReaderModel
from sentiment import engine
from sentiment.reading import Backend, Failure, Reading

log = structlog.get_logger(__name__)

Role = ReaderModel.Role
TRIAL = (
    "@nawa_care my internet has been down since Friday, when will you fix it?",
    "love the new app, thank you",
    "الانترنت مقطوع من يومين ومحد يرد، ابي حل",
    "شكرا على سرعة الرد",
)


class Unusable(Exception):
    """The model cannot be loaded, or cannot read; the message says why."""


class Occupied(Exception):
    """Another model is tried already."""


def champion() -> ReaderModel | None:
    """The model in charge; None while that of the settings is."""
    return ReaderModel.objects.filter(role=Role.CHAMPION).first()


def challenger() -> ReaderModel | None:
    """The model that is tried."""
    return ReaderModel.objects.filter(role=Role.CHALLENGER).first()


def spec_in_charge() -> str:
    """What sentiment.engine.read is to be given now."""
    chosen = champion()
    return chosen.spec if chosen else settings.READER


def read_live(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
    """Read with the model in charge. Raises what stops it from being loaded, and notes that on its row."""
    used = {row.role: row for row in ReaderModel.objects.in_use()}
    chosen = used.get(Role.CHAMPION)
    engine.keep_only({*(row.spec for row in used.values()), chosen.spec if chosen else settings.READER})
    backend = load(chosen) if chosen else engine.reader(settings.READER)
    if chosen and not _is(chosen, backend):
        # A newer Radd brings a newer bundled model: the row tells what reads, and each reading tells what read it.
        log.warning("the model in charge has changed", was=str(chosen), version=backend.version)
        ReaderModel.objects.filter(pk=chosen.pk).update(model=backend.name[:80], version=backend.version[:40])
    started = time.monotonic()
    answers = engine.read_with(backend, texts, parents)
    took = time.monotonic() - started
    doorbell.count(of=counter_of(backend.name, backend.version), messages=len(texts), seconds=took)
    return answers


def counter_of(model: str, version: str) -> str:
    """The name of a model's own counters at the doorbell."""
    return f"{model[:80]}@{version[:40]}"


def load(row: ReaderModel) -> Backend:
    """The model of this row, loaded once a process; the row says so while it cannot be loaded."""
    try:
        backend = engine.reader(row.spec)
    except Exception as error:
        note_trouble(row, f"{type(error).__name__}: {error}")
        raise
    if row.trouble:
        ReaderModel.objects.filter(pk=row.pk).update(trouble="", trouble_at=None)
    return backend


def load_challenger(row: ReaderModel) -> Backend:
    """As `load`. Raises Unusable, and notes it, when the model is not the one that was added."""
    backend = load(row)
    if not _is(row, backend):
        words = f"It was added as {row.model} {row.version} and is now {backend.name} {backend.version}: add it again."
        note_trouble(row, words)
        raise Unusable(words)
    return backend


def note_trouble(row: ReaderModel, words: str) -> None:
    """Keep on the row why it cannot read."""
    log.error("a reader is in trouble", reader=str(row), spec=row.spec, trouble=words)
    ReaderModel.objects.filter(pk=row.pk).update(trouble=words[:2000], trouble_at=timezone.now())


def add(spec: str, *, name: str = "", by: User | None = None, instead: bool = False) -> ReaderModel:
    """Load a model, let it read a few posts, and put it in the shadow of the one in charge.

    With `instead`, one that is tried already is retired for it. Raises Unusable, Occupied.
    """
    started = time.monotonic()
    try:
        backend = engine.reader(spec)
        loaded = time.monotonic()
        readings = engine.read_with(backend, TRIAL)
    except Exception as error:
        raise Unusable(f"{type(error).__name__}: {error}") from error
    failed = next((answer for answer in readings if isinstance(answer, Failure)), None)
    if failed:
        raise Unusable(failed.error)
    knows_care = any(isinstance(answer, Reading) and answer.follow_up is not None for answer in readings)
    row = ReaderModel(
        name=(name or backend.name)[:80],
        model=backend.name[:80],
        version=backend.version[:40],
        spec=spec,
        metrics={"load_seconds": round(loaded - started, 2), "knows_care": knows_care},
        added_at=timezone.now(),
        added_by=by,
        shadow_after=_read_so_far(),
    )
    return _put_in(row, instead=instead)


def _put_in(row: ReaderModel, *, instead: bool) -> ReaderModel:
    try:
        with transaction.atomic():
            if instead:
                there = ReaderModel.objects.filter(role=Role.CHALLENGER)
                there.update(role=Role.RETIRED, retired_at=row.added_at, retired_by=row.added_by)
            row.save(force_insert=True)
    except IntegrityError:
        raise Occupied(str(challenger() or "")) from None
    log.info("reader added", reader=str(row), spec=row.spec, by=row.added_by_id)
    doorbell.ring("radd.read_shadow")
    return row


def _read_so_far() -> int:
    """The id up to which messages have left the line of the unread: what comes after it is read from now on."""
    first = Message.objects.unread().order_by("id").values_list("id", flat=True).first()
    if first is not None:
        return first - 1
    newest: int | None = Message.objects.aggregate(newest=Max("id"))["newest"]
    return newest or 0


def _is(row: ReaderModel, backend: Backend) -> bool:
    return (row.model, row.version) == (backend.name[:80], backend.version[:40])
