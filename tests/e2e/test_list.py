"""The list as hands and eyes have it: the next ticket is there at once, and nothing moves while news comes."""

from collections.abc import Callable
from statistics import median

from playwright.sync_api import Page, expect

from tests.e2e import customers
from tests.e2e.desk import Corner
from tests.e2e.people import People
from tests.e2e.test_main_job import GOOD_ANSWER, answer

# From a key press to the frame after the one in which another ticket is drawn, in milliseconds.
STOPWATCH = """() => {
    window.painted = [];
    let pressed = 0;
    let shown = document.querySelector("#ticket[data-ticket]")?.dataset.ticket;
    addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
    new MutationObserver(() => {
        const ticket = document.querySelector("#ticket[data-ticket]")?.dataset.ticket;
        if (!pressed || !ticket || ticket === shown) return;
        shown = ticket;
        const from = pressed;
        pressed = 0;
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => window.painted.push(performance.now() - from);
            port2.postMessage(0);
        });
    }).observe(document.querySelector("#pane"), { childList: true, subtree: true });
}"""
# What moved by itself, and by how much, as the browser reckons it.
SHIFTS = """() => {
    window.shifts = [];
    const name = (node) => `${node?.nodeName} in #${(node?.closest ? node : node?.parentElement)?.closest("[id]")?.id}`;
    const keep = (entry) => window.shifts.push([entry.value, ...entry.sources.map((source) => name(source.node))]);
    new PerformanceObserver((list) => list.getEntries().forEach(keep)).observe({ type: "layout-shift" });
}"""
PLACES = """() => [...document.querySelectorAll("#list > li[id]")]
    .map((row) => [row.id, Math.round(row.getBoundingClientRect().top), row.offsetHeight])"""
# Told and not asserted: how busy the machine is would decide.
AIM = 150
WALK = "jjjjjkkkkkjjjjj"


def test_each_press_of_a_key_paints_the_next_ticket_and_how_soon_is_told(
    people: People, desk: Corner, record_property: Callable[[str, object], None]
) -> None:
    desk.wait_for("SELECT count(*) >= 6 FROM tickets_ticket WHERE brand_id = %s", desk.brand)
    page = people.sign_in("lina")
    page.goto("/inbox/all/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#thread")).to_be_focused()
    page.evaluate(STOPWATCH)
    for step, key in enumerate(WALK, 1):
        page.keyboard.press(key)
        page.wait_for_function("count => window.painted.length === count", arg=step)
    times = sorted(page.evaluate("window.painted"))
    words = f"median {median(times):.0f} ms, slowest {times[-1]:.0f} ms of {len(times)}"
    record_property("figure", f"Key press to next ticket painted: {words} (aim: {AIM} ms)")
    assert len(times) == len(WALK)


def test_nothing_moves_under_the_hand_while_news_comes(people: People, desk: Corner) -> None:
    """New tickets, an answer and a resolved ticket, with the pointer over the list: every row stays where it is."""
    answered, resolved = desk.ticket("en"), desk.ticket("ar")
    desk.wait_for("SELECT count(*) >= 6 FROM tickets_ticket WHERE brand_id = %s", desk.brand)
    lina, omar = people.sign_in("lina"), people.sign_in("omar")
    lina.goto("/inbox/team/")
    lina.locator("#list a.r-row").nth(1).hover()
    expect(lina.locator("#list > li[id]")).to_have_count(6)
    lina.evaluate(SHIFTS)
    before = lina.evaluate(PLACES)
    desk.post(customers.complaint("en"), customers.complaint("ar"))
    expect(lina.locator(".r-newbar")).to_be_visible()
    omar.goto(f"/inbox/all/{answered}/")
    answer(omar, GOOD_ANSWER["en"])
    omar.goto(f"/inbox/all/{resolved}/")
    omar.keyboard.press("e")
    expect(lina.locator(f"#t-{resolved}[data-gone]")).to_be_visible()
    assert lina.evaluate(PLACES) == before
    assert moved(lina) == []


def moved(page: Page) -> list[object]:
    """Shifts of which a row or the pane was part."""
    found: list[list[object]] = page.evaluate("window.shifts")
    return [shift for shift in found if float(str(shift[0])) > 0.0005]
