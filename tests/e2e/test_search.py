"""Search and the palette as hands use them: keys alone, under either layout, the focus where it was."""

from playwright.sync_api import Page, expect

from tests.e2e.desk import Corner
from tests.e2e.people import People


def ctrl_k(page: Page, key: str = "k") -> None:
    """Ctrl K as the keyboard in use reports it: the place of the key is the same, its letter is not."""
    page.evaluate(
        "key => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key, code: 'KeyK', ctrlKey: true, bubbles: true, cancelable: true}))",
        key,
    )


def waits_for_words(desk: Corner) -> None:
    """Until the words of this corner's tickets are noted."""
    noted = """
        SELECT count(*) >= 6 FROM tickets_searchrow r
          JOIN tickets_ticketmessage e ON e.message_id = r.message_id JOIN tickets_ticket t ON t.id = e.ticket_id
         WHERE t.brand_id = %s
    """
    desk.wait_for(noted, desk.brand, seconds=60)


def found(page: Page, words: str) -> None:
    page.locator("#q").fill(words)
    expect(page.locator("#list mark").first).to_be_visible()


def test_words_typed_are_found_opened_and_left_by_keys(people: People, desk: Corner) -> None:
    waits_for_words(desk)
    page = people.sign_in("lina")
    page.locator("#main").focus()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    found(page, "فاتورة")
    assert "q=" in page.url
    page.keyboard.press("Enter")
    expect(page.locator("#list a.r-row").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#ticket[data-ticket]")).to_be_visible()
    expect(page.locator("#list a.r-row[aria-current]")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    found(page, "nawa")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#list a.r-row").first).to_be_focused()


def test_the_palette_opens_under_both_layouts_and_gives_the_focus_back(people: People, desk: Corner) -> None:
    desk.ticket("en")
    problems: list[str] = []
    page = people.sign_in("lina")
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/inbox/all/")
    page.locator("#list a.r-row").first.focus()
    for key in ("k", "ن"):
        ctrl_k(page, key)
        expect(page.locator("#palette-q")).to_be_focused()
        expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(page.locator("#list a.r-row").first).to_be_focused()
    assert problems == []


def test_a_verb_is_chosen_by_its_name_in_the_other_language(people: People, desk: Corner) -> None:
    desk.ticket("en")
    page = people.sign_in("lina")
    page.goto("/inbox/all/")
    page.locator("#list a.r-row").first.click()
    expect(page.locator("#ticket[data-ticket]")).to_be_visible()
    ctrl_k(page)
    page.keyboard.type("اكتب ملاحظة")
    expect(page.locator("#palette [aria-selected=true] kbd")).to_have_text("n")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#note-form textarea")).to_be_focused()


def test_a_list_is_gone_to_by_its_name(people: People) -> None:
    page = people.sign_in("lina")
    page.goto("/search/")
    ctrl_k(page)
    page.keyboard.type("unass")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Unassigned")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/unassigned/")
