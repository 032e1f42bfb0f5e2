"""Approvals in a real browser: what waits is in hand, counted in the rail, and approved as it stands by a key."""

import re

from playwright.sync_api import expect

from tests.e2e.desk import Corner
from tests.e2e.people import People
from tests.e2e.test_main_job import open_ticket

BLAME = "The bill is right, it is your own fault that you did not read the contract before."


def test_what_waits_is_in_hand_and_approved_as_it_stands_by_one_key(people: People, desk: Corner) -> None:
    agent = people.sign_in("omar")
    ticket = open_ticket(agent, desk, "en")
    agent.keyboard.press("r")
    agent.keyboard.type(BLAME)
    agent.keyboard.press("Control+Enter")
    desk.wait_for("SELECT count(*) = 1 FROM tickets_approval WHERE ticket_id = %s AND state = 'asked'", ticket)
    page = people.sign_in("lina")
    page.goto("/approvals/")
    expect(page.locator('[data-count="approvals"]').first).to_have_text("1")
    expect(page.locator(".r-approval")).to_be_focused()
    page.keyboard.press("Control+Enter")
    desk.wait_for("SELECT state = 'approved' FROM tickets_approval WHERE ticket_id = %s", ticket)
    expect(page.locator("body")).to_contain_text(re.compile("Nothing waits"))
