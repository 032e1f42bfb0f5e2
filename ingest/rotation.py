"""Writing everything that is encrypted anew with the first key, after keys were changed.

Each row by itself, under its lock, and only where what is in it opens: so it may be broken off and begun again, run
beside workers that renew tokens, and never writes cipher over cipher.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast
from encrypted_fields.fields import EncryptedFieldMixin


@dataclass(frozen=True, slots=True)
class Sealed:
    """How the encrypted values stand: with the first key already, written with it now, under no key of ours."""

    first: int = 0
    again: int = 0
    # Names of the rows, for a person.
    lost: tuple[str, ...] = ()


def reencrypt(progress: Callable[[str], None] = lambda _row: None, *, only_look: bool = False) -> Sealed:
    """Write each value with the first key. `only_look`: change nothing; `again` is then what would be written.

    `progress` is called with the name of each row that was written.
    """
    first, again, lost = 0, 0, []
    for model, field in encrypted_fields():
        # In pages by key: rows that come meanwhile are written with the first key anyway.
        for pk in _rows(model).order_by("pk").values_list("pk", flat=True).iterator():
            row = f"{model._meta.label} {pk}"
            found = _look(model, field, pk) if only_look else _write(model, field, pk)
            first += found == "first"
            lost += [row] if found == "lost" else []
            if found == "again":
                again += 1
                progress(row)
    return Sealed(first, again, tuple(lost))


def encrypted_fields() -> Iterator[tuple[type[models.Model], Any]]:
    """Every column of every table of ours that is encrypted at rest."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedFieldMixin):
                yield model, field


def _rows(model: type[models.Model]) -> "models.QuerySet[models.Model]":
    return models.QuerySet(model)


def _write(model: type[models.Model], field: Any, pk: object) -> str:
    with transaction.atomic():
        rows = _rows(model).filter(pk=pk)
        raw = _raw(rows.select_for_update(of=("self",)), field)
        state, plain = _opened(field, raw)
        if state == "again":
            rows.update(**{field.attname: plain})
    return state


def _look(model: type[models.Model], field: Any, pk: object) -> str:
    return _opened(field, _raw(_rows(model).filter(pk=pk), field))[0]


def _raw(rows: "models.QuerySet[models.Model]", field: Any) -> str | None:
    """The column as it lies in the table, unopened."""
    return rows.values_list(Cast(field.attname, models.TextField()), flat=True).first()


def _opened(field: Any, raw: str | None) -> tuple[str, str]:
    """`first`, `again`, `lost` or, where nothing is kept, ``; and what was kept, for `again`."""
    if not raw:
        return "", ""
    keys = [Fernet(key) for key in field.keys]
    for state, ring in (("first", keys[0]), ("again", MultiFernet(keys))):
        try:
            return state, ring.decrypt(raw.encode()).decode()
        except InvalidToken:
            continue
    return "lost", ""
