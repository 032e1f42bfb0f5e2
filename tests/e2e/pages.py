"""The walk: every page there is, in both languages. Read by the tests of pages and by `make screenshots` alike."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.desk import ROOT, Desk

LANGUAGES = ("en", "ar")
# States of pages that an address of its own shows: name, page of which it is one, what follows its address.
STATES = (
    ("inbox-mine", "inbox-list", "../mine/"),
    ("inbox-unassigned", "inbox-list", "../unassigned/"),
    ("inbox-snoozed", "inbox-list", "../snoozed/"),
    ("examined-sampled", "examined", "?list=sampled"),
    ("search-found", "search", "?q=nawa"),
    ("search-nothing", "search", "?q=zzzz"),
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Violations are all that is asked for: telling of each node why it passes would be most of the time.
QUICK = {"resultTypes": ["violations"], "preload": False, "iframes": False, "elementRef": False}
RULES = QUICK | {"runOnly": {"type": "tag", "values": WCAG}}
CONTRAST = QUICK | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What all pages of an area have in common: the rail, its form on phones, the sheet of keys.
FRAME = {"exclude": [[".r-rail"], [".r-tabs"], ["#keys"]]}
AXE = Axe().axe_script
# In the page's own words, so that nothing but what is wrong comes out of it. What moves is brought to its end first:
# colours half way to others are nobody's.
FOUND = """async ([context, options]) => {
    const ends = (move) => Number.isFinite(move.effect?.getComputedTiming().endTime);
    document.getAnimations().filter(ends).forEach((move) => move.finish());
    const { violations } = await axe.run(context ?? document, options);
    return violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`);
}"""
# What sticks out of the window and cannot be scrolled to: words cut off, buttons out of reach.
LOST = """() => {
    const scrolls = (box) => /auto|scroll/.test(getComputedStyle(box).overflowX);
    const reachable = (box) => box && box !== document.body && (scrolls(box) || reachable(box.parentElement));
    return [...document.querySelectorAll("body *")].filter((box) => {
        const own = [...box.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own && !box.matches("button, a, input, select, textarea")) return false;
        if (!box.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
        if (box.closest(".vh, .r-skip, .clip, [aria-hidden=true], details:not([open]) > :not(summary)")) return false;
        const at = box.getBoundingClientRect();
        if (at.width < 2 || at.height < 2) return false;
        return (at.right > innerWidth + 1 || at.left < -1) && !reachable(box.parentElement);
    }).map((box) => `<${box.localName} class="${box.className}"> ${box.textContent.trim().slice(0, 40)}`);
}"""


@dataclass(frozen=True, slots=True)
class Place:
    """One page in one language. `who` walks there: lead, admin or nobody (not signed in)."""

    language: str
    name: str
    address: str
    who: str


@dataclass(frozen=True)
class Walk:
    """All places; the people who walk, by language and `who`; doors to which nothing leads yet."""

    places: tuple[Place, ...]
    people: dict[str, dict[str, int]]
    missing: tuple[str, ...]

    def of(self, language: str) -> list[Place]:
        return [place for place in self.places if place.language == language]


def furnish(desk: Desk) -> Walk:
    """Let there be something to see, and say where."""
    desk.wait_for("SELECT count(*) >= 24 FROM tickets_ticket t JOIN ingest_channel c ON c.id = t.channel_id "
                  "WHERE c.name = 'Nawa on the demo platform'", seconds=120)  # fmt: skip
    env = {**os.environ, "DATABASE_URL": desk.database, "RADD_HOME": desk.home, "RADD_REDIS_PREFIX": desk.prefix}
    command = [sys.executable, "-m", "tests.e2e.furnish"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"nothing was furnished:\n{done.stderr[-4000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    places = [Place(**one) for one in told["pages"]]
    return Walk(tuple(_with_states(places)), told["people"], tuple(told["missing"]))


def _with_states(places: Iterable[Place]) -> Iterable[Place]:
    for place in places:
        yield place
        for name, of, rest in STATES:
            if of == place.name:
                yield Place(place.language, name, urljoin(place.address, rest), place.who)


# --- looking ---
def violations(page: Page, *, contrast_alone: bool = False, within: str | None = None, frame: bool = True) -> list[str]:
    """What axe-core finds. `frame`: also in what all pages of an area have in common."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    where = within if frame else FRAME
    found: list[str] = page.evaluate(FOUND, [where, CONTRAST if contrast_alone else RULES])
    return found


def lost(page: Page) -> list[str]:
    """What cannot be seen at this width, and how far the page itself scrolls sideways."""
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*([f"{wider} px too wide"] if wider > 0 else []), *page.evaluate(LOST)]
