"""Take the documentation's screenshots (`make screenshots`): a fresh demo desk, both languages, light and dark."""

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e import conftest as e2e
from tests.e2e.test_main_job import GOOD_ANSWER, answer, open_ticket
from tests.e2e.test_pages import choose_language, furnish

OUT = Path(__file__).resolve().parents[1] / "docs" / "screenshots"


def main() -> int:
    """Write the pictures of the README; returns an exit status."""
    OUT.mkdir(parents=True, exist_ok=True)
    with e2e.running_desk() as desk, sync_playwright() as playwright:
        chromium = os.environ.get("RADD_CHROMIUM") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=chromium, args=e2e.CHROMIUM_FLAGS)
        people = e2e.People(browser, desk)
        furnish(desk)
        for language, dark in (("en", False), ("ar", True)):
            answered = story(people, desk, language)
            for phone in (False, True):
                page = people.sign_in("omar" if language == "en" else "huda", dark=dark, phone=phone)
                choose_language(page, language)
                page.goto(f"/inbox/all/{answered}/")
                settle(page)
                name = f"ticket-{language}-{'dark' if dark else 'light'}-{'phone' if phone else 'desktop'}"
                page.screenshot(path=OUT / f"{name}.png")
                page.goto("/inbox/mine/")
                settle(page)
                page.screenshot(path=OUT / f"{name.replace('ticket', 'inbox')}.png")
            monitor(people, language, dark=dark)
        browser.close()
    return 0


def monitor(people: e2e.People, language: str, *, dark: bool) -> None:
    """What a supervisor sees: what was set aside, the weeks, the two models."""
    page = people.sign_in("lina", dark=dark)
    choose_language(page, language)
    for name in ("examined", "drift", "readers"):
        page.goto(f"/monitor/{name}/")
        page.wait_for_timeout(600)
        page.screenshot(path=OUT / f"{name}-{language}-{'dark' if dark else 'light'}-desktop.png")


def story(people: e2e.People, desk: e2e.Desk, language: str) -> int:
    """One ticket answered, with the customer's next post: the lift is there to see."""
    page = people.sign_in("omar" if language == "en" else "huda")
    ticket = open_ticket(page, desk, language)
    answer(page, GOOD_ANSWER[language])
    desk.wait_for("SELECT lift > 0.3 FROM tickets_ticket WHERE id = %s", ticket, seconds=60)
    page.context.close()
    return ticket


def settle(page: Page) -> None:
    page.wait_for_selector(".r-row:visible, #thread:visible")
    page.wait_for_timeout(1200)


if __name__ == "__main__":
    sys.exit(main())
