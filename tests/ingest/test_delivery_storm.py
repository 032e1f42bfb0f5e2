"""Two hundred answers through bad weather: each is on its platform once, and every state is true."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from ingest import delivery
from ingest.models import Delivery
from ingest.platforms.base import OutcomeUnknown, PlatformError
from tests.cast import (
    AfterTheFact,
    FakePlatform,
    a_channel,
    a_person,
    a_platform,
    a_post,
    an_answer,
    receive,
    ticket_of,
)

pytestmark = pytest.mark.django_db
CUSTOMERS, EACH = 40, 5
CHANCES = {"late": 0.05, "lost": 0.1, "5xx": 0.15, "429": 0.2}


class Killed(BaseException):
    """The worker's process ends here."""


class Weather(list[Exception | None]):
    """Troubles as they come: of a hundred tries ten time out (half of them posted), five meet a 5xx and five a 429."""

    def __init__(self, seed: int) -> None:
        super().__init__([None])
        self.dice = random.Random(seed)
        self.tries, self.met = 0, Counter[str]()

    def pop(self, _index: object = -1) -> Exception | None:
        self.tries += 1
        if self.tries == 60:
            raise Killed
        if self.tries == 140:
            return AfterTheFact(Killed())
        dice = self.dice.random()
        kind = next((kind for kind, below in CHANCES.items() if dice < below), "")
        self.met[kind] += 1
        return {
            "late": AfterTheFact(OutcomeUnknown("outcome_unknown", "no answer in 15 s")),
            "lost": OutcomeUnknown("outcome_unknown", "no answer in 15 s"),
            "5xx": PlatformError("platform_down", "503"),
            "429": PlatformError("rate_limited", "429", retry_after=900),
        }.get(kind)


def a_round() -> None:
    """Time passes, and a worker takes what is due; leases of dead workers have run out."""
    now = timezone.now()
    Delivery.objects.unfinished().update(due_at=now)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=now - timedelta(seconds=1))
    delivery.deliver_due(limit=1000)


def test_every_answer_is_posted_once_in_order_and_every_state_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    platform: type[FakePlatform] = a_platform(monkeypatch)
    weather = platform.troubles = Weather(seed=4)
    channel = a_channel(platform="fake")
    messages = receive(channel, *(a_post("my bill is wrong", by=f"customer{n}") for n in range(CUSTOMERS)))
    agent = a_person(channel.brand)
    for message in messages:
        for turn in range(EACH):
            an_answer(ticket_of(message), f"{message.pk}: answer {turn}", by=agent)

    killed, rounds = 0, 0
    while Delivery.objects.unfinished().exists():
        rounds += 1
        assert rounds < 100, Counter(Delivery.objects.values_list("state", flat=True))
        try:
            a_round()
        except Killed:
            killed += 1

    assert killed == 2
    assert min(weather.met[kind] for kind in ("late", "lost", "5xx", "429")) > 3, "the weather was bad"
    wanted = {f"{message.pk}: answer {turn}" for message in messages for turn in range(EACH)}
    assert Counter(platform.texts()) == Counter(wanted)
    for message in messages:
        own = [text for text in platform.texts() if text.startswith(f"{message.pk}:")]
        assert own == sorted(own), "in the order they were written"
    rows = Delivery.objects.select_related("message")
    assert {row.state for row in rows} == {"sent"}
    assert {row.message.external_id for row in rows} == {f"answer-{outgoing.key}" for outgoing in platform.posted}
