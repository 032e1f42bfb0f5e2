"""The pictures in an answer box before the answer is sent: put in, described, put in order, taken out.

Each person has a tray of their own on each ticket. It stays when sending is refused and when the page is loaded again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from ingest import pictures as cleaning
from ingest.cleaning import clean
from ingest.models import Message, OutgoingImage
from ingest.pictures import BadPicture
from ingest.platforms.base import ImageLimits
from tickets.answering import replies
from tickets.answering.pictures import NONE, draft_of, limits_of
from tickets.models import Ticket
from tickets.permissions import check_may_work_on


@dataclass(slots=True)
class Tray:
    """What the box shows: the pictures in order, what its platform takes, and why others could not be put in."""

    limits: ImageLimits
    pictures: Sequence[OutgoingImage]
    problems: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.pictures) >= self.limits.most

    @property
    def megabytes(self) -> str:
        """What its platform takes of each."""
        return f"{self.limits.most_bytes / 1_000_000:g}"

    @property
    def undescribed(self) -> int:
        """How many of them tell nothing to who cannot see them."""
        return sum(not image.alt for image in self.pictures)


def tray_of(ticket: Ticket, by: User, newest: Message | None, problems: Sequence[str] = ()) -> Tray:
    """This person's tray on a ticket whose customer last said `newest`; one query."""
    limits = limits_of(ticket.channel, newest.kind) if newest else NONE
    return Tray(limits, drafted(ticket, by), list(problems))


def tray_on(ticket: Ticket, by: User, problems: Sequence[str] = ()) -> Tray:
    """The same where the story has not been read; two queries."""
    return Tray(limits_on(ticket), drafted(ticket, by), list(problems))


def drafted(ticket: Ticket, by: User) -> list[OutgoingImage]:
    """What this person has put into the ticket's box, in order, without the bytes."""
    return list(OutgoingImage.objects.in_draft(draft_of(ticket), by).without_content())


def limits_on(ticket: Ticket) -> ImageLimits:
    """What an answer to the ticket may hold now."""
    parent = replies.answers_to(ticket)
    return limits_of(parent.channel, parent.kind) if parent else NONE


def add(ticket: Ticket, *, content: bytes, by: User, alt: str = "") -> OutgoingImage:
    """Put a picture into the box, cleaned and as large as its platform takes it. Raises NotAllowed, BadPicture."""
    check_may_work_on(by, ticket)
    parent = replies.answers_to(ticket)
    if parent is None:
        raise BadPicture("too_many")
    limits = limits_of(parent.channel, parent.kind)
    mine = OutgoingImage.objects.in_draft(draft_of(ticket), by)
    if mine.count() >= limits.most:
        raise BadPicture("too_many")
    # Before any transaction: it takes a while.
    made = cleaning.prepared(content, limits)
    return OutgoingImage.objects.create(
        channel=parent.channel,
        conversation=parent.conversation,
        draft=draft_of(ticket),
        uploaded_by=by,
        content=made.content,
        media_type=made.media_type,
        alt=tidy(alt, limits),
        width=made.width,
        height=made.height,
        size=len(made.content),
        place=(mine.aggregate(last=Max("place"))["last"] or 0) + 1,
    )


def describe(ticket: Ticket, alts: Mapping[UUID, str], *, by: User) -> int:
    """What these pictures show, in words; how many of them are in the box. Raises NotAllowed."""
    check_may_work_on(by, ticket)
    if not alts:
        return 0
    limits = limits_on(ticket)
    mine = OutgoingImage.objects.in_draft(draft_of(ticket), by).order_by()
    return sum(mine.filter(key=key).update(alt=tidy(alt, limits)) for key, alt in alts.items())


def take_out(ticket: Ticket, key: UUID, *, by: User) -> bool:
    """Forget a picture of the box. False if it is not there. Raises NotAllowed."""
    check_may_work_on(by, ticket)
    gone, _by_table = OutgoingImage.objects.in_draft(draft_of(ticket), by).filter(key=key).delete()
    return gone > 0


def move(ticket: Ticket, key: UUID, places: int, *, by: User) -> None:
    """Move a picture so many places towards the end; a negative number towards the beginning. Raises NotAllowed."""
    check_may_work_on(by, ticket)
    with transaction.atomic():
        mine = OutgoingImage.objects.in_draft(draft_of(ticket), by).without_content()
        order = list(mine.select_for_update(of=("self",)))
        moved = next((image for image in order if image.key == key), None)
        if moved is None:
            return
        turn = order.index(moved)
        order.remove(moved)
        order.insert(max(0, turn + places), moved)
        for place, image in enumerate(order, 1):
            OutgoingImage.objects.filter(pk=image.pk).update(place=place)


def tidy(alt: str, limits: ImageLimits) -> str:
    """A description as it is sent."""
    return " ".join(clean(alt).split())[: limits.alt]
