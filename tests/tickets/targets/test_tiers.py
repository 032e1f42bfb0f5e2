"""Tiers: which one a brand's customers have unless told otherwise moves the clocks of their tickets."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from accounts.models import Brand, Role
from tests.cast import a_bell, a_person, fresh
from tickets.models import SlaPolicy, Ticket, Tier
from tickets.targets import retargeting, tiers

pytestmark = pytest.mark.django_db
Commit = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Commit:
    return django_capture_on_commit_callbacks


@pytest.fixture
def gold(brand: Brand) -> Tier:
    tier = Tier.objects.create(brand=brand, name="Gold", rank=1)
    SlaPolicy.objects.create(name="Gold", tier=tier, first_answer=5, position=1)
    SlaPolicy.objects.create(name="Usual", first_answer=60, position=2)
    return tier


def minutes_owed(ticket: Ticket) -> float:
    ticket = fresh(ticket)
    return (ticket.answer_due_at - ticket.waiting_since).total_seconds() / 60


def test_clocks_follow_when_another_tier_becomes_the_usual_one(
    gold: Tier,
    brand: Brand,
    ticket: Ticket,
    monkeypatch: pytest.MonkeyPatch,
    commit: Commit,
) -> None:
    bell = a_bell(monkeypatch)
    admin = a_person(role=Role.ADMIN)
    assert minutes_owed(ticket) == 60
    with commit(execute=True):
        tiers.keep(gold.pk, brand=brand, name="Gold", name_ar="", is_default=True, by=admin)
    assert "radd.retarget:0" in bell
    retargeting.go_on(0)
    assert minutes_owed(ticket) == 5


def test_clocks_follow_when_a_tier_is_removed(
    gold: Tier,
    brand: Brand,
    ticket: Ticket,
    monkeypatch: pytest.MonkeyPatch,
    commit: Commit,
) -> None:
    bell = a_bell(monkeypatch)
    SlaPolicy.objects.filter(tier=gold).delete()
    with commit(execute=True):
        tiers.remove(gold.pk, by=a_person(role=Role.ADMIN))
    assert "radd.retarget:0" in bell
