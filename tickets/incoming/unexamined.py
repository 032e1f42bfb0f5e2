"""What triage set aside and nobody has looked at: which of it must be looked at, in which order, and how much it is.

A message's `doubt` (ingest.models.Message) orders it. Some of them the model is unsure of: a person must look at each.
The rest it is sure of: people look at samples. A page is found by its cursor and channel by channel, so that it costs
the same however long the queue is and however many other brands stand in it; counts stop at their cap.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import brand_ids
from ingest.models import Message
from ingest.models.message import TONE
from tickets.numbers import whole

# A follow_up from this share of its threshold on is too near to it to be left to the model.
NEAR = 1 / 3
PAGE_SIZE = 25

# As in the index `message_unexamined`.
UNEXAMINED_SQL = (
    "m.state = 'triaged' AND m.disposition IN ('no_answer', 'spam') AND m.decided_by_id IS NULL"
    " AND m.examined_at IS NULL AND m.deleted_at IS NULL"
)
# Whether a reading is unsure, told by its doubt alone; for messages between the two bounds its own figures tell.
BY_DOUBT = "m.doubt >= %(least)s"
BY_FIGURES = (
    "coalesce(m.follow_up >= m.threshold * %(near)s OR greatest(m.negative, m.neutral, m.positive) < %(flat)s, false)"
)


class Part(NamedTuple):
    """One of the two lists: its name in addresses, and its condition in SQL."""

    slug: str
    sql: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended."""

    doubt: float
    pk: int

    def token(self) -> str:
        """For an address."""
        return f"{self.doubt!r}~{self.pk}"

    @classmethod
    def read(cls, token: str) -> "Cursor | None":
        """The cursor of an address; None for what is none, which shows the first page."""
        doubt, _tilde, pk = token.partition("~")
        try:
            return cls(float(doubt), number) if (number := whole(pk)) is not None else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in order, with channel and contact, and the cursor of the next page if there is one."""

    messages: list[Message]
    next: str = ""


def parts() -> dict[str, Part]:
    """The two lists by name: what must be examined, and what is looked at in samples."""
    unsure = BY_DOUBT
    if _least() != _surely():
        unsure = f"{BY_DOUBT} AND (m.doubt >= %(surely)s OR {BY_FIGURES})"
    sure = f"NOT ({unsure})" if _least() != _surely() else "m.doubt < %(least)s"
    return {"unsure": Part("unsure", unsure), "sampled": Part("sampled", sure)}


def _least() -> float:
    """Whoever doubts less is sure, by tone and by follow_up alike."""
    return min(NEAR, (1 - settings.TRIAGE_UNSURE) * TONE)


def _surely() -> float:
    """Whoever doubts more is unsure. The two are one as long as RADD_TRIAGE_UNSURE is one half."""
    return max(NEAR, (1 - settings.TRIAGE_UNSURE) * TONE)


def figures() -> dict[str, Any]:
    """What the conditions name."""
    return {"least": _least(), "surely": _surely(), "near": NEAR, "flat": settings.TRIAGE_UNSURE}


def unexamined(user: User) -> QuerySet[Message]:
    """The messages nobody has looked at, of the brands this person may see."""
    allowed, found = brand_ids(user), Message.objects.unexamined()
    return found if allowed is None else found.filter(channel__brand_id__in=allowed)


def count_sql(part: Part, *, everything: bool) -> str:
    """One capped count as a piece of a larger statement; names %(brands)s, %(cap)s and `figures`."""
    return (
        "(SELECT count(*) FROM (SELECT 1 FROM ingest_channel c CROSS JOIN LATERAL (SELECT 1 FROM ingest_message m"  # noqa: S608  (our own words)
        f" WHERE m.channel_id = c.id AND {UNEXAMINED_SQL} AND {part.sql} LIMIT %(cap)s) one"
        f"{_of_brands(everything=everything)} LIMIT %(cap)s) counted)"
    )


def _of_brands(*, everything: bool) -> str:
    return "" if everything else " WHERE c.brand_id = ANY(%(brands)s)"


def count(user: User, slug: str, cap: int) -> int:
    """How many messages a list holds, stopping at the cap."""
    allowed = brand_ids(user)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {count_sql(parts()[slug], everything=allowed is None)}",
            {"brands": sorted(allowed or ()), "cap": cap, **figures()},
        )
        return int(cursor.fetchone()[0])


def count_of_all(slug: str) -> int:
    """How many messages of all brands a list holds, to the last one: for reports."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ingest_message m WHERE {UNEXAMINED_SQL} AND {parts()[slug].sql}",  # noqa: S608
            figures(),
        )
        return int(cursor.fetchone()[0])


def page_of(user: User, slug: str, after: str = "", size: int = PAGE_SIZE) -> Page:
    """One page of a list, most doubtful first (two queries)."""
    found = _ids(user, parts()[slug], Cursor.read(after) if after else None, size + 1)
    wanted = [pk for pk, _doubt in found[:size]]
    shown = Message.objects.filter(pk__in=wanted).select_related("channel", "contact")
    by_pk = shown.defer("raw", "metrics", "channel__secrets").in_bulk() if wanted else {}
    last = found[size - 1] if len(found) > size else None
    return Page([by_pk[pk] for pk in wanted if pk in by_pk], Cursor(last[1], last[0]).token() if last else "")


def _ids(user: User, part: Part, after: Cursor | None, size: int) -> list[tuple[int, float]]:
    """Ids and doubts in order: the first of each channel, and the first of those."""
    allowed = brand_ids(user)
    beyond = " AND (m.doubt, m.id) < (%(doubt)s, %(pk)s)" if after else ""
    values: dict[str, Any] = {"brands": sorted(allowed or ()), "size": size, **figures()}
    if after:
        values |= {"doubt": after.doubt, "pk": after.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT one.id, one.doubt FROM ingest_channel c CROSS JOIN LATERAL ("  # noqa: S608  (our own words)
            f"SELECT m.id, m.doubt FROM ingest_message m WHERE m.channel_id = c.id AND {UNEXAMINED_SQL}"
            f" AND {part.sql}{beyond} ORDER BY m.doubt DESC, m.id DESC LIMIT %(size)s) one"
            f"{_of_brands(everything=allowed is None)} ORDER BY one.doubt DESC, one.id DESC LIMIT %(size)s",
            values,
        )
        return [(pk, doubt) for pk, doubt in cursor.fetchall()]
