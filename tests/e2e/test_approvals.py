"""Approvals and escalations in a real browser: what waits is in hand and counted; one key decides or takes it on."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.desk import Corner
from tests.e2e.people import People
from tests.e2e.test_main_job import open_ticket

BLAME = "The bill is right, it is your own fault that you did not read the contract before."


def asked_about(agent: Page, desk: Corner) -> int:
    """A ticket whose answer waits for a second person."""
    ticket = open_ticket(agent, desk, "en")
    agent.keyboard.press("r")
    agent.keyboard.type(BLAME)
    agent.keyboard.press("Control+Enter")
    desk.wait_for("SELECT count(*) = 1 FROM tickets_approval WHERE ticket_id = %s AND state = 'asked'", ticket)
    return ticket


def test_what_waits_is_in_hand_and_approved_as_it_stands_by_one_key(people: People, desk: Corner) -> None:
    ticket = asked_about(people.sign_in("omar"), desk)
    page = people.sign_in("lina")
    page.goto("/approvals/")
    expect(page.locator('[data-count="approvals"]').first).to_have_text("1")
    expect(page.locator(".r-approval")).to_be_focused()
    page.keyboard.press("Control+Enter")
    desk.wait_for("SELECT state = 'approved' FROM tickets_approval WHERE ticket_id = %s", ticket)
    expect(page.locator("body")).to_contain_text(re.compile("Nothing waits"))


def test_an_answer_is_returned_with_a_note_by_keys_and_nothing_goes_out(people: People, desk: Corner) -> None:
    agent = people.sign_in("omar")
    ticket = asked_about(agent, desk)
    page = people.sign_in("lina")
    page.goto("/approvals/")
    expect(page.locator(".r-approval")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator(".r-return [name=note]")).to_be_focused()
    page.keyboard.type("No blame, please")
    page.keyboard.press("Control+Enter")
    desk.wait_for("SELECT state = 'returned' FROM tickets_approval WHERE ticket_id = %s", ticket)
    assert desk.value("SELECT note FROM tickets_approval WHERE ticket_id = %s", ticket) == "No blame, please"
    expect(agent.locator("#composer")).to_contain_text("No blame, please")


def test_an_escalation_is_acknowledged_by_key_and_the_focus_stays_in_the_ticket(people: People, desk: Corner) -> None:
    page = people.sign_in("lina")
    ticket = open_ticket(page, desk, "en")
    page.locator(f'form[action="/tickets/{ticket}/escalate"] button').press("Enter")
    desk.wait_for("SELECT escalated FROM tickets_ticket WHERE id = %s", ticket)
    expect(page.locator("#do-acknowledge")).to_have_count(1)
    # Nothing of the answer may land in the form that asked for it.
    expect(page.locator("form #ticket")).to_have_count(0)
    page.locator("#do-acknowledge").press("Enter")
    expect(page.locator("#do-acknowledge")).to_have_count(0)
    expect(page.locator("#thread")).to_be_focused()
    desk.wait_for("SELECT NOT escalated FROM tickets_ticket WHERE id = %s", ticket)
