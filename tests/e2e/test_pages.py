"""Every page there is, in both languages: nothing is cut off at any width, axe finds nothing in any light."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at by axe: all rules, or its colours alone."""

    size: tuple[int, int]
    light: Literal["light", "dark"] = "light"
    contrast: Literal["more", "no-preference"] = "no-preference"
    contrast_alone: bool = False


# Every rule at both widths, every pair of colours in every light, each in one language: colours know no language, and
# what is named or placed wrongly is so in any light. `--whole` leaves out no combination.
LOOKS = {
    "en": (Look(WIDE), Look(WIDE, "dark", contrast="more", contrast_alone=True)),
    "ar": (Look(WIDE, contrast="more", contrast_alone=True), Look(PHONE, "dark")),
}
ALL_LOOKS = tuple(
    Look(size, light, contrast)
    for size in (WIDE, PHONE)
    for light in ("light", "dark")
    for contrast in ("no-preference", "more")
)


@pytest.fixture(scope="session")
def walk(whole_desk: Desk) -> Walk:
    """Furnished once, by whichever worker comes first."""
    return once("walk", lambda: furnish(whole_desk))


class Walker:
    """One window for each who walks in one language."""

    def __init__(self, people: People, walk: Walk, language: str) -> None:
        self.people, self.walk, self.language = people, walk, language
        self.pages: dict[str, Page] = {}
        # Frames of pages that were looked at: whose, of which area, how.
        self.frames: set[tuple[str, str, Look]] = set()
        self.problems: list[str] = []

    def at(self, place: Place) -> Page:
        """The window of whoever walks there, with this page in it."""
        if place.who not in self.pages:
            page = self.people.window(locale="ar-SA" if self.language == "ar" else "en-GB")
            # Colours are looked at where they end, not on their way there.
            page.emulate_media(reduced_motion="reduce")
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

    def frame_is_new(self, place: Place, look: Look) -> bool:
        """Whether the frame of this page's area has not been looked at so; from now on it has."""
        frame = (place.who, place.address.split("/")[1], look)
        new = frame not in self.frames
        self.frames.add(frame)
        return new

    def note(self, place: Place, where: str, found: list[str]) -> None:
        self.problems += [f"{place.name} {place.address} {where}: {one}" for one in found]


def test_a_way_leads_to_every_page(walk: Walk) -> None:
    """A new page is walked once tests/care/doors.py names it; what its address needs is made by furnish.py."""
    assert walk.missing == ()
    assert {"inbox-ticket", "board", "rules", "profile", "sign-in"} <= {place.name for place in walk.places}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_whole_and_accessible(
    people: People, walk: Walk, language: str, part: int, pytestconfig: pytest.Config
) -> None:
    """Nothing is cut off on a wide screen, at 200 % and on a phone; axe in the lights of LOOKS, or in all (--whole).

    The frame around the pages of an area is looked at with the first of them, or with every one (--whole).
    """
    walker = Walker(people, walk, language)
    whole = pytestconfig.getoption("--whole")
    for place in walk.of(language)[part::PARTS]:
        look_at(walker, place, walker.at(place), ALL_LOOKS if whole else LOOKS[language], frame=whole)
    assert walker.problems == []


def look_at(walker: Walker, place: Place, page: Page, looks: Sequence[Look], *, frame: bool) -> None:
    html = page.locator("html")
    told = html.get_attribute("lang"), html.get_attribute("dir")
    right = told == (place.language, "rtl" if place.language == "ar" else "ltr")
    walker.note(place, "language", [] if right else [str(told)])
    for size in (WIDE, ZOOMED, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        walker.note(place, f"at {size[0]}", lost(page))
        for look in looks:
            if look.size == size:
                page.emulate_media(color_scheme=look.light, contrast=look.contrast)
                new = walker.frame_is_new(place, look)
                found = violations(page, contrast_alone=look.contrast_alone, frame=frame or new)
                walker.note(place, f"at {size[0]}, {look.light}, contrast {look.contrast}", found)


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
