"""Corrections: the values each label of a message can take, what it says now, and a person's word written over it.

Who may correct, and what follows for a ticket, is tickets.incoming.corrections.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from accounts.models import User
from ingest.models import Correction, Message
from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES

Label = Correction.Label
# A name; "" for no trigger and no aim; names in the order of REASONS for reasons; None where nothing was said yet.
Value = str | list[str] | None

SENTIMENTS = ("negative", "neutral", "positive")
YES, NO = "yes", "no"
# Below it a reader without a threshold of its own says no.
EVEN = 0.5
VALUES: Mapping[str, Sequence[str]] = {
    Label.SENTIMENT: SENTIMENTS,
    Label.FOLLOW_UP: (YES, NO),
    Label.REASONS: REASONS,
    Label.URGENCY: URGENCIES,
    Label.TRIGGER: ("", *TRIGGERS),
    Label.AIM: ("", *AIMS),
}


class NoSuchValue(ValueError):
    """A label, or a value of it, that there is not."""


def checked(label: str, value: object) -> Value:
    """The value as it is stored. Raises NoSuchValue."""
    if label not in VALUES:
        raise NoSuchValue(label)
    if label == Label.REASONS:
        if not isinstance(value, list | tuple) or not all(name in REASONS for name in value):
            raise NoSuchValue(label)
        return [name for name in REASONS if name in value]
    if not isinstance(value, str) or value not in VALUES[label]:
        raise NoSuchValue(label)
    return value


def said(message: Message, label: str) -> Value:
    """What the message says of this label now, whoever said it."""
    if label == Label.SENTIMENT:
        return message.sentiment or None
    if label == Label.FOLLOW_UP:
        return follow_up_said(message.follow_up, message.threshold)
    if label == Label.REASONS:
        return [name for name in REASONS if name in message.cues]
    if label == Label.URGENCY:
        return message.urgency or None
    return message.trigger if label == Label.TRIGGER else message.aim


def follow_up_said(follow_up: float | None, threshold: float | None) -> str | None:
    """Yes or no by the threshold; None from a reader that does not know of it."""
    if follow_up is None:
        return None
    return YES if follow_up >= (EVEN if threshold is None else threshold) else NO


def write(
    message: Message, label: str, value: object, *, by: User, note: str = "", stood: Value = None
) -> Correction | None:
    """Put a person's word on a message and keep what stood there; None if it says so already.

    `stood`: what was made of the label, where that is not what the label says. Kept as old is what the model said, for
    by that it is judged; what was made of it only where it said nothing. The caller holds the message's row lock and a
    transaction. Raises NoSuchValue.
    """
    new, old = checked(label, value), said(message, label)
    if new == (old if stood is None else stood):
        return None
    changed = columns_said(message, label, new)
    for name, column in changed.items():
        setattr(message, name, column)
    message.save(update_fields=list(changed))
    return Correction.objects.create(
        message=message,
        label=label,
        old=stood if old is None else old,
        new=new,
        user=by,
        at=timezone.now(),
        reader=message.reader,
        reader_version=message.reader_version,
        note=note,
    )


def columns_said(message: Message, label: str, value: Value) -> dict[str, Any]:
    """The columns of a message that a person's word changes, as they read from then on: without a doubt.

    `threshold` is none of them. It is the model's own, and stays null from one that knows sentiment only: by that
    the week's shares (ingest.drift), the comparison with a model on trial (ingest.shadow) and the words for how sure
    the model was (tickets.views.marks) tell the two kinds of model apart. Yes and no need no threshold: the 1 and 0
    written here lie on either side of any, and of EVEN, which stands in where there is none.
    """
    # Somebody has read it now: it no longer waits for a reader that can.
    return {**_columns(label, value), "read_error": "", "person_said": _with(message.person_said, label)}


def _columns(label: str, value: Value) -> dict[str, Any]:
    if label == Label.SENTIMENT:
        return {name: float(name == value) for name in SENTIMENTS}
    if label == Label.FOLLOW_UP:
        return {"follow_up": float(value == YES)}
    return {"cues" if label == Label.REASONS else label: value}


def _with(labels: Sequence[str], label: str) -> list[str]:
    """Labels with one more, in the order of Correction.Label; others that are there stay."""
    known = {*labels, label}
    return [name for name in Label.values if name in known] + [name for name in labels if name not in Label.values]
