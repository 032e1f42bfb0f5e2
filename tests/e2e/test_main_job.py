"""The main job in a browser: posts come in, an agent answers one, the customer's next post shows the lift."""

import re

from playwright.sync_api import Page, expect

from tests.e2e import customers
from tests.e2e.desk import Corner
from tests.e2e.people import People

GOOD_ANSWER = {
    "en": "I am sorry about this. I have looked into it myself and put it right for you just now.",
    "ar": "أعتذر لك عن هذا. راجعت الأمر بنفسي وأصلحته لك الآن، وسأتابع معك حتى تتأكد.",
}


def open_ticket(page: Page, desk: Corner, language: str, *, view: str = "all") -> int:
    """Open a live ticket of one message that waits for an answer; its number."""
    ticket = desk.ticket(language)
    page.goto(f"/inbox/{view}/{ticket}/")
    expect(page.locator("#answer")).to_be_visible()
    return ticket


def answer(page: Page, text: str) -> None:
    page.locator("#answer").fill(text)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".r-msg.out .bub", has_text=text[:30])).to_be_visible()


def test_tickets_arrive_in_an_open_page_without_reloading(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    page.goto("/inbox/all/")
    page.evaluate("window.notReloaded = true")
    desk.post(customers.complaint("en"))
    expect(page.locator("#newbar button, .r-newbar")).to_be_visible()
    page.keyboard.press(".")
    expect(page.locator(".r-row").first).to_be_visible()
    assert page.evaluate("window.notReloaded") is True


def test_an_agent_answers_and_the_customers_next_post_shows_the_lift(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    ticket = open_ticket(page, desk, "en")
    answer(page, GOOD_ANSWER["en"])
    desk.let_out(ticket)
    expect(page.locator(".r-mark", has_text="Sent").first).to_be_visible()
    desk.wait_for("SELECT lift IS NOT NULL FROM tickets_ticket WHERE id = %s", ticket)
    expect(page.locator("#person")).to_contain_text(re.compile(r"[+−]\d\.\d\d"))
    assert desk.value("SELECT count(*) FROM ingest_delivery d JOIN tickets_ticketmessage e USING (message_id) "
                      "WHERE e.ticket_id = %s AND d.state = 'sent'", ticket) == 1  # fmt: skip


def test_an_arabic_agent_works_from_right_to_left(people: People, desk: Corner) -> None:
    page = people.sign_in("huda")
    assert page.locator("html").get_attribute("dir") == "rtl"
    ticket = open_ticket(page, desk, "ar")
    answer(page, GOOD_ANSWER["ar"])
    desk.let_out(ticket)
    expect(page.locator(".r-mark", has_text="أُرسل").first).to_be_visible()
    desk.wait_for("SELECT after_valence IS NOT NULL FROM tickets_ticket WHERE id = %s", ticket)


def test_an_answer_can_be_taken_back_before_it_leaves(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    ticket = open_ticket(page, desk, "en")
    answer(page, "This one was written in haste and should not leave.")
    page.locator("[data-undo]").first.click()
    expect(page.locator(".r-msg.out").last).to_contain_text("not sent")
    assert desk.value("SELECT status IN ('new', 'open') FROM tickets_ticket WHERE id = %s", ticket)


def test_sending_is_refused_when_the_conversation_moved_on_and_the_draft_stays(people: People, desk: Corner) -> None:
    first, second = people.sign_in("omar"), people.sign_in("lina")
    ticket = open_ticket(second, desk, "en")
    # Omar's page is drawn now and never hears of what follows.
    first.route("**/live/**", lambda route: route.abort())
    first.route("**/updates**", lambda route: route.abort())
    first.goto(f"/inbox/all/{ticket}/")
    first.locator("#answer").fill("My draft, written before I knew.")
    answer(second, GOOD_ANSWER["en"])
    first.keyboard.press("Control+Enter")
    expect(first.locator("#composer .r-moved")).to_be_visible()
    expect(first.locator("#answer")).to_have_value("My draft, written before I knew.")
    answers = """
        SELECT count(*) FROM ingest_message m JOIN tickets_ticketmessage e ON e.message_id = m.id
         WHERE e.ticket_id = %s AND m.author_id IS NOT NULL
    """
    assert desk.value(answers, ticket) == 1


def test_what_one_agent_does_shows_on_anothers_open_page(people: People, desk: Corner) -> None:
    first, second = people.sign_in("omar"), people.sign_in("lina")
    ticket = open_ticket(first, desk, "en")
    second.goto(f"/inbox/all/{ticket}/")
    first.locator("[data-tab=note]").click()
    first.locator("#note").fill("Looked at it with the network team.")
    first.locator("#save-note").click()
    expect(second.locator("#thread")).to_contain_text("Looked at it with the network team.")
    first.locator("#do-end").click()
    expect(second.locator("#do-end")).to_contain_text("Reopen")


def test_the_length_is_the_platforms_own_and_too_long_is_refused_with_the_draft_kept(
    people: People, desk: Corner
) -> None:
    page = people.sign_in("omar")
    open_ticket(page, desk, "en")
    page.locator("#answer").fill("x" * 281)
    expect(page.locator("#length")).to_contain_text("281/280")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#composer [role=alert]")).to_contain_text("281")
    expect(page.locator("#answer")).to_have_value("x" * 281)


def test_without_the_stream_a_page_still_learns_of_changes(people: People, desk: Corner) -> None:
    page, other = people.sign_in("omar"), people.sign_in("lina")
    page.route("**/live/?*", lambda route: route.abort())
    ticket = open_ticket(page, desk, "en")
    other.goto(f"/inbox/all/{ticket}/")
    other.locator("#do-end").click()
    expect(page.locator("#do-end")).to_contain_text("Reopen")
