"""Posts as a platform would tell them, with the payload that comes along."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from accounts.models import Brand, Membership, Team, User
from ingest.models import Channel
from ingest.platforms.base import Author, Kind, Post
from tickets.management.scale.voices import TOPICS, spoken

START = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_ID = 1_900_000_000_000_000_000


def a_channel(name: str = "Nawa", agents: int = 0, capacity: int = 32_000) -> Channel:
    """A brand, its default team with agents who take tickets, and a channel."""
    brand = Brand.objects.create(name=name)
    team = Team.objects.create(name=f"{name} care")
    team.brands.add(brand)
    for number in range(agents):
        agent = User.objects.create_user(
            f"agent{number}.{brand.pk}@radd.example", None, name=f"Agent {number}", available=True, capacity=capacity
        )
        Membership.objects.create(team=team, user=agent)
    return Channel.objects.create(brand=brand, name=name, platform="imported", external_id="us", handle="nawa_care")


def posts(count: int, topics: tuple[str, ...] = tuple(TOPICS), *, people: int = 0, first: int = 0) -> Iterator[Post]:
    """Posts of different people, or of `people` in turn; half Arabic."""
    dice = Random(first)
    for number in range(first, first + count):
        language = "ar" if number % 2 else "en"
        patterns = TOPICS[topics[number % len(topics)]][language]
        text = spoken(patterns[number // len(topics) % len(patterns)], language, dice)
        yield post(number, text, language, who=number % people if people else number)


def post(number: int, text: str, language: str, who: int) -> Post:
    """One mention, as large as one of X with its author and metrics."""
    external_id = str(FIRST_ID + number * 4096)
    at = START + timedelta(seconds=number)
    metrics = {"retweet_count": number % 7, "reply_count": number % 3, "like_count": number % 40, "quote_count": 0}
    raw = {
        "id": external_id, "text": text, "lang": language, "author_id": str(who), "conversation_id": external_id,
        "created_at": at.isoformat(), "public_metrics": metrics, "edit_history_tweet_ids": [external_id],
        "entities": {"mentions": [{"start": 0, "end": 10, "username": "nawa_care", "id": "1"}]},
        "reply_settings": "everyone", "possibly_sensitive": False,
    }  # fmt: skip
    author = Author(f"person-{who}", f"user{who}", f"Customer {who}", f"https://x.example/{who}.jpg", who % 900)
    return Post(
        external_id, author, Kind.MENTION, text, at, conversation_key=external_id,
        url=f"https://x.example/i/status/{external_id}", lang_hint=language, metrics=dict(metrics), raw=raw,
    )  # fmt: skip
