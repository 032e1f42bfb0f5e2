"""All that was said with a customer, from whichever account and channel, the newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from ingest.models import Conversation, Message
from tickets.listing.search.finding import Place
from tickets.models import TicketMessage

SIZE = 30
# Conversations of one customer that are looked through, the newest first.
MOST_THREADS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One message; `ticket` is the one it is on, if any."""

    message: Message
    ticket: int | None

    @property
    def ours(self) -> bool:
        return self.message.direction == Message.Direction.OUT

    @property
    def name(self) -> str:
        """Who said it: our colleague, else the account."""
        author = self.message.author
        return author.name if self.ours and author else self.message.contact.display_name


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the place the following page begins at; empty at the end."""

    lines: Sequence[Line]
    next: str = ""


def page_of(contacts: Sequence[int], after: str = "", size: int = SIZE) -> Page:
    """A page of what was said with these accounts (three queries). Raises BadPlace for a place that is none."""
    threads = Conversation.objects.filter(contact__in=contacts).order_by("-id").values_list("id", flat=True)
    said = Message.objects.filter(conversation__in=list(threads[:MOST_THREADS]))
    said = said.exclude(decision=Message.Decision.CONTEXT).exclude(decision=Message.Decision.FOLDED)
    if after:
        place = Place.read(after)
        said = said.filter(Q(posted_at__lt=place.at) | Q(posted_at=place.at, id__lt=place.message))
    shown = said.select_related("contact", "channel", "author").defer("raw", "metrics", "channel__secrets")
    rows = list(shown.order_by("-posted_at", "-id")[: size + 1])
    on = dict(TicketMessage.objects.filter(message__in=[row.pk for row in rows]).values_list("message_id", "ticket_id"))
    lines = [Line(row, on.get(row.pk)) for row in rows[:size]]
    last = rows[size - 1] if len(rows) > size else None
    return Page(lines, Place(last.posted_at, last.pk).token() if last else "")
