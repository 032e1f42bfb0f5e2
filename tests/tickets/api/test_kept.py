"""What saved views, saved replies and macros have in common in the API: nobody's change is written over."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.tickets.api.conftest import body

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("/api/saved-views", {"name": "New ones"}),
        ("/api/saved-replies", {"name": "Sorry", "texts": {"en": "Sorry."}}),
        ("/api/macros", {"name": "Take it", "actions": [{"do": "take"}]}),
    ],
)
def test_a_change_of_what_somebody_else_changed_since_is_refused(
    client: APIClient, at: str, told: dict[str, Any]
) -> None:
    seen = body(client.post(at, told), 201)
    one = f"{at}/{seen['id']}"
    body(client.patch(one, {"name": "Mine", "version": seen["version"]}), 200)
    assert body(client.patch(one, {"name": "Yours", "version": seen["version"]}), 409)["code"] == "stale"
    there = body(client.get(one), 200)
    assert there["name"] == "Mine"
    assert there["version"] > seen["version"]
    assert body(client.patch(one, {"name": "Yours", "version": there["version"]}), 200)["name"] == "Yours"
    # Who does not tell what they have seen is not asked.
    assert body(client.patch(one, {"name": "Ours"}), 200)["name"] == "Ours"
