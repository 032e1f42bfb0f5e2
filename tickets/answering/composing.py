"""What the answer box says of a text while it is written: its length, what it goes out as, what is dear about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from ingest import prices
from ingest.platforms.base import Length, PlatformError
from tickets.answering import replies
from tickets.answering.splitting import LongWord, Part, TooManyParts
from tickets.models import Ticket

# An answer that costs this many times what a plain one does is dear.
DEAR = 3
LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Counted:
    """A text as the ticket's platform takes it. `parts`: the posts it goes out as; none where it cannot.

    `dear`: US dollars of all its posts, and of one plain post, where the difference matters.
    """

    length: Length
    parts: tuple[Part, ...] = ()
    why: str = ""
    dear: tuple[Decimal, Decimal] | None = None

    @property
    def over(self) -> bool:
        """Longer than it may be."""
        return self.length.used > self.length.limit and len(self.parts) < 2


def counted(ticket: Ticket, text: str) -> Counted:
    """The text as its platform counts it; one query, where it is longer than a post."""
    text = replies.tidy(text)
    try:
        length = replies.length_of(ticket, text)
        if not text or length.fits:
            return Counted(length, (Part(text),), dear=dear(ticket.channel.platform, [text]))
        parent = replies.answers_to(ticket)
        parts = replies.parts_of(ticket.channel, parent.kind if parent else "", text)
    except replies.TooLong as refused:
        return Counted(refused.length, why=why_whole(refused))
    except PlatformError:
        return Counted(Length(len(text), 0))
    return Counted(length, tuple(parts), dear=dear(ticket.channel.platform, [part.text for part in parts]))


def why_whole(refused: replies.TooLong) -> str:
    """Why a long text does not go out in parts; empty where the platform has no threads."""
    if isinstance(refused.why, LongWord):
        word = refused.why.word
        shown = word if len(word) <= LONGEST_SHOWN else f"{word[:LONGEST_SHOWN]}…"
        return _("One word is longer than a post: %(word)s") % {"word": f"\u2068{shown}\u2069"}
    if isinstance(refused.why, TooManyParts):
        return _("It would take more than %(most)d posts.") % {"most": refused.why.most}
    return ""


def dear(platform: str, posts: Iterable[str]) -> tuple[Decimal, Decimal] | None:
    """What these posts cost and what a plain one does, in US dollars; None where they are not dear."""
    plain = prices.cost(platform, prices.items_of_answer(platform, "."))
    charges = [prices.cost(platform, prices.items_of_answer(platform, post)) for post in posts]
    if not plain or max(charges, default=Decimal(0)) < DEAR * plain:
        return None
    return sum(charges, Decimal(0)), plain
