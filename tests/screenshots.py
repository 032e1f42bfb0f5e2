"""`make screenshots`: every page in both languages, light and dark, wide and narrow; and the few of the README.

All of them go to .radd/screenshots, with a contact sheet (index.html) to look through; those that the README shows go
to docs/screenshots, in few colours so that they stay small. The pages are those that the browser tests walk.
ARGS: names of pages, to draw these alone.
"""

import os
import sys
from collections.abc import Iterable
from html import escape
from io import BytesIO
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.desk import Desk, awaited, running_desk
from tests.e2e.pages import LANGUAGES, Place, Walk, furnish
from tests.e2e.people import CHROMIUM_FLAGS, People

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs" / "screenshots"
ALL = ROOT / ".radd" / "screenshots"
# Of the README: the page's name in the walk, and what its picture is called there.
SHOWN = {
    "inbox-ticket": "ticket",
    "inbox-list": "inbox",
    "board": "board",
    "rules": "rules",
    "examined": "examined",
    "drift": "drift",
    "readers": "readers",
}
# In English by day and in Arabic by night; these two on phones, too.
SHOWN_AS = {("en", "light"), ("ar", "dark")}
ON_PHONES = {"inbox-ticket", "inbox-list"}
COLOURS = 256
STILL = "() => ![...document.querySelectorAll('.htmx-request, .r-sk')].some((part) => part.checkVisibility())"


def main(names: Iterable[str]) -> int:
    """Draw them; returns an exit status."""
    only = set(names)
    for folder in (DOCS, ALL):
        folder.mkdir(parents=True, exist_ok=True)
    with running_desk() as starting, sync_playwright() as playwright:
        chromium = os.environ.get("RADD_CHROMIUM") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        desk = awaited(starting)
        walk = furnish(desk)
        for language, dark, phone in product(LANGUAGES, (False, True), (False, True)):
            places = [place for place in walk.of(language) if not only or place.name in only]
            draw(browser, desk, walk, places, dark=dark, phone=phone)
        browser.close()
    contact_sheet()
    return 0


def draw(browser: Browser, desk: Desk, walk: Walk, places: list[Place], *, dark: bool, phone: bool) -> None:
    people = People(browser, desk)
    pages: dict[str, Page] = {}
    for place in places:
        if place.who not in pages:
            page = people.window(phone=phone, dark=dark, locale="ar-SA" if place.language == "ar" else "en-GB")
            people.enter(page, walk.people[place.language].get(place.who))
            pages[place.who] = page
        page = pages[place.who]
        page.goto(place.address)
        settle(page)
        light, size = "dark" if dark else "light", "phone" if phone else "desktop"
        picture = page.screenshot()
        (ALL / f"{place.name}-{place.language}-{light}-{size}.png").write_bytes(picture)
        if place.name in SHOWN and (place.language, light) in SHOWN_AS and (not phone or place.name in ON_PHONES):
            save_small(picture, DOCS / f"{SHOWN[place.name]}-{place.language}-{light}-{size}.png")
    people.leave()


def settle(page: Page) -> None:
    """Fonts are there, and nothing that is seen is still on its way."""
    page.evaluate("document.fonts.ready")
    page.wait_for_function(STILL)


def save_small(picture: bytes, path: Path) -> None:
    """In few colours: these pages have few, and a README is read over slow lines, too."""
    with Image.open(BytesIO(picture)) as whole:
        whole.convert("RGB").quantize(COLOURS, kmeans=3).save(path, optimize=True)


def contact_sheet() -> None:
    names = sorted({path.stem.rsplit("-", 3)[0] for path in ALL.glob("*.png")})
    rows = "".join(
        f"<h2>{escape(name)}</h2>"
        + "".join(f'<img loading="lazy" src="{path.name}">' for path in sorted(ALL.glob(f"{name}-??-*-*.png")))
        for name in names
    )
    style = (
        "body{background:#777;font:14px sans-serif}img{inline-size:480px;margin:4px}img[src*=phone]{inline-size:200px}"
    )
    (ALL / "index.html").write_text(f"<!doctype html><title>Every page</title><style>{style}</style>{rows}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
