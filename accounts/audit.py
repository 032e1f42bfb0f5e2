"""The record of who changed how Radd is set up, and when. It only grows: the database refuses to change a line."""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import AuditEntry, User


def record(actor: User | None, verb: str, subject: Model, **data: Any) -> AuditEntry:
    """Append one line, in the transaction of what it tells. `actor` None: somebody at the server's console, or Radd.

    `data` is JSON and holds no secret: name what was changed, and values only where anybody may read them.
    """
    return AuditEntry.objects.create(
        actor=actor,
        actor_name=str(actor) if actor else "",
        verb=verb,
        kind=_kind(subject),
        subject_id=subject.pk,
        subject_name=str(subject)[:255],
        data=data,
        at=timezone.now(),
    )


def of(subject: Model) -> QuerySet[AuditEntry]:
    """What was done to this, newest first."""
    return AuditEntry.objects.filter(kind=_kind(subject), subject_id=subject.pk)


def _kind(subject: Model) -> str:
    return str(subject._meta.model_name)
