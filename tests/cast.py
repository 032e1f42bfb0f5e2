"""The cast: a brand, its people, a channel and posts, made by short functions that tests can read aloud."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Brand, Membership, Role, Team, User
from ingest import scoring
from ingest.collect import store
from ingest.models import Channel, Message
from ingest.platforms.base import Author, Kind, Post
from sentiment.reading import Failure, Reading
from tickets import intake
from tickets.models import Ticket

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
    return Post(text=text, **(defaults | fields))


def an_own_post(text: str = "We are on it.", **fields: Any) -> Post:
    """A post of the brand's own account."""
    return a_post(text, author=Author(external_id=CARE, handle="nawa_care", name="Nawa Care"), **fields)


def a_reader(texts: Sequence[str]) -> list[Reading | Failure]:
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


def receive(channel: Channel, *posts: Post) -> list[Message]:
    """Store posts and take them all the way through reading and triage; the messages, in the order given."""
    store(channel, posts)
    work_off()
    return [Message.objects.get(channel=channel, external_id=post.external_id) for post in posts]


def work_off() -> None:
    """Read and triage whatever can be worked now."""
    while scoring.read_new(read=a_reader):
        pass
    while intake.triage_new():
        pass


def a_ticket(channel: Channel | None = None, text: str = "my bill is wrong", **fields: Any) -> Ticket:
    """A ticket made the only way tickets are made: from a post."""
    (message,) = receive(channel or a_channel(), a_post(text, **fields))
    return Ticket.objects.get(entries__message=message)


def now() -> datetime:
    return timezone.now()
