"""Rules and chains under an admin's hands: dragged into another order, and not lost by a slip of a key."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import Corner
from tests.e2e.people import People

GRAVE = {"all": [{"field": "urgency", "op": "in", "value": ["high"]}]}
LAST = "SELECT coalesce(max(position), 0) FROM tickets_escalationchain"


def a_chain(desk: Corner, name: str) -> int:
    """A chain at the end of the list, off, so that it tells nobody anything."""
    insert = (
        "INSERT INTO tickets_escalationchain (name, position, is_on, brand_id, conditions, steps, version, trouble,"
        f" updated_at) VALUES (%s, ({LAST}) + 1, false, %s, %s, %s, 1, '', now()) RETURNING id"
    )
    step = {"after": 5, "of": "wall", "to": {"role": "supervisor"}}
    return int(desk.value(insert, name, desk.brand, json.dumps(GRAVE), json.dumps([step])))


@pytest.fixture
def chains(desk: Corner) -> Iterator[tuple[int, int]]:
    """Two of them, one below the other."""
    made = a_chain(desk, f"Grave {desk.number}"), a_chain(desk, f"Late {desk.number}")
    yield made
    desk.rows("DELETE FROM tickets_escalationchain WHERE id = ANY(%s)", list(made))


def is_above(desk: Corner, one: int, other: int) -> None:
    """Wait until the one stands above the other."""
    asked = "SELECT a.position < b.position FROM tickets_escalationchain a, tickets_escalationchain b"
    desk.wait_for(f"{asked} WHERE a.id = %s AND b.id = %s", one, other)


def test_a_chain_is_dragged_above_another_and_stays_there(
    people: People, desk: Corner, chains: tuple[int, int]
) -> None:
    upper, lower = chains
    page = people.sign_in("admin")
    page.goto("/settings/escalation/")
    page.locator(f"#chain-{lower}").drag_to(page.locator(f"#chain-{upper}"))
    is_above(desk, lower, upper)
    # It has the focus in its new place, and no row still looks dragged.
    expect(page.locator(f"#chain-{lower} a.name")).to_be_focused()
    expect(page.locator("#rules .dragged, #rules .over")).to_have_count(0)
    page.keyboard.press("Alt+ArrowDown")
    is_above(desk, upper, lower)


def test_a_rule_that_is_half_written_is_not_lost_by_a_slip_of_a_key(people: People, desk: Corner) -> None:
    page = people.sign_in("admin")
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto("/settings/rules/new")
    page.keyboard.type("Angry at night")
    page.locator("#do-try").focus()
    with page.expect_event("dialog") as asked:
        page.keyboard.press("n")
    assert asked.value.type == "beforeunload"
    expect(page.locator("#rule-name")).to_have_value("Angry at night")


def test_a_rule_that_is_refused_has_the_focus_where_something_is_wrong(people: People, desk: Corner) -> None:
    page = people.sign_in("admin")
    page.goto("/settings/rules/new")
    page.keyboard.type("Angry at night")
    page.keyboard.press("Control+s")
    expect(page.locator("#c-1-value")).to_be_focused()
    expect(page.locator("#c-1-value")).to_have_attribute("aria-invalid", "true")
