"""The list as hands and eyes have it: the next ticket is there at once, and nothing moves while news comes."""

import re
from collections.abc import Callable
from statistics import median

from playwright.sync_api import Page, Response, expect

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
READ = "jjjjjkkkkk"
SEEN = "SELECT count(*) FROM tickets_seen WHERE user_id = %s AND ticket_id = %s"


def ahead(answer: Response) -> bool:
    """Whether this was fetched before anybody asked for it."""
    return "radd-ahead" in answer.request.headers


def into_the_first_ticket(people: People, desk: Corner) -> Page:
    """Lina's list of six with the first one open and the look ahead at the second one done."""
    desk.wait_for("SELECT count(*) >= 6 FROM tickets_ticket WHERE brand_id = %s", desk.brand)
    page = people.sign_in("lina")
    page.goto("/inbox/all/")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    page.keyboard.press("j")
    with page.expect_response(ahead):
        page.keyboard.press("Enter")
    expect(page.locator("#thread")).to_be_focused()
    return page


def test_each_press_of_a_key_paints_the_next_ticket_and_how_soon_is_told(
    people: People, desk: Corner, record_property: Callable[[str, object], None]
) -> None:
    page = into_the_first_ticket(people, desk)
    page.evaluate(STOPWATCH)
    for step, key in enumerate(READ, 1):
        with page.expect_response(ahead):
            page.keyboard.press(key)
            page.wait_for_function("count => window.painted.length === count", arg=step)
    read = page.evaluate("window.painted")
    for step, key in enumerate(WALK, 1 + len(READ)):
        page.keyboard.press(key)
        page.wait_for_function("count => window.painted.length === count", arg=step)
    leafed = page.evaluate("window.painted")[len(READ) :]
    words = "; ".join(f"{how} {told(times)}" for how, times in (("each one read", read), ("leafed through", leafed)))
    record_property("figure", f"Key press to next ticket painted: {words} (aim: {AIM} ms)")
    assert len(leafed) == len(WALK)


def told(times: list[float]) -> str:
    return f"median {median(times):.0f} ms, slowest {max(times):.0f} ms of {len(times)}"


def test_the_next_ticket_is_there_before_its_key_is_pressed_and_is_seen_only_then(people: People, desk: Corner) -> None:
    page = into_the_first_ticket(people, desk)
    rows = page.locator("#list > li[id^=t-]").evaluate_all("rows => rows.map((row) => row.id.slice(2))")
    lina, second = desk.person("lina"), rows[1]
    assert desk.value(SEEN, lina, second) == 0
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "radd-ahead" not in request.headers else None)
    page.keyboard.press("j")
    expect(page.locator("#ticket")).to_have_attribute("data-ticket", second)
    desk.wait_for(SEEN, lina, second)
    expect(page.locator(f"#t-{second} a.r-row")).not_to_have_class(re.compile("unread"))
    assert not [address for address in asked if address.endswith(f"/inbox/all/{second}/")]


def test_a_ticket_that_changed_since_it_was_fetched_ahead_is_shown_as_it_is_now(people: People, desk: Corner) -> None:
    page = into_the_first_ticket(people, desk)
    second = int(str(page.locator("#list > li[id^=t-]").nth(1).get_attribute("id"))[2:])
    omar = people.sign_in("omar")
    omar.goto(f"/inbox/all/{second}/")
    omar.keyboard.press("n")
    omar.locator("#note").fill("The shop in Sohar has her refund ready.")
    with page.expect_response(lambda answer: "/changes?" in answer.url and f"{second}" in answer.url):
        omar.keyboard.press("Control+Enter")
    page.keyboard.press("j")
    expect(page.locator("#thread")).to_contain_text("The shop in Sohar has her refund ready.")


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
