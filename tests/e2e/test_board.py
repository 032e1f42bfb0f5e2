"""The live board and the bell in real browsers: keys, giving and setting away, figures in their places, one telling."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.desk import Corner
from tests.e2e.people import People
from tests.e2e.test_main_job import open_ticket


def with_clocks(desk: Corner, page: Page) -> None:
    """Clocks that run out soon, on the board."""
    live = "brand_id = %s AND status IN ('new', 'open') AND waiting_since IS NOT NULL"
    desk.wait_for(f"SELECT count(*) > 3 FROM tickets_ticket WHERE {live}", desk.brand, seconds=90)
    desk.rows(
        "UPDATE tickets_ticket SET due_at = now() + interval '7 minutes' + id %% 60 * interval '1 second'"
        f" WHERE {live} RETURNING id",
        desk.brand,
    )
    page.goto("/monitor/board/")
    expect(page.locator("#board tr[data-ticket]").first).to_be_visible()


def test_a_supervisor_gives_a_ticket_to_somebody_by_keys_alone_and_takes_it_back(people: People, desk: Corner) -> None:
    page = people.sign_in("lina")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    with_clocks(desk, page)
    page.locator("#board tr[data-ticket]").first.focus()
    ticket = page.locator("#board tr[data-ticket]:focus").get_attribute("data-ticket")
    before = desk.value("SELECT assignee_id FROM tickets_ticket WHERE id = %s", ticket)
    page.keyboard.press("a")
    expect(page.locator("#give")).to_be_visible()
    chosen = page.locator(f'.r-give-people button:not([value="{before}"])').first
    person = chosen.get_attribute("value")
    chosen.focus()
    page.keyboard.press("Enter")
    desk.wait_for("SELECT assignee_id = %s FROM tickets_ticket WHERE id = %s", person, ticket)
    expect(page.locator("#toasts .r-toast")).to_be_visible()
    page.keyboard.press("z")
    desk.wait_for("SELECT assignee_id IS NOT DISTINCT FROM %s FROM tickets_ticket WHERE id = %s", before, ticket)
    assert problems == []


def test_somebody_is_set_away_by_a_key_and_their_tickets_go_to_others(people: People, desk: Corner) -> None:
    page = people.sign_in("lina")
    with_clocks(desk, page)
    row = page.locator("#board tr[data-person][data-available='1']").first
    person = row.get_attribute("data-person")
    row.focus()
    page.keyboard.press("w")
    desk.wait_for("SELECT NOT available FROM accounts_user WHERE id = %s", person)
    assert desk.value("SELECT count(*) FROM tickets_ticket WHERE assignee_id = %s AND status IN ('new', 'open')", person) == 0  # fmt: skip  # noqa: E501
    page.keyboard.press("z")
    desk.wait_for("SELECT available FROM accounts_user WHERE id = %s", person)


def test_the_board_says_who_writes_to_whom_while_it_is_open(people: People, desk: Corner) -> None:
    lina, omar = people.sign_in("lina"), people.sign_in("omar")
    with_clocks(desk, lina)
    open_ticket(omar, desk, "en")
    omar.locator("#answer").press_sequentially("I am looking", delay=20)
    expect(lina.locator("#b-people")).to_contain_text("Writing to")


def test_the_bell_rings_in_an_open_page_and_is_quiet_once_the_ticket_was_opened(people: People, desk: Corner) -> None:
    omar, lina = people.sign_in("omar"), people.sign_in("lina")
    desk.rows("UPDATE tickets_notice SET read_at = now() WHERE user_id = %s", desk.person("omar"))
    omar.goto("/inbox/mine/")
    person = desk.person("omar")
    with_clocks(desk, lina)
    theirs = f"tr[data-ticket]:not(:has-text('{'Omar'}'))"
    row = lina.locator("#board").locator(theirs).first
    row.focus()
    ticket = row.get_attribute("data-ticket")
    lina.keyboard.press("a")
    lina.locator(f'.r-give-people button[value="{person}"]').click()
    expect(omar.locator("#unread")).to_have_text(re.compile(r"^\d+$"))
    expect(omar).to_have_title(re.compile(r"^\(\d+\) "))
    omar.goto("/notices/")
    notice = omar.locator(".r-note-row.unread", has_text="Lina").first
    expect(notice).to_be_visible()
    notice.click()
    omar.wait_for_url(f"**/{ticket}/")
