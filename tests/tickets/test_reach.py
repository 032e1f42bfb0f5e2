"""How far a customer's post has spread, and how fast it goes on: said in its line, and only where it is known."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from ingest.models import Channel, Message, Reach
from tests.cast import a_post, now, receive
from tests.tickets.conftest import question
from tests.tickets.views.conftest import signed_in
from tickets.models import Ticket
from tickets.reach import in_words
from tickets.thread import Said, story_of

VIEWED = {"impression_count": 12_400, "like_count": 7}


@pytest.mark.parametrize(
    ("metrics", "speed", "words"),
    [
        (VIEWED, {"impression_count": 900.4, "like_count": 3}, "seen 12,400 times, +900/h"),
        (VIEWED, {}, "seen 12,400 times"),
        (VIEWED, {"impression_count": 0.2}, "seen 12,400 times"),
        (VIEWED, {"impression_count": -40.0}, "seen 12,400 times"),
        ({"views": 1}, {}, "seen 1 time"),
        ({"impression_count": 0, "repost_count": 12, "like_count": 90}, {"repost_count": 4.0}, "shared 12 times, +4/h"),
        ({"like_count": 2}, {}, "liked 2 times"),
        ({"views": True, "like_count": "many", "quote_count": 4}, {}, ""),
        ({}, {}, ""),
    ],
)
def test_the_most_telling_figure_is_told(metrics: dict[str, object], speed: dict[str, float], words: str) -> None:
    assert in_words(metrics, speed) == words


def test_among_arabic_words_a_sign_stays_before_its_number() -> None:
    with translation.override("ar"):
        assert "\u2066+900\u2069" in in_words(VIEWED, {"impression_count": 900.0})


@pytest.mark.django_db
@pytest.mark.usefixtures("platform")
class TestInTheThread:
    """A ticket whose post is known to spread."""

    def spread(self) -> None:
        message = question()
        Message.objects.update(metrics=VIEWED, looked_up_at=now())
        for back, seen in ((3, 1000), (2, 10_600), (0, 12_400)):
            at = now() - timedelta(hours=back)
            Reach.objects.create(message=message, at=at, metrics={"impression_count": seen, "like_count": 7})

    def test_it_stands_in_the_line_of_the_post(self, ticket: Ticket, agent: User, settings: Any) -> None:
        self.spread()
        static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = settings.STORAGES | {"staticfiles": static}
        html = signed_in(agent).get(f"/inbox/all/{ticket.pk}/").content.decode()
        assert "seen 12,400 times, +900/h" in html

    def test_many_posts_cost_one_query_more(self, ticket: Ticket, channel: Channel) -> None:
        with CaptureQueriesContext(connection) as before:
            story_of(ticket)
        receive(channel, *[a_post(f"wrong {n}", conversation_key="t1", metrics={"views": n}) for n in range(5)])
        self.spread()
        with CaptureQueriesContext(connection) as after:
            story_of(ticket)
        assert len(after) == len(before) + 1

    def test_what_its_author_deleted_tells_nothing(self, ticket: Ticket) -> None:
        self.spread()
        Message.objects.update(deleted_at=now())
        (entry,) = (entry for entry in story_of(ticket).entries if isinstance(entry, Said))
        assert entry.reach == ""
