"""An answer longer than a post goes out as several, each under the one before it.

Each part is a message with an outbox row of its own, in the order of their ids. What makes them one answer stands in
`Message.raw` under `KEY`. A part that ends badly takes those after it along: half a sentence is worse than none.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ingest.models import Delivery, Message
from ingest.platforms.base import Json

KEY = "radd_part"
# Why a part did not go out: one before it did not.
STOPPED = "part_before"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands among the parts of its answer: `n` of `of`, from 1.

    `answer` is the key of the first part's outbox row; `said` the piece of the answer, as it was written.
    """

    answer: str
    n: int
    of: int
    said: str

    @classmethod
    def read(cls, kept: Any) -> "Place | None":
        """From what is kept; None for a message that is an answer by itself."""
        return cls(**kept) if isinstance(kept, Mapping) else None

    def kept(self) -> Json:
        """As it stands in `Message.raw`."""
        return {KEY: asdict(self)}

    @property
    def is_last(self) -> bool:
        return self.n == self.of


def place_of(message: Message) -> Place | None:
    """None for a message that is an answer by itself."""
    return Place.read(message.raw.get(KEY))


def said_in(message: Message) -> str:
    """What was written of an answer that went out as this message, or of its part of it."""
    place = place_of(message)
    return place.said if place else message.text


def of_answer(delivery: Delivery) -> QuerySet[Delivery]:
    """All parts of the answer this row belongs to, in order; the row alone where it is an answer by itself."""
    place = place_of(delivery.message)
    if place is None:
        return Delivery.objects.filter(pk=delivery.pk)
    same = Delivery.objects.filter(conversation=delivery.conversation_id)
    return same.filter(**{f"message__raw__{KEY}__answer": place.answer}).order_by("id")


def after(delivery: Delivery) -> QuerySet[Delivery]:
    """The parts that come after this one."""
    return of_answer(delivery).filter(pk__gt=delivery.pk)


def hand_on(delivery: Delivery, external_id: str) -> None:
    """This part is on the platform: the next one goes under it."""
    if external_id and place_of(delivery.message):
        following = after(delivery).filter(state__in=[*Delivery.UNFINISHED, Delivery.State.FAILED])
        Message.objects.filter(pk__in=following.values("message")).update(parent_external_id=external_id)


def stop(delivery: Delivery) -> None:
    """This part will not be on the platform: nor will those after it."""
    if place_of(delivery.message):
        after(delivery).filter(state__in=Delivery.UNFINISHED).update(
            state=Delivery.State.FAILED, error_code=STOPPED, lease_until=None, finished_at=timezone.now(), settled=False
        )


def go_on(delivery: Delivery) -> None:
    """This part is tried again, or is there after all: those that stopped for it wait for their turn once more."""
    if place_of(delivery.message):
        after(delivery).filter(state=Delivery.State.FAILED, error_code=STOPPED).update(
            state=Delivery.State.WAITING,
            error_code="",
            last_error="",
            attempts=0,
            due_at=timezone.now(),
            finished_at=None,
            settled=False,
        )


def follows_one_sent_since(message: Message, moment: datetime) -> bool:
    """Whether it goes under a part of the same answer that was sent after that moment."""
    place = place_of(message)
    if place is None or place.n == 1:
        return False
    above = Delivery.objects.filter(channel=message.channel_id, message__external_id=message.parent_external_id)
    return above.filter(finished_at__gte=moment).exists()
