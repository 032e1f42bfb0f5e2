"""An answer as approval rules see it: what they may ask of it beside what any rule may ask (tickets.steering.case)."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from accounts.models import User
from ingest.models import Message
from tickets.answering.guarding import Looked
from tickets.models import Ticket
from tickets.steering.case import Moment, cases_of

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


def case_of(
    ticket: Ticket, parent: Message, text: str, *, by: User, looked: Looked, fields: Collection[str]
) -> Mapping[str, Any]:
    """Values by field: what holds of the ticket and of what is answered, as far as these fields ask, and the answer."""
    now = timezone.now()
    (told,) = cases_of([Moment(ticket, parent, now, came_back=ticket.reopened > 0)], fields)
    return {
        **told,
        "urgency": ticket.urgency,
        "author": by.pk,
        "author_days": (now - by.date_joined).days,
        "answer_words": text,
        "amount": amount_in(text),
        "guard": looked.codes,
        "canned": looked.canned,
    }
