"""The tour in a real browser: by keys alone, over pages, on a phone, from right to left; offered once."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desk import Corner
from tests.e2e.pages import violations
from tests.e2e.people import People

CARD = ".r-tour-card"


def title(page: Page) -> str:
    return page.locator("#tour-title").inner_text()


def inside(page: Page, selector: str) -> bool:
    """Whether the whole of it is to be seen."""
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    assert box
    assert size
    return box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= size["width"] + 1


def walked(page: Page, key: str = "Enter") -> list[str]:
    """The titles of all steps, from the first to the end, by this key."""
    titles: list[str] = []
    while len(titles) < 12:
        expect(page.locator("#tour")).to_have_attribute("open", "")
        expect(page.locator("#tour-title")).not_to_be_empty()
        assert inside(page, CARD)
        assert page.evaluate("document.querySelector('#tour').contains(document.activeElement)")
        titles.append(title(page))
        last = page.locator("[data-last]").is_visible()
        page.keyboard.press(key)
        if last:
            break
        page.wait_for_function(
            "was => document.querySelector('#tour')?.open && document.querySelector('#tour-title').textContent !== was",
            arg=titles[-1],
        )
    expect(page.locator("#tour[open]")).to_have_count(0)
    return titles


def test_an_agent_takes_the_tour_by_one_key_and_is_offered_it_no_more(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    desk.ticket("en")
    page.goto("/inbox/all/")
    expect(page.locator("[data-tour-offer]:visible")).to_have_count(1)
    page.keyboard.press("Shift+T")
    titles = walked(page)
    assert titles[0] == "The next right ticket is on top"
    assert titles[-1] == "Everything has a key"
    assert len(titles) == len(set(titles)) == 7
    # The ticket that was shown is open, and keys go on where it is.
    page.wait_for_function("() => document.activeElement !== document.body")
    page.goto("/inbox/all/")
    expect(page.locator("[data-tour-offer]")).to_have_count(0)


def test_a_supervisors_tour_goes_over_pages_and_back(people: People, desk: Corner) -> None:
    page = people.sign_in("lina")
    page.keyboard.press("Shift+T")
    expect(page.locator(CARD)).to_be_visible()
    while "/monitor/board/" not in page.url:
        before = title(page)
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "was => (document.querySelector('#tour-title')?.textContent || was) !== was"
            " || location.pathname.includes('board')",
            arg=before,
        )
    expect(page.locator("#tour-title")).to_have_text("Today at a glance")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/inbox/**")
    expect(page.locator(CARD)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tour[open]")).to_have_count(0)
    page.reload()
    expect(page.locator("#listpane")).to_be_visible()
    expect(page.locator("#tour, [data-tour-offer]")).to_have_count(0)


def test_an_admins_tour_ends_where_a_channel_is_connected(people: People, desk: Corner) -> None:
    page = people.sign_in("admin")
    page.keyboard.press("Shift+T")
    assert walked(page)[-1] == "Connect a channel"
    assert "/monitor/channels/" in page.url


@pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])
def test_from_right_to_left_the_arrows_turn_and_axe_finds_nothing(people: People, desk: Corner, *, phone: bool) -> None:
    page = people.sign_in("huda", phone=phone, language="ar")
    page.evaluate("radd.tour()")
    expect(page.locator(CARD)).to_be_visible()
    assert violations(page) == []
    first = title(page)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tour-title")).not_to_have_text(first)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tour-title")).to_have_text(first)
    if phone:
        expect(page.locator("#tour-words kbd")).to_have_count(0)


def test_not_now_is_heard_and_the_sheet_of_keys_offers_it_again(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    page.locator("[data-tour-no] button:visible").first.click()
    expect(page.locator("[data-tour-offer]")).to_have_count(0)
    page.reload()
    expect(page.locator("#listpane")).to_be_visible()
    expect(page.locator("[data-tour-offer]")).to_have_count(0)
    page.keyboard.press("?")
    page.locator("#keys [data-tour]").click()
    expect(page.locator(CARD)).to_be_visible()
