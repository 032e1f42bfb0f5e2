"""An outage of the brand, and a supervisor who runs it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Brand, Role, User
from tests.cast import a_person
from tickets.models import Incident

# Before the first post of the cast, and long before now.
BEGINS = datetime(2026, 10, 1, tzinfo=UTC)


def an_incident(brand: Brand, *terms: str, **fields: Any) -> Incident:
    """Something that goes on, known by these words."""
    told: dict[str, Any] = {"name": "Fibre outage", "kind": "outage", "begins_at": BEGINS}
    return Incident.objects.create(brand=brand, terms=list(terms), **(told | fields))


@pytest.fixture
def outage(brand: Brand) -> Incident:
    return an_incident(brand, "down", "الانترنت")


@pytest.fixture
def lina(brand: Brand) -> User:
    return a_person(brand, role=Role.SUPERVISOR, name="Lina")
