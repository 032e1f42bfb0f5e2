"""An outage in real browsers: it is suggested, opened by keys alone, and its chip comes and goes on open pages."""

import json

from playwright.sync_api import Page, expect

from tests.e2e.desk import Corner
from tests.e2e.people import People
from tests.e2e.test_board import with_clocks

SUGGESTED = """
    INSERT INTO tickets_surge (brand_id, about, words, tickets, begins_at, made_at, seen_at)
    VALUES (%s, 'delay_or_outage', '["zzfibre"]', %s, now(), now(), now()) RETURNING id
"""
OPEN = "SELECT id FROM tickets_ticket WHERE brand_id = %s AND status IN ('new', 'open') ORDER BY id"


def suggest(desk: Corner) -> list[int]:
    """A suggestion of all open tickets of this corner, as the minute's look writes it; their numbers."""
    desk.wait_for("SELECT count(*) >= 3 FROM tickets_ticket WHERE brand_id = %s", desk.brand, seconds=90)
    tickets = [row[0] for row in desk.rows(OPEN, desk.brand)]
    desk.rows(SUGGESTED, desk.brand, json.dumps(tickets))
    return tickets


def test_a_suggestion_is_opened_by_keys_and_its_chip_goes_from_open_pages_when_it_is_closed(
    people: People, desk: Corner
) -> None:
    problems: list[str] = []
    agent = people.sign_in("omar")
    agent.on("pageerror", lambda error: problems.append(str(error)))
    tickets = suggest(desk)
    agent.goto("/inbox/all/")
    expect(agent.locator("#live")).to_have_attribute("data-state", "live")
    row = agent.locator(f'#list > li[id$="{tickets[0]}"]')
    expect(row).to_be_visible()
    lead = people.sign_in("lina")
    lead.on("pageerror", lambda error: problems.append(str(error)))
    lead.goto("/monitor/board/")
    expect(lead.locator("tr[data-surge]")).to_be_visible()
    lead.keyboard.press("j")
    assert lead.evaluate("document.activeElement.matches('tr[data-surge]')")
    lead.keyboard.press("Enter")
    expect(lead.get_by_role("button", name="Open it")).to_be_focused()
    lead.keyboard.press("Enter")
    held = "tickets_ticket t JOIN tickets_incident i ON i.id = t.incident_id"
    in_it = f"SELECT count(*) = %s FROM {held} WHERE i.brand_id = %s"
    desk.wait_for(in_it, len(tickets), desk.brand)
    expect(row).to_contain_text("Delay or outage: zz")
    number = desk.value("SELECT id FROM tickets_incident WHERE brand_id = %s", desk.brand)
    lead.goto(f"/monitor/incidents/{number}/")
    close(lead, number)
    expect(row).not_to_contain_text("Delay or outage: zz")
    assert problems == []


def close(page: Page, incident: int) -> None:
    page.locator(f'form[action="/monitor/incidents/{incident}/close"] button').press("Enter")


def test_on_a_phone_a_ticket_is_given_to_somebody_and_put_back_by_touch(people: People, desk: Corner) -> None:
    page = people.sign_in("lina", phone=True)
    with_clocks(desk, page)
    row = page.locator("#board tr[data-ticket]").first
    ticket = row.get_attribute("data-ticket")
    row.locator("a[data-give]").tap()
    expect(page.locator("#give")).to_be_visible()
    chosen = page.locator(".r-give-people button").first
    person = chosen.get_attribute("value")
    chosen.tap()
    desk.wait_for("SELECT assignee_id = %s FROM tickets_ticket WHERE id = %s", person, ticket)
    expect(row).to_have_attribute("data-with", str(person))
    row.locator("a[data-give]").tap()
    page.get_by_role("button", name="Back into the queue").tap()
    desk.wait_for("SELECT assignee_id IS DISTINCT FROM %s FROM tickets_ticket WHERE id = %s", person, ticket)
