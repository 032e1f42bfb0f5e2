"""What an agent leans on for eight hours, by keys: where the focus is, what z takes back, what a lost line says."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desk import Corner
from tests.e2e.people import People
from tests.e2e.test_main_job import GOOD_ANSWER, answer, open_ticket

FOCUS = "document.activeElement.id || document.activeElement.tagName"


def test_z_takes_back_the_answer_that_was_just_sent_and_nothing_older(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    ticket = open_ticket(page, desk, "en")
    page.locator("#thread").focus()
    page.keyboard.press("2")
    expect(page.locator("#toasts [data-undo]")).to_be_visible()
    answer(page, GOOD_ANSWER["en"])
    expect(page.locator("#toasts [data-undo]")).to_have_count(0)
    page.keyboard.press("z")
    desk.wait_for(
        "SELECT d.state = 'cancelled' FROM ingest_delivery d JOIN tickets_ticketmessage e USING (message_id)"
        " WHERE e.ticket_id = %s",
        ticket,
    )
    expect(page.locator("#answer")).to_have_value(GOOD_ANSWER["en"])
    assert desk.value("SELECT priority FROM tickets_ticket WHERE id = %s", ticket) == 2


def test_the_focus_stays_in_the_ticket_when_what_had_it_is_drawn_anew(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    open_ticket(page, desk, "en")
    page.locator("#thread").focus()
    page.keyboard.press("a")
    expect(page.locator("#assign-box form")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUS) == "open-assign"
    page.keyboard.press("4")
    expect(page.locator("#toasts [data-undo]")).to_be_visible()
    assert page.evaluate(FOCUS) == "open-assign"


def test_after_a_ticket_that_is_not_in_the_list_the_lists_first_one_opens(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    ticket, other = desk.ticket("en"), desk.ticket("en")
    for whose, number in (("omar", other), ("lina", ticket)):
        given = "UPDATE tickets_ticket SET assignee_id = %s WHERE id = %s RETURNING id"
        desk.rows(given, desk.person(whose), number)
    page.goto(f"/inbox/mine/{ticket}/")
    expect(page.locator(f"#t-{ticket}")).to_have_count(0)
    page.keyboard.press("e")
    expect(page.locator("#ticket")).not_to_have_attribute("data-ticket", str(ticket))


def test_typing_without_a_connection_raises_no_alarm_and_a_deed_says_why(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    open_ticket(page, desk, "en")
    page.context.set_offline(True)
    page.locator("#answer").focus()
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.keyboard.type("We are looking", delay=10)
    page.wait_for_function("performance.now() > 0")
    while not any("length" in url for url in failed):
        page.wait_for_timeout(50)
    expect(page.locator("#toasts .r-toast")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.locator("#toasts .r-toast")).to_contain_text("No connection")


def test_rows_stay_where_they_are_when_the_first_one_is_checked_and_b_leads_to_the_deeds(
    people: People, desk: Corner
) -> None:
    page = people.sign_in("omar")
    desk.ticket("en")
    page.goto("/inbox/all/")
    first = page.locator("#list .r-row").first
    first.focus()
    before = first.bounding_box()
    page.keyboard.press("x")
    expect(page.locator("#picked")).to_be_visible()
    assert first.bounding_box() == before
    page.keyboard.press("b")
    assert page.evaluate(FOCUS) == "bulk-do"


def test_an_empty_list_shows_by_itself_what_comes(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    ticket, omar = desk.ticket("en"), desk.person("omar")
    # Away, so that nothing comes to him but what is given.
    desk.rows("UPDATE accounts_user SET available = false WHERE id = %s RETURNING id", omar)
    given = "UPDATE tickets_ticket SET assignee_id = %s WHERE brand_id = %s RETURNING id"
    desk.rows(given, desk.person("lina"), desk.brand)
    page.goto("/inbox/mine/")
    expect(page.locator("#list.r-empty")).to_be_visible()
    lina = people.sign_in("lina")
    lina.goto(f"/inbox/all/{ticket}/")
    lina.keyboard.press("a")
    lina.locator(f'#assign-box button[value="{omar}"]').click()
    expect(page.locator(f"#t-{ticket}")).to_be_visible()


# --- the answer's box ---------------------------------------------------------------------------------------------
def picked(page: Page, typed: str) -> str:
    """What the picker that its button opened puts in for these words."""
    page.locator("#open-emoji").click()
    expect(page.locator("#pop.grid [role=option]").nth(20)).to_be_attached()
    page.keyboard.type(typed, delay=10)
    page.keyboard.press("Enter")
    expect(page.locator("#pop")).to_be_hidden()
    return page.locator("#answer").input_value()


def test_emoji_are_found_by_words_of_both_languages_by_keys_alone(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    open_ticket(page, desk, "en")
    page.locator("#answer").focus()
    assert picked(page, "than") == "🙏"
    # However alef and ta marbuta are typed.
    assert picked(page, "وردة") == "🙏🌹"
    assert picked(page, "اعتذار") == "🙏🌹🙇"
    page.locator("#open-emoji").click()
    expect(page.locator("#pop [role=option]").first).to_have_text("🙇")
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUS) == "answer"


def test_spelling_is_checked_in_the_language_that_is_written(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    open_ticket(page, desk, "en")
    box = page.locator("#answer")
    expect(box).to_have_attribute("lang", "en")
    box.fill("أهلًا، نعتذر")
    expect(box).to_have_attribute("lang", "ar")
    assert box.evaluate("box => getComputedStyle(box).direction") == "rtl"
    box.fill("Hello, we are sorry")
    expect(box).to_have_attribute("lang", "en")
    assert box.get_attribute("spellcheck") == "true"


def test_a_supervisor_walks_changes_and_sends_what_waits_by_keys(people: People, desk: Corner) -> None:
    agent = people.sign_in("omar")
    ticket = open_ticket(agent, desk, "en")
    agent.keyboard.press("r")
    agent.keyboard.type("The bill is right, it is your own fault that you did not read the contract before.")
    agent.keyboard.press("Control+Enter")
    desk.wait_for("SELECT count(*) = 1 FROM tickets_approval WHERE ticket_id = %s AND state = 'asked'", ticket)
    page = people.sign_in("lina")
    page.goto("/approvals/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('.r-approval')")
    page.keyboard.press("r")
    page.keyboard.press("Control+A")
    page.keyboard.type(GOOD_ANSWER["en"])
    page.keyboard.press("Control+Enter")
    desk.wait_for("SELECT state = 'approved' FROM tickets_approval WHERE ticket_id = %s", ticket)


def test_what_is_meant_in_private_comes_back_private_and_never_in_public(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    other = desk.ticket("en")
    ticket = open_ticket(page, desk, "en")
    private = page.locator("#go-private")
    private.click()
    answer(page, GOOD_ANSWER["en"])
    expect(private).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("z")
    expect(page.locator("#answer")).to_have_value(GOOD_ANSWER["en"])
    expect(private).to_have_attribute("aria-pressed", "true")
    for number in (other, ticket):
        page.goto(f"/inbox/all/{number}/")
        expect(private).to_have_attribute("aria-pressed", str(number == ticket).lower())
    page.locator("#answer").focus()
    page.keyboard.press("Control+Enter")
    kinds = """SELECT count(*) = 2 AND every(m.kind = 'dm') FROM ingest_message m JOIN ingest_delivery d
                ON d.message_id = m.id JOIN tickets_ticketmessage e ON e.message_id = m.id WHERE e.ticket_id = %s"""
    desk.wait_for(kinds, ticket)


def test_a_key_that_sends_nothing_says_why_and_mended_words_go_out_at_once(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    open_ticket(page, desk, "en")
    page.locator("#answer").fill("Your card 4111 1111 1111 1111 was charged.")
    expect(page.locator("#guard [data-level=stop]")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts .r-toast")).to_contain_text("card number")
    assert page.evaluate(FOCUS) == "answer"
    # What the guard said is about other words now: it is not waited for.
    page.route("**/guard", lambda route: route.abort())
    answer(page, GOOD_ANSWER["en"])
    expect(page.locator("#toasts .r-toast")).to_have_count(0)


def test_the_forms_of_a_tickets_menu_cut_nothing_off(people: People, desk: Corner) -> None:
    page = people.sign_in("huda")
    open_ticket(page, desk, "ar")
    page.locator("#thread").focus()
    page.keyboard.press("s")
    form = page.locator("#act-form form")
    expect(form).to_be_visible()
    assert form.evaluate("form => form.scrollWidth - form.clientWidth") == 0


@pytest.mark.parametrize("who", ["omar", "huda"])
def test_on_a_phone_no_menu_of_the_ticket_leaves_the_screen_and_undo_is_in_reach(
    people: People, desk: Corner, who: str
) -> None:
    page = people.sign_in(who, phone=True)
    language = "en" if who == "omar" else "ar"
    open_ticket(page, desk, language)
    page.locator("#go-private").tap()
    page.locator("#answer").fill(GOOD_ANSWER[language])
    for menu in ("#act", "#assign", "#later"):
        page.locator(f"{menu} > summary").tap()
        box = page.locator(f"{menu} > .r-menu-box")
        expect(box).to_be_visible()
        at = box.evaluate("box => [box.getBoundingClientRect().left, innerWidth - box.getBoundingClientRect().right]")
        assert min(at) >= 0, menu
        page.locator(f"{menu} > summary").tap()
    page.locator("#send").tap()
    expect(page.locator(".r-msg.out [data-undo]")).to_be_visible()
    assert page.evaluate("radd.$('#thread').scrollWidth - radd.$('#thread').clientWidth") == 0
    page.locator(".r-msg.out [data-undo]").tap()
    expect(page.locator("#answer")).to_have_value(GOOD_ANSWER[language])


def test_a_list_is_filtered_and_ordered_by_keys_and_the_page_itself_never_scrolls(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    desk.ticket("en")
    page.goto("/inbox/all/")
    page.keyboard.press("f")
    expect(page.locator("#filters select, #filters input[type=checkbox]").first).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+O")
    expect(page.locator("#orders [aria-current=true]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+V")
    expect(page.locator("#list-menu [name=density][aria-pressed=true]")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


# --- being told ---------------------------------------------------------------------------------------------------
HEARD = """
    window.shown = []; window.tones = 0;
    window.Notification = class {
        static permission = "granted";
        constructor(title, more) { shown.push([title, more]); }
        addEventListener() {}
    };
    document.hasFocus = () => false;
    const begin = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) { window.tones += 1; return begin.apply(this, at); };
"""


def test_a_mention_is_shown_by_the_browser_and_heard_only_as_its_person_wishes(people: People, desk: Corner) -> None:
    omar, huda, lina = people.sign_in("omar"), people.sign_in("huda"), people.sign_in("lina")
    loud = {"notices": {"ways": {"mentioned": ["page", "browser", "sound"]}, "quiet": None}}
    still = {"notices": {"ways": {"mentioned": ["page"]}, "quiet": None, "title": False}}
    for who, wishes in (("omar", loud), ("huda", still)):
        kept = "UPDATE accounts_user SET preferences = %s::jsonb WHERE id = %s RETURNING id"
        desk.rows(kept, json.dumps(wishes), desk.person(who))
    for page in (omar, huda):
        page.add_init_script(HEARD)
        page.goto("/inbox/mine/")
        # A sound needs a touch of the page first.
        page.locator("h1:visible").first.click()
    ticket = open_ticket(lina, desk, "en")
    names = [
        str(desk.value("SELECT name FROM accounts_user WHERE id = %s", desk.person(who))) for who in ("omar", "huda")
    ]
    lina.keyboard.press("n")
    lina.locator("#note").fill(" ".join(f"@{name}" for name in names) + " look")
    lina.keyboard.press("Control+Enter")
    expect(omar).to_have_title(re.compile(r"^\(\d+\) "))
    expect(huda.locator("#unread")).not_to_be_empty()
    expect(huda).not_to_have_title(re.compile(r"^\("))
    # Tickets may be given to them meanwhile: those are shown, and not heard.
    mentions = "window.shown.filter(([title]) => title.includes('mentioned you')).length"
    omar.wait_for_function(f"() => {mentions} === 1 && window.tones === 2")
    assert (huda.evaluate(mentions), huda.evaluate("tones")) == (0, 0)
    assert ticket
