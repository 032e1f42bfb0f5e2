"""Every page there is, in both languages: nothing is cut off at any width, axe finds nothing in any light."""

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import once
from tests.e2e.desk import Desk
from tests.e2e.pages import LANGUAGES, Place, Walk, furnish, lost, violations
from tests.e2e.people import PHONE, WIDE, People

# The pages are walked in as many parts as this, so that workers share them.
PARTS = 4
# A window 1280 wide at 200 %.
ZOOMED = (640, 450)


@pytest.fixture(scope="session")
def walk(whole_desk: Desk) -> Walk:
    """Furnished once, by whichever worker comes first."""
    return once("walk", lambda: furnish(whole_desk))


class Walker:
    """One window for each who walks in one language."""

    def __init__(self, people: People, walk: Walk, language: str) -> None:
        self.people, self.walk, self.language = people, walk, language
        self.pages: dict[str, Page] = {}
        self.problems: list[str] = []

    def at(self, place: Place) -> Page:
        """The window of whoever walks there, with this page in it."""
        if place.who not in self.pages:
            page = self.people.window(locale="ar-SA" if self.language == "ar" else "en-GB")
            person = self.walk.people[self.language].get(place.who)
            self.people.enter(page, person)
            page.on("pageerror", lambda error: self.problems.append(f"{page.url}: script: {error}"))
            page.on(
                "console",
                lambda line: self.problems.append(f"{page.url}: {line.text}") if line.type == "error" else None,
            )
            self.pages[place.who] = page
        page = self.pages[place.who]
        answer = page.goto(place.address)
        assert answer is not None
        assert answer.status == 200, place.address
        return page

    def note(self, place: Place, where: str, found: list[str]) -> None:
        self.problems += [f"{place.name} {place.address} {where}: {one}" for one in found]


def test_a_way_leads_to_every_page(walk: Walk) -> None:
    """A new page is walked once tests/care/doors.py names it; what its address needs is made by furnish.py."""
    assert walk.missing == ()
    assert {"inbox-ticket", "board", "rules", "profile", "sign-in"} <= {place.name for place in walk.places}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_whole_and_accessible(people: People, walk: Walk, language: str, part: int) -> None:
    """All rules of axe at both widths, its contrast in dark and in high contrast too; nothing lost at 200 %."""
    walker = Walker(people, walk, language)
    for place in walk.of(language)[part::PARTS]:
        page = walker.at(place)
        look_at(walker, place, page)
    assert walker.problems == []


def look_at(walker: Walker, place: Place, page: Page) -> None:
    html = page.locator("html")
    told = html.get_attribute("lang"), html.get_attribute("dir")
    walker.note(
        place, "language", [] if told == (place.language, "rtl" if place.language == "ar" else "ltr") else [str(told)]
    )
    walker.note(place, "light, wide", [*lost(page), *violations(page)])
    page.emulate_media(color_scheme="dark")
    walker.note(place, "dark", violations(page, contrast_alone=True))
    page.emulate_media(color_scheme="light", contrast="more")
    walker.note(place, "high contrast", violations(page, contrast_alone=True))
    page.emulate_media(color_scheme="light", contrast="no-preference")
    sized(page, ZOOMED)
    walker.note(place, "200 %", lost(page))
    sized(page, PHONE)
    walker.note(place, "phone", [*lost(page), *violations(page)])
    sized(page, WIDE)


def sized(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def test_sign_in_speaks_arabic_before_anyone_has_signed_in(people: People) -> None:
    page = people.window(locale="ar-SA")
    page.goto("/sign-in/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert violations(page) == []


def test_a_wrong_password_says_what_to_do_and_keeps_the_address(people: People) -> None:
    page = people.window()
    page.goto("/sign-in/")
    page.locator("input[name=username]").fill("nobody@nawa.example")
    page.locator("input[name=password]").fill("not this one")
    page.locator("form .btn-primary").click()
    assert page.locator("[role=alert]").is_visible()
    assert page.locator("input[name=username]").input_value() == "nobody@nawa.example"


def test_the_right_password_leads_to_ones_own_list_in_ones_own_language(people: People) -> None:
    page = people.window()
    page.goto("/sign-in/")
    page.locator("input[name=username]").fill("huda@nawa.example")
    page.locator("input[name=password]").fill("radd-demo-2026")
    page.locator("form .btn-primary").click()
    page.wait_for_url("**/inbox/**")
    assert page.locator("html").get_attribute("lang") == "ar"


def test_a_page_of_another_address_says_so_in_our_look(people: People) -> None:
    page = people.sign_in("omar")
    answer = page.goto("/inbox/all/999999/")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("a[href]").count() > 0
