"""The cast: a brand, its people, a channel and posts, made by short functions that tests can read aloud."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.db.models import Model
from django.utils import timezone

from accounts.models import Brand, Membership, Role, Team, User
from ingest import delivery, doorbell, scoring
from ingest.collect import store
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Account, Author, Cannot, Json, Kind, Length, Outgoing, Page, Post, Sent
from ingest.platforms.registry import PLATFORMS
from sentiment.reading import Failure, Mark, Reading
from tickets.answering import outcomes, replies
from tickets.incoming import intake
from tickets.models import Ticket

T = TypeVar("T")
M = TypeVar("M", bound=Model)

_numbers = count(1)
CARE = "acct-care"


def a_brand(name: str = "") -> Brand:
    """A brand with its default team."""
    brand = Brand.objects.create(name=name or f"Brand {next(_numbers)}")
    a_team(brand)
    return brand


def a_team(brand: Brand, name: str = "", *, is_default: bool = True) -> Team:
    team = Team.objects.create(name=name or f"Team {next(_numbers)}", is_default=is_default)
    team.brands.add(brand)
    return team


def a_person(brand: Brand | None = None, *, role: Role = Role.AGENT, **fields: Any) -> User:
    """Somebody who works for the brand's teams."""
    number = next(_numbers)
    name = fields.pop("name", f"Person {number}")
    user = User.objects.create_user(f"person{number}@nawa.example", "a-good-password", name=name, role=role, **fields)
    for team in brand.teams.all() if brand else []:
        Membership.objects.create(team=team, user=user)
    return user


def a_channel(brand: Brand | None = None, **fields: Any) -> Channel:
    """A channel on the imported platform unless another is named."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "name": f"Channel {number}",
        "platform": "imported",
        "external_id": CARE,
        "handle": "nawa_care",
    }
    return Channel.objects.create(brand=brand or a_brand(), **(defaults | fields))


def a_post(text: str = "my bill is wrong, please fix it", by: str = "reem", **fields: Any) -> Post:
    """A post by the account `by`, a minute younger than the one before."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "external_id": f"post-{number}",
        "author": Author(external_id=f"acct-{by}", handle=by, name=by.title()),
        "kind": Kind.MENTION,
        "posted_at": datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=number),
        "conversation_key": f"thread-{number}",
    }
    told = defaults | fields
    # This platform stamps what is posted by its own clock, unless the test says otherwise.
    return Post(text=text, **({"reachable_at": told["posted_at"]} | told))


def an_own_post(text: str = "We are on it.", **fields: Any) -> Post:
    """A post of the brand's own account."""
    return a_post(text, author=Author(external_id=CARE, handle="nawa_care", name="Nawa Care"), **fields)


def a_reader(texts: Sequence[str], _parents: Sequence[str | None] = ()) -> list[Reading | Failure]:
    """A reader by plain words: complaints say wrong, down, angry or broken; thanks and love are content.

    It stands for the model where a test is about the flow around it.
    """
    return [_read(text) for text in texts]


def _read(text: str) -> Reading | Failure:
    words = text.lower()
    if "poison" in words:
        return Failure("this text breaks the reader")
    unhappy = any(word in words for word in ("wrong", "down", "angry", "broken"))
    content = any(word in words for word in ("thank", "love"))
    scores = (0.9, 0.07, 0.03) if unhappy else (0.03, 0.07, 0.9) if content else (0.1, 0.8, 0.1)
    cues = (("question",) if "?" in words else ()) + (("thanks",) if "thank" in words else ())
    cues += ("spam",) if "crypto" in words else ()
    return Reading("en", *scores, cues, "normal", "test-reader", "1")


def a_care_reader(texts: Sequence[str], parents: Sequence[str | None] = ()) -> list[Reading | Failure]:
    """As `a_reader`, trained for customer care: it knows what is owed, and marks the first word that says so."""
    return [_with_care(text, read) for text, read in zip(texts, a_reader(texts, parents), strict=True)]


def _with_care(text: str, read: Reading | Failure) -> Reading | Failure:
    if isinstance(read, Failure):
        return read
    at = next((text.lower().find(word) for word in ("wrong", "down", "angry", "broken") if word in text.lower()), -1)
    if at < 0:
        return replace(read, follow_up=0.9 if "question" in read.reasons else 0.05, threshold=0.4)
    return replace(
        read,
        follow_up=0.93,
        threshold=0.4,
        reasons=("complaint", *read.reasons),
        urgency="high" if "now" in text.lower() else "normal",
        trigger="delay_or_outage" if "down" in text.lower() else "overcharging",
        aim="solution",
        evidence=(Mark(at, at + len(text[at:].split(maxsplit=1)[0]), 1.0),),
    )


def receive(channel: Channel, *posts: Post, read: scoring.Read = a_reader) -> list[Message]:
    """Store posts and take them all the way through reading and triage; the messages, in the order given."""
    store(channel, posts)
    work_off(read)
    return [Message.objects.get(channel=channel, external_id=post.external_id) for post in posts]


def said(channel: Channel, text: str, *, read: scoring.Read = a_reader, **fields: Any) -> Message:
    """One post, read and triaged."""
    (message,) = receive(channel, a_post(text, **fields), read=read)
    return message


def work_off(read: scoring.Read = a_reader) -> None:
    """Read and triage whatever can be worked now."""
    while scoring.read_new(read=read):
        pass
    while intake.triage_new():
        pass


def a_ticket(
    channel: Channel | None = None, text: str = "my bill is wrong", *, read: scoring.Read = a_reader, **fields: Any
) -> Ticket:
    """A ticket made the only way tickets are made: from a post."""
    return ticket_of(said(channel or a_channel(), text, read=read, **fields))


def ticket_of(message: Message) -> Ticket:
    """The ticket that the message is on."""
    return Ticket.objects.get(entries__message=message)


def fresh(row: M) -> M:
    """The row as the database has it now."""
    return type(row)._default_manager.get(pk=row.pk)


def verbs(ticket: Ticket) -> list[str]:
    """What was done to the ticket, in order."""
    return list(ticket.activities.order_by("id").values_list("verb", flat=True))


def codes(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """The reasons by their codes alone."""
    return [reason["code"] for reason in reasons]


def now() -> datetime:
    return timezone.now()


# --- a platform that follows a script --------------------------------------------------------------------------------
class FakePlatform:
    """Hands out its pages in order, and takes every answer unless its script says otherwise.

    `pages`, `troubles` and `looks` are used up from the front: a page or an error for each fetch; an error, or None
    for none, for each reply and each look-up. A trouble in `AfterTheFact` strikes when the answer is posted already.
    """

    name: ClassVar[str] = "fake"
    label: ClassVar[str] = "Fake platform"
    threads: ClassVar[bool] = True
    pages: ClassVar[list[Page | Exception]]
    troubles: ClassVar[list[Exception | None]]
    looks: ClassVar[list[Exception | None]]
    # What customers could read by now, in order; `calls` tells what was asked of us.
    posted: ClassVar[list[Outgoing]]
    calls: ClassVar[list[str]]

    def __init__(self, account: Account) -> None:
        self.account = account

    def fetch(self, cursor: Json) -> Page:
        self.calls.append("fetch")
        page = self.pages.pop(0) if self.pages else Page((), cursor)
        if isinstance(page, Exception):
            raise page
        return page

    def reply(self, outgoing: Outgoing) -> Sent:
        self.calls.append("reply")
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None and not isinstance(trouble, AfterTheFact):
            raise trouble
        self.posted.append(outgoing)
        if isinstance(trouble, AfterTheFact):
            raise trouble.args[0]
        return Sent(f"answer-{outgoing.key}")

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        self.calls.append("look")
        trouble = self.looks.pop(0) if self.looks else None
        if trouble is not None:
            raise trouble
        return Sent(f"answer-{outgoing.key}") if outgoing.key in {known.key for known in self.posted} else None

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        return None

    def length(self, text: str) -> Length:
        return Length(len(text), 280)

    @classmethod
    def texts(cls) -> list[str]:
        """What was posted, in order."""
        return [outgoing.text for outgoing in cls.posted]


class Remembering(FakePlatform):
    """A platform with a past, in which nothing happened."""

    def backfill(self, since: datetime, cursor: Json) -> Page:
        return Page((), cursor)


class AfterTheFact(Exception):
    """An error that comes when the answer is on the platform already."""


def a_platform(monkeypatch: pytest.MonkeyPatch, *pages: Page | Exception) -> type[FakePlatform]:
    """A platform called `fake` with a script of its own, for channels made with platform="fake"."""
    script: dict[str, Any] = {"pages": list(pages), "troubles": [], "looks": [], "posted": [], "calls": []}
    made = type("Scripted", (FakePlatform,), script)
    monkeypatch.setitem(PLATFORMS, "fake", made)
    return made


def an_answer(
    ticket: Ticket, text: str = "We are on it.", *, by: User | None = None, key: UUID | None = None, **fields: Any
) -> Delivery:
    """Somebody answers the ticket as it stands now."""
    seen = fresh(ticket).position
    given: dict[str, Any] = {"by": by or a_person(ticket.brand), "seen": seen, "key": key or uuid4()}
    return replies.send(ticket.pk, text=text, **(given | fields))


def deliver() -> None:
    """Every answer that waits is tried once, now, and tickets take note of how it went."""
    Delivery.objects.unfinished().update(due_at=now())
    delivery.deliver_due()
    outcomes.settle_finished()


def a_bell(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A doorbell that nobody hears; the list it returns fills with what was rung."""
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "_ring_now", lambda task, args: rung.append(":".join([task, *map(str, args)])))
    monkeypatch.setattr(doorbell, "_ring_pages_now", lambda: rung.append("pages"))
    return rung


def at_once(*jobs: Callable[[], T]) -> list[T]:
    """Do these at the same moment, each in a thread with a database connection of its own; what each returned."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        try:
            start.wait()
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(60) for future in [pool.submit(run, job) for job in jobs]]
