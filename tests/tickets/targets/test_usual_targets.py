"""A new desk has targets, and a chain for late tickets; one that has its own keeps them."""

import pytest

from accounts.models import Brand
from ingest.models import Channel
from tests.cast import a_ticket
from tickets.models import EscalationChain, SlaPolicy
from tickets.steering.conditions import problems
from tickets.targets import usual_targets
from tickets.targets.escalation import ASKED

pytestmark = pytest.mark.django_db


def test_a_desk_without_policies_gets_usual_ones_once(brand: Brand, channel: Channel) -> None:
    assert usual_targets.make(brand)
    assert not usual_targets.make(brand)
    assert a_ticket(channel).policy.first_answer == 60
    assert problems(EscalationChain.objects.get().conditions, ASKED) == []


def test_a_desk_with_a_policy_of_its_own_keeps_it_alone(brand: Brand) -> None:
    SlaPolicy.objects.create(name="Ours", first_answer=9, is_on=False)
    assert not usual_targets.make(brand)
    assert SlaPolicy.objects.count() == 1
