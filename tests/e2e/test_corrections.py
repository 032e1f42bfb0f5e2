"""Correcting a reading in a browser: by keys, in Arabic, kept; and a menu that fits wherever it opens."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import customers
from tests.e2e.desk import Corner
from tests.e2e.pages import violations
from tests.e2e.people import People
from tests.e2e.test_main_job import open_ticket


def message_of(desk: Corner, ticket: int) -> int:
    sql = "SELECT message_id FROM tickets_ticketmessage WHERE ticket_id = %s ORDER BY id LIMIT 1"
    return int(str(desk.value(sql, ticket)))


def open_angry_ticket(page: Page, desk: Corner) -> int:
    """Open the live ticket of an Arabic message that reads as negative beyond doubt; its number."""
    ticket = desk.ticket("ar", below=-0.6)
    page.goto(f"/inbox/all/{ticket}/")
    expect(page.locator("#answer")).to_be_visible()
    return ticket


def button(page: Page, message: int, value: str) -> Locator:
    return page.locator(f"#fix-{message}-{value}")


def test_a_label_is_corrected_by_keys_in_arabic_and_kept(people: People, desk: Corner) -> None:
    page = people.sign_in("huda")
    assert page.locator("html").get_attribute("dir") == "rtl"
    ticket = open_angry_ticket(page, desk)
    message = message_of(desk, ticket)
    page.evaluate("window.notReloaded = true")
    page.keyboard.press("c")
    expect(button(page, message, "sentiment-negative")).to_be_focused()
    # Onwards is to the left in Arabic: from negative to neutral; then down to the next label and up again.
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(button(page, message, "follow_up-yes")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(button(page, message, "sentiment-neutral")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(page, message, "sentiment-neutral")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"#reading-{message} .r-mood")).to_contain_text("محايد")
    expect(page.locator("#thread")).to_contain_text("تصحيح المشاعر بيد")
    # What comes by itself does not shut the menu, nor take the focus out of it.
    desk.post(customers.complaint("en"))
    expect(page.locator(".r-newbar")).to_be_visible()
    expect(button(page, message, "sentiment-neutral")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(f"#do-fix-{message}")).to_be_focused()
    assert page.evaluate("window.notReloaded") is True
    page.reload()
    expect(page.locator(f"#reading-{message} .r-mood")).to_contain_text("محايد")
    expect(page.locator(f"#reading-{message} .by").first).to_contain_text("شخص")
    kept = desk.rows("SELECT label, old, new FROM ingest_correction WHERE message_id = %s", message)
    assert kept == [("sentiment", "negative", "neutral")]
    assert desk.rows("SELECT negative, neutral, positive FROM ingest_message WHERE id = %s", message) == [(0, 1, 0)]


@pytest.mark.parametrize(("language", "phone", "dark"), [("en", True, False), ("ar", True, True), ("en", False, True)])
def test_the_menu_fits_and_is_accessible(people: People, desk: Corner, language: str, phone: bool, dark: bool) -> None:
    page = people.sign_in("lina", phone=phone, dark=dark, language=language)
    message = message_of(desk, open_ticket(page, desk, language))
    page.locator(f"#do-fix-{message}").click()
    box = page.locator(f"#fix-{message} .r-menu-box")
    expect(button(page, message, "urgency-high")).to_be_in_viewport()
    button(page, message, "reasons-complaint").click()
    expect(button(page, message, "aim-refund")).to_be_visible()
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0
    inside = box.evaluate("box => [box.scrollWidth - box.clientWidth, box.getBoundingClientRect().left >= 0]")
    assert inside == [0, True]
    assert violations(page) == []
