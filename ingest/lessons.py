"""Lessons: what people corrected, as rows that a reader is trained from. docs/corrections.md tells every key."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from ingest.corrections import Label
from ingest.models import Correction, Message
from sentiment.text import clean, has_content

SOURCE = "correction"
AT_A_TIME = 2000


class _Final(NamedTuple):
    """The last word on one label of one message."""

    message: int
    label: str
    id: int
    value: Any
    reader: str
    version: str
    text: str
    language: str
    conversation: int
    parent: str


def lessons(since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """One row a message, by id, read as it is asked for; `since`: only messages corrected from then on.

    A row holds the labels that a person corrected and no others, each with its last value. Left out are messages
    deleted since, those without a word, and what was said of a text before its author changed it.
    """
    for _message, finals in groupby(_finals(since).iterator(AT_A_TIME), key=lambda row: row[0]):
        found = [_Final(*row) for row in finals]
        text = clean(found[0].text)
        if has_content(text):
            yield _lesson(text, found)


def _finals(since: datetime | None) -> "QuerySet[Correction, tuple[Any, ...]]":
    """The newest correction of each label of each message, message by message."""
    still_there = Correction.objects.filter(message__deleted_at=None, label__in=Label.values)
    of_this_text = still_there.filter(Q(message__edited_at=None) | Q(at__gte=F("message__edited_at")))
    if since is not None:
        later = Correction.objects.filter(message=OuterRef("message"), at__gte=since)
        of_this_text = of_this_text.filter(Exists(later))
    parent = Message.objects.filter(
        channel=OuterRef("message__channel"), external_id=OuterRef("message__parent_external_id"), deleted_at=None
    ).exclude(external_id="")
    return (
        of_this_text.order_by("message_id", "label", "-id")
        .distinct("message_id", "label")
        .annotate(parent=Coalesce(Subquery(parent.values("text")[:1]), Value(""), output_field=TextField()))
        .values_list(
            "message_id", "label", "id", "new", "reader", "reader_version", "message__text", "message__language",
            "message__conversation_id", "parent",
        )
    )  # fmt: skip


def _lesson(text: str, finals: Iterable[_Final]) -> dict[str, Any]:
    values = {final.label: final.value for final in finals}
    newest = max(finals, key=lambda final: final.id)
    return {
        "text": text,
        "parent": clean(newest.parent),
        "lang": newest.language or "und",
        **{label: values[label] for label in Label.values if label in values},
        "confirmed": [label for label in Label.values if label in values],
        "model": newest.reader,
        "version": newest.version,
        "source": SOURCE,
        "group": group_of(newest.conversation),
    }


def group_of(conversation_id: int) -> str:
    """A name for a conversation that is the same in every export and says nothing of it."""
    return blake2b(f"conversation {conversation_id}".encode(), digest_size=8).hexdigest()
