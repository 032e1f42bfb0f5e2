"""Several at the outbox at once: who comes late, who died, and a platform that stalls hold nobody else up."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ingest import delivery
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import OutcomeUnknown, PlatformError, Sent
from tests.cast import FakePlatform, a_bell, a_channel, a_ticket, an_answer, at_once, deliver
from tests.ingest.test_delivery import TIMEOUT, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(channel: Channel) -> Delivery:
    return an_answer(a_ticket(channel))


@pytest.mark.parametrize(
    "trouble", [PlatformError("not_allowed", permanent=True), PlatformError("down"), TIMEOUT], ids=str
)
def test_who_comes_back_after_his_lease_with_a_failure_does_not_overrule_who_sent_it(
    waiting: Delivery, trouble: PlatformError
) -> None:
    late = delivery._claim()
    assert late is not None
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    deliver()
    if isinstance(trouble, OutcomeUnknown):
        delivery._put_back(late, Delivery.State.UNKNOWN, trouble, timedelta(0))
    else:
        delivery._note_refusal(late, trouble, may_be_there=False)
    assert state_of(waiting) == "sent"


def test_two_who_learn_that_it_was_sent_agree(waiting: Delivery) -> None:
    late = delivery._claim()
    assert late is not None
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    deliver()
    delivery._note_sent(late, Sent(f"answer-{waiting.key}"))
    assert state_of(waiting) == "sent"
    assert Message.objects.filter(direction="out").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_somebody_is_just_taking_is_passed_over_by_the_next(
    platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    a_bell(monkeypatch)
    channel = a_channel(platform="fake")
    taken, free = (an_answer(a_ticket(channel, by=by)) for by in ("reem", "sara"))
    with transaction.atomic():
        assert delivery._claim() == taken
        assert at_once(delivery._claim, delivery._claim) in ([free, None], [None, free])


def test_a_platform_that_stalls_keeps_a_few_threads_waiting_and_never_the_others_answers(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DELIVERIES_AT_ONCE", 2)
    stalled = [an_answer(a_ticket(channel, by=by)) for by in ("reem", "sara", "omar")]
    elsewhere = an_answer(a_ticket(a_channel(platform="fake", name="Elsewhere"), by="lama"))
    Delivery.objects.update(due_at=timezone.now())
    claimed = [delivery._claim() for _ in range(4)]
    assert [row and row.pk for row in claimed] == [stalled[0].pk, stalled[1].pk, elsewhere.pk, None]
    Delivery.objects.filter(pk=stalled[0].pk).update(state=Delivery.State.SENT, lease_until=None)
    assert (following := delivery._claim()) is not None
    assert following.pk == stalled[2].pk


def test_an_answer_whose_worker_died_takes_no_place_of_others(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DELIVERIES_AT_ONCE", 1)
    dead, next_one = (an_answer(a_ticket(channel, by=by)) for by in ("reem", "sara"))
    Delivery.objects.update(due_at=timezone.now())
    assert delivery._claim() is not None
    now = timezone.now()
    Delivery.objects.filter(pk=dead.pk).update(
        lease_until=now - timedelta(seconds=1), due_at=now + timedelta(minutes=1)
    )
    assert (following := delivery._claim()) is not None
    assert following.pk == next_one.pk
