"""The guard around an answer: what it is read against here, and what its findings mean by the brand's policy.

The findings themselves are tickets.answering.guard, which is pure; their words are tickets.answering.guard_words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from ingest import prices
from ingest.models import Channel, Contact, Delivery, Message
from ingest.platforms.base import Kind
from tickets.answering.care import Care
from tickets.answering.guard.canned import CANNED, LEAST_WORDS, score
from tickets.answering.guard.examine import examine
from tickets.answering.guard.findings import Code, Finding, Level, Setting
from tickets.answering.guard.folding import words_of
from tickets.answering.guard_words import told
from tickets.models import CarePolicy, SavedReply, Ticket, TicketMessage
from tickets.permissions import NotAllowed, may_send_alone

LOOK_BACK = timedelta(days=30)
MOST_RECENT = 200
MOST_SAVED = 500
IN_PRIVATE = frozenset({Kind.DM, Kind.MAIL})


class Stopped(NotAllowed):
    """The brand's policy lets nobody send this; the message says why."""

    def __init__(self, looked: "Looked") -> None:
        super().__init__(told([found for found in looked.findings if found.level == Level.STOP]))
        self.looked = looked


class NeedsSecond(NotAllowed):
    """Somebody else must see it before it goes out. tickets.answering.approvals asks them."""

    def __init__(self, looked: "Looked") -> None:
        super().__init__(told([found for found in looked.findings if found.level == Level.SECOND]))
        self.looked = looked


@dataclass(frozen=True, slots=True)
class Looked:
    """What the guard says of a text. `canned` from 0 to 1; `counts`: whether it stops the answer's clock."""

    findings: tuple[Finding, ...]
    canned: float
    counts: bool

    def has(self, level: Level) -> bool:
        """Whether anything of this level was found."""
        return any(found.level == level for found in self.findings)

    @property
    def codes(self) -> list[str]:
        """What was found, but for what is well."""
        return [found.code.value for found in self.findings if found.level != Level.GOOD]

    def care(self, *, later: bool = False, approved: str = "") -> Care:
        """What is kept with the answer."""
        return Care(round(self.canned, 2), self.counts, later, self.codes, approved)


def policy_of(brand_id: int) -> CarePolicy:
    """The brand's policy; the usual one, unsaved, where it has none."""
    return CarePolicy.objects.filter(brand=brand_id).first() or CarePolicy(brand_id=brand_id)


def look(ticket: Ticket, parent: Message | None, text: str, *, private: bool = False, many: bool = False) -> Looked:
    """What the guard says of this answer to `parent`; about six queries. The ticket comes with its channel.

    `many`: the same words go to many. They are canned, the first of them as well as the last: whether they count is
    the brand's policy, and nobody is told so of each.
    """
    policy = policy_of(ticket.brand_id)
    setting = setting_of(ticket, parent, policy, private=private, many=many)
    found = examine(text, setting, policy.guard)
    if many:
        # News takes up nobody's own question.
        found = [one for one in found if one.code != Code.MISSES_ASK]
        return Looked(tuple(found), 1.0, policy.canned_counts)
    canned = 0.0
    if len(words_of(text)) >= LEAST_WORDS:
        canned, _like = score(text, [*setting.said_before, *setting.recent, *setting.saved])
    return Looked(tuple(found), canned, policy.canned_counts or canned < CANNED)


def check(looked: Looked, by: User, *, approved: bool = False) -> None:
    """Raises Stopped, and NeedsSecond where nobody else has seen it yet and this person may not go without."""
    if looked.has(Level.STOP):
        raise Stopped(looked)
    if looked.has(Level.SECOND) and not approved and not may_send_alone(by):
        raise NeedsSecond(looked)


def setting_of(
    ticket: Ticket, parent: Message | None, policy: CarePolicy, *, private: bool = False, many: bool = False
) -> Setting:
    """What an answer to `parent` is read against."""
    now = timezone.now()
    return Setting(
        public=not private and (parent is None or parent.kind not in IN_PRIVATE),
        asked=parent.text if parent else "",
        language=(parent.language if parent else ticket.language)[:2],
        reasons=parent.cues if parent else (),
        said_before=said_before(ticket),
        recent=() if many else recent(ticket, now),
        saved=() if many else saved(ticket.brand_id),
        link_costs=float(link_costs(ticket.channel.platform)),
        own_domains=policy.own_domains,
    )


def said_before(ticket: Ticket) -> Sequence[str]:
    """Our answers on this ticket that are said, or will be."""
    lost = [Delivery.State.FAILED, Delivery.State.CANCELLED]
    ours = TicketMessage.objects.filter(ticket=ticket, message__direction=Message.Direction.OUT)
    kept = ours.exclude(message__delivery__state__in=lost).order_by("-id")
    return list(kept.values_list("message__text", flat=True)[:MOST_RECENT])


def recent(ticket: Ticket, now: datetime) -> Sequence[str]:
    """What the brand said to other customers lately: its newest answers of the last 30 days."""
    channels = Channel.objects.filter(brand=ticket.brand_id).values_list("id", "platform", "external_id")
    # Our accounts by the names that answers give them: found by an index however many customers there are.
    ours = Q(pk__in=[])
    for pk, platform, external_id in channels:
        ours |= Q(platform=platform, external_id=external_id or f"channel-{pk}")
    accounts = list(Contact.objects.filter(ours, brand=ticket.brand_id).values_list("id", flat=True))
    said = Message.objects.filter(direction=Message.Direction.OUT, posted_at__gte=now - LOOK_BACK)
    here = TicketMessage.objects.filter(ticket=ticket).values("message")
    each = [
        said.filter(contact=account).exclude(pk__in=here).order_by("-posted_at").values_list("posted_at", "text")
        for account in accounts
    ]
    if not each:
        return []
    rows = each[0][:MOST_RECENT].union(*[rows[:MOST_RECENT] for rows in each[1:]], all=True)
    return [text for _at, text in sorted(rows, reverse=True)[:MOST_RECENT]]


def saved(brand_id: int) -> Sequence[str]:
    """The saved replies that may be used for the brand, in every language."""
    rows = SavedReply.objects.filter(Q(brand=None) | Q(brand=brand_id)).order_by("-used", "id")
    texts = rows.values_list("texts", flat=True)[:MOST_SAVED]
    return [str(text) for kept in texts for text in kept.values()]


def link_costs(platform: str) -> Decimal:
    """US dollars that an answer costs more with a link in it."""
    plain, linked = (
        prices.cost(platform, prices.items_of_answer(platform, text)) for text in (".", "https://a.example")
    )
    return max(linked - plain, Decimal(0))


def worth_telling(looked: Looked) -> list[Finding]:
    """The findings as the box shows them: what is well is said only where nothing is ill."""
    ill = [found for found in looked.findings if found.level != Level.GOOD]
    return ill or list(looked.findings)


__all__ = ["Code", "Level", "Looked", "NeedsSecond", "Stopped", "check", "look", "policy_of", "worth_telling"]
