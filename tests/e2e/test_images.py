"""Pictures in an answer, in a browser: picked, pasted, described, still there after a reload, sent and shown."""

import base64
import sqlite3
from io import BytesIO

from PIL import Image as Pillow
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.desk import Corner
from tests.e2e.pages import violations
from tests.e2e.people import People
from tests.e2e.test_main_job import GOOD_ANSWER, open_ticket

# As a page hands over what was pasted or dropped.
HAND_OVER = """([selector, kind, content]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "screen.png", { type: "image/png" }));
    const how = { bubbles: true, cancelable: true };
    const event = kind === "paste" ? new ClipboardEvent("paste", { ...how, clipboardData: data })
      : new DragEvent(kind, { ...how, dataTransfer: data });
    document.querySelector(selector).dispatchEvent(event);
}"""


def a_file(colour: str = "teal", name: str = "bill.png") -> FilePayload:
    target = BytesIO()
    Pillow.new("RGB", (320, 200), colour).save(target, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": target.getvalue()}


def pick(page: Page, *files: FilePayload) -> None:
    page.locator("#pick-pictures").set_input_files(list(files))


def hand_over(page: Page, kind: str, colour: str, selector: str = "#answer") -> None:
    page.evaluate(HAND_OVER, [selector, kind, base64.b64encode(a_file(colour)["buffer"]).decode()])


def test_a_picture_is_picked_described_sent_and_shown(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    ticket = open_ticket(page, desk, "en")
    pick(page, a_file())
    described = page.locator("#pictures textarea")
    expect(described).to_be_focused()
    expect(page.locator("#undescribed")).to_be_visible()
    described.fill("The corrected bill of November")
    expect(page.locator("#undescribed")).to_be_hidden()
    assert violations(page) == []
    page.locator("#answer").fill(GOOD_ANSWER["en"])
    page.keyboard.press("Control+Enter")
    shown = page.locator(".r-msg.out .r-shown img")
    expect(shown).to_have_attribute("alt", "The corrected bill of November")
    page.wait_for_function("document.querySelector('.r-shown img').naturalWidth === 320")
    expect(page.locator("#pictures li")).to_have_count(0)
    desk.let_out(ticket)
    expect(page.locator(".r-mark", has_text="Sent").first).to_be_visible()
    assert violations(page) == []
    assert problems == []
    there = world(desk, ticket)
    assert there == [("The corrected bill of November",)]


def world(desk: Corner, ticket: int) -> list[tuple[str]]:
    """What the demo platform shows with our answer on this ticket."""
    answer = """SELECT m.external_id FROM ingest_message m JOIN tickets_ticketmessage e ON e.message_id = m.id
                 WHERE e.ticket_id = %s AND m.author_id IS NOT NULL"""
    sent = desk.wait_for(answer, ticket)
    with sqlite3.connect(desk.world) as rows:
        return rows.execute("SELECT alt FROM pictures WHERE post = ? ORDER BY place", (sent,)).fetchall()


def test_pictures_are_pasted_dropped_put_in_order_and_taken_out_and_outlast_a_reload(
    people: People, desk: Corner
) -> None:
    page = people.sign_in("lina")
    open_ticket(page, desk, "en")
    hand_over(page, "paste", "red")
    items = page.locator("#pictures li")
    expect(items).to_have_count(1)
    page.locator("#pictures textarea").fill("Red")
    with page.expect_response("**/pictures"):
        page.locator("#answer").focus()
    hand_over(page, "drop", "blue", "#composer")
    expect(items).to_have_count(2)
    page.locator("#pictures textarea").nth(1).fill("Blue")
    page.locator("#pictures [name=earlier]").nth(1).click()
    expect(page.locator("#pictures textarea").first).to_have_value("Blue")
    page.reload()
    expect(page.locator("#pictures textarea").first).to_have_value("Blue")
    expect(page.locator("#pictures textarea").nth(1)).to_have_value("Red")
    page.locator("#pictures [name=remove]").first.click()
    expect(items).to_have_count(1)
    expect(page.locator("#pictures textarea")).to_have_value("Red")
    page.locator("#pictures [name=remove]").click()
    expect(items).to_have_count(0)


def test_what_is_no_picture_is_refused_in_words_and_harms_nothing(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    open_ticket(page, desk, "en")
    page.locator("#answer").fill("My draft")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>document.title = "taken over"</script></svg>'
    pick(page, {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": svg}, a_file())
    expect(page.locator("#pictures [role=alert]")).to_contain_text("logo.svg")
    expect(page.locator("#pictures li")).to_have_count(1)
    expect(page.locator("#answer")).to_have_value("My draft")
    page.locator("#pictures [name=remove]").click()
    expect(page.locator("#pictures li")).to_have_count(0)


def test_an_answer_taken_back_gives_its_picture_back(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    open_ticket(page, desk, "en")
    pick(page, a_file("olive"))
    page.locator("#pictures textarea").fill("A map")
    page.locator("#answer").fill("Written in haste, with a picture.")
    page.locator("#send").click()
    expect(page.locator("#pictures li")).to_have_count(0)
    page.locator("[data-undo]").first.click()
    expect(page.locator("#pictures textarea")).to_have_value("A map")
    expect(page.locator("#answer")).to_have_value("Written in haste, with a picture.")
    page.locator("#pictures [name=remove]").click()
    expect(page.locator("#pictures li")).to_have_count(0)
