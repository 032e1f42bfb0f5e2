"""The dry run of a chain tells what it would have done with last week's real tickets, and does nothing."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Brand, User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_channel, a_ticket, an_answer
from tickets.models import Activity, Escalation, Notice, SlaPolicy, Ticket
from tickets.targets import chain_trial
from tickets.targets.chain_keeping import Told
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db

BREACHED = {"all": [{"field": "clock", "op": "any", "value": ["breached"]}]}
NUMBERS = count(1)
STEPS = [
    {"after": 0, "of": "wall", "to": {"role": "supervisor"}}, {"after": 30, "of": "wall", "to": {"role": "admin"}},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    SlaPolicy.objects.create(name="Usual", first_answer=40)


def told(tree: dict[str, Any] | None = None, **fields: Any) -> Told:
    return Told(
        **({"name": "Late", "brand": None, "is_on": True, "conditions": tree or BREACHED, "steps": STEPS} | fields)
    )


def ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)


def messages_of(ticket: Ticket) -> QuerySet[Message]:
    return Message.objects.filter(pk__in=ticket.entries.values("message"))


def came(channel: Channel, at: datetime, **columns: Any) -> Ticket:
    """A ticket that was opened at this moment."""
    ticket = a_ticket(channel, by=f"customer{next(NUMBERS)}")
    messages_of(ticket).update(posted_at=at, received_at=at, reachable_at=at)
    Ticket.objects.filter(pk=ticket.pk).update(opened_at=at, **columns)
    return ticket


def counts(trial: chain_trial.Trial) -> list[int]:
    return [step.count for step in trial.steps]


def test_each_step_tells_how_many_when_to_whom_and_which(channel: Channel) -> None:
    late = came(channel, ago(hours=5))
    came(channel, ago(minutes=50))
    came(channel, ago(minutes=20))
    trial = chain_trial.dry_run(told(), timezone.now())
    assert (trial.looked, trial.capped, trial.began, counts(trial)) == (3, False, 2, [2, 1])
    second = trial.steps[1]
    assert (second.whom, second.says) == ("the admins", "after 30 m: the admins")
    (line,) = second.lines
    assert (line.id, line.subject) == (late.pk, late.subject)
    assert abs(line.at - ago(hours=5) - timedelta(minutes=70)) < timedelta(minutes=1)
    assert sum(one.count for one in trial.steps[0].days) == 2


def test_it_changes_nothing(channel: Channel) -> None:
    came(channel, ago(hours=5))
    before = (list(Ticket.objects.values()), Activity.objects.count())
    chain_trial.dry_run(told(), timezone.now())
    assert (list(Ticket.objects.values()), Activity.objects.count()) == before
    assert not Escalation.objects.exists()
    assert not Notice.objects.filter(kind="escalated").exists()


def test_what_was_resolved_in_time_or_came_before_the_week_is_not_among_them(channel: Channel, agent: User) -> None:
    done = came(channel, ago(hours=5))
    lifecycle.resolve(done.pk, by=agent)
    Activity.objects.filter(ticket=done, verb="resolved").update(at=ago(hours=4, minutes=50))
    came(channel, ago(days=8))
    trial = chain_trial.dry_run(told(), timezone.now())
    assert (trial.looked, trial.began) == (1, 0)


def test_an_answer_keeps_the_later_steps_from_being_taken(platform: object, channel: Channel, agent: User) -> None:
    ticket = came(channel, ago(hours=5))
    answer = an_answer(ticket, "Sorry.", by=agent)
    when = ago(hours=4, minutes=10)
    Message.objects.filter(pk=answer.message_id).update(posted_at=when, received_at=when)
    assert counts(chain_trial.dry_run(told(), timezone.now())) == [1, 0]


def test_readings_are_those_of_the_messages(channel: Channel) -> None:
    grave = came(channel, ago(hours=5))
    came(channel, ago(hours=5))
    messages_of(grave).update(urgency="high")
    trial = chain_trial.dry_run(told({"field": "urgency", "op": "in", "value": ["high"]}), timezone.now())
    assert [line.id for line in trial.steps[0].lines] == [grave.pk]


def test_a_chain_of_one_brand_looks_at_its_tickets_alone(channel: Channel, brand: Brand) -> None:
    came(channel, ago(hours=5))
    came(a_channel(a_brand("Other")), ago(hours=5))
    assert chain_trial.dry_run(told(brand=brand.pk), timezone.now()).looked == 1


def test_ten_of_many_are_named_the_newest_first(channel: Channel) -> None:
    made = [came(channel, ago(hours=20 - turn)).pk for turn in range(12)]
    (step, _second) = chain_trial.dry_run(told(), timezone.now()).steps
    assert (step.count, [line.id for line in step.lines]) == (12, made[:1:-1])


def test_it_asks_as_little_for_many_as_for_few(channel: Channel, django_assert_max_num_queries: Any) -> None:
    for turn in range(12):
        came(channel, ago(hours=5 + turn))
    with django_assert_max_num_queries(14):
        chain_trial.dry_run(told(), timezone.now())


def test_what_would_take_too_long_is_left_out_and_said(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    came(channel, ago(hours=5))
    monkeypatch.setattr(chain_trial, "PATIENCE", -1.0)
    trial = chain_trial.dry_run(told(), timezone.now())
    assert (trial.looked, trial.capped) == (0, True)


def test_ten_thousand_messages_are_not_read_for_one_ticket(channel: Channel) -> None:
    came(channel, ago(hours=5), position=chain_trial.LONGEST + 1)
    assert chain_trial.dry_run(told(), timezone.now()).looked == 0
