"""Putting a model in charge of reading, and retiring one: it counts from the next batch on, which asks who reads."""

from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from ingest.models import ReaderModel
from ingest.readers import Role
from tickets.permissions import check_chooses_reader

log = structlog.get_logger(__name__)


def promote(reader_id: int, *, by: User, figures: dict[str, Any] | None = None) -> ReaderModel:
    """Put the model on trial, or one that was retired, in charge; the one before it is retired.

    `figures`: what the comparison said, kept on its row. Promoting the champion changes nothing. Raises
    ReaderModel.DoesNotExist, NotAllowed.
    """
    check_chooses_reader(by)
    now = timezone.now()
    with transaction.atomic():
        chosen, before = _locked(reader_id)
        if chosen.role == Role.CHAMPION:
            return chosen
        if before is not None:
            _retire(before, by)
        chosen.role, chosen.promoted_at, chosen.promoted_by = Role.CHAMPION, now, by
        chosen.retired_at = chosen.retired_by = None
        chosen.trouble, chosen.trouble_at = "", None
        chosen.metrics = chosen.metrics | ({"promotion": figures} if figures else {})
        chosen.save()
    log.info("reader promoted", reader=str(chosen), spec=chosen.spec, before=str(before or ""), by=by.pk, name=by.name)
    return chosen


def retire(reader_id: int, *, by: User) -> ReaderModel:
    """Take a model out of use. Without a champion the model of the settings reads. Retiring twice changes nothing.

    Raises ReaderModel.DoesNotExist, NotAllowed.
    """
    check_chooses_reader(by)
    with transaction.atomic():
        chosen, _other = _locked(reader_id)
        if chosen.role == Role.RETIRED:
            return chosen
        was = chosen.role
        _retire(chosen, by)
    log.info("reader retired", reader=str(chosen), spec=chosen.spec, was=was, by=by.pk, name=by.name)
    return chosen


def _locked(reader_id: int) -> tuple[ReaderModel, ReaderModel | None]:
    """The model, and the champion if that is another. The rows are few: all are locked, in one order."""
    rows = {row.pk: row for row in ReaderModel.objects.select_for_update().order_by("id")}
    if reader_id not in rows:
        raise ReaderModel.DoesNotExist(reader_id)
    others = (row for row in rows.values() if row.role == Role.CHAMPION and row.pk != reader_id)
    return rows[reader_id], next(others, None)


def _retire(row: ReaderModel, by: User) -> None:
    row.role, row.retired_at, row.retired_by = Role.RETIRED, timezone.now(), by
    row.save(update_fields=["role", "retired_at", "retired_by"])
