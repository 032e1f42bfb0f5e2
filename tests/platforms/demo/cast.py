"""A small cast for the demo platform, and how the tests speak with it."""

from datetime import UTC, datetime

from ingest.platforms.base import Json, Kind, Outgoing, Post
from ingest.platforms.demo import Demo

BEGINNING = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
GOOD = "We are sorry, a technician is on the way to your street now"
CORPUS: list[Json] = [
    {"id": "sara1", "author": "sara", "name": "Sara", "followers": 40, "lang": "en", "kind": "mention",
     "text": "No network since noon @nawa_care", "chase": "Hello? Still nothing!",
     "after": [{"mood": "calmer", "text": "Thank you, waiting"}, {"mood": "angrier", "text": "A robot?!"},
               {"mood": "closing", "text": "It works again, thanks"}]},
    {"id": "own1", "author": "nawa_telecom", "lang": "en", "kind": "post", "text": "Spring offers are here"},
    {"id": "omar1", "author": "omar_k", "lang": "ar", "kind": "mention", "text": "النت بطيء جدا من امس"},
    {"id": "omar2", "author": "omar_k", "lang": "ar", "kind": "reply", "parent": "omar1", "text": "ما فيه رد؟"},
    {"id": "rt1", "author": "lulu", "lang": "en", "kind": "repost", "ref": "sara1", "text": "RT No network since noon"},
    {"id": "late", "author": "new", "lang": "en", "kind": "mention", "parent": "nowhere",
     "text": "Which plan is best?"},
]  # fmt: skip


def everything(demo: Demo, cursor: Json | None = None) -> list[Post]:
    return list(demo.fetch(cursor or {}).posts)


def by_text(posts: list[Post], text: str) -> Post:
    return next(post for post in posts if text in post.text)


def answer_to(post: Post, text: str = GOOD, key: str = "k1") -> Outgoing:
    return Outgoing(
        key=key, text=text, parent_id=post.external_id, root_id=post.root_id, conversation_key=post.conversation_key,
        to_handle=post.author.handle, kind=Kind.REPLY, first_tried_at=BEGINNING,
    )  # fmt: skip
