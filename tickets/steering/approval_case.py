"""An answer as approval rules see it: what tickets.steering.conditions may ask of it."""

import re
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from ingest.models import Message
from tickets.answering.guarding import Looked
from tickets.models import Ticket

# A sum of money: a number beside a currency, on either side of it.
_MONEY = re.compile(
    r"(?:[$€£¥]|\b(?:usd|eur|gbp|sar|aed|egp|kwd|qar|omr|bhd|jod|sr)\b|ريال|درهم|دينار|جنيه|دولار|ر\.س)\s*(?P<a>\d[\d,.]*)"
    r"|(?P<b>\d[\d,.]*)\s*(?:[$€£¥]|\b(?:usd|eur|gbp|sar|aed|egp|kwd|qar|omr|bhd|jod|sr|riyals?|dollars?|pounds?|dirhams?"
    r"|dinars?)\b|ريال|درهم|دينار|جنيه|دولار|ر\.س)",
    re.IGNORECASE,
)
_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩٬٫", "0123456789,.")


def amount_in(text: str) -> float | None:
    """The largest sum of money named in a text, whatever the currency; None where there is none."""
    sums = [match["a"] or match["b"] for match in _MONEY.finditer(text.translate(_EASTERN))]
    return max((_number(told) for told in sums), default=None)


def _number(told: str) -> float:
    """1,200.50 and 1.200,50 are one number: the last sign counts as the point where one or two digits follow it."""
    whole, sign, rest = re.sub(r"[,.]+$", "", told).rpartition(max(",", ".", key=told.rfind))
    if sign and len(rest) in {1, 2}:
        return float(f"{re.sub(r'[,.]', '', whole) or 0}.{rest}")
    return float(re.sub(r"[,.]", "", told) or 0)


def case_of(ticket: Ticket, parent: Message | None, text: str, by: User, looked: Looked) -> dict[str, Any]:
    """Values by field; a field that is absent is not known."""
    now: datetime = timezone.now()
    return {
        "channel": ticket.channel_id,
        "platform": ticket.channel.platform,
        "brand": ticket.brand_id,
        "kind": parent.kind if parent else None,
        "language": (parent.language if parent else ticket.language)[:2],
        "words": parent.text if parent else "",
        "sentiment": parent.valence if parent else None,
        "reasons": list(parent.cues) if parent else [],
        "trigger": parent.trigger if parent else None,
        "aim": parent.aim if parent else None,
        "urgency": ticket.urgency,
        "priority": ticket.priority,
        "tags": list(ticket.tags),
        "incident": ticket.incident_id,
        "reach": ticket.reach,
        "came_back": ticket.reopened > 0 or ticket.previous_id is not None,
        "author": by.pk,
        "author_days": (now - by.date_joined).days,
        "answer_words": text,
        "amount": amount_in(text),
        "guard": looked.codes,
        "canned": looked.canned,
    }
