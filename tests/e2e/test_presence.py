"""Nobody answers twice, in real browsers: who views, who writes, what happens without a network and after sleep."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.desk import Corner
from tests.e2e.people import People
from tests.e2e.test_main_job import GOOD_ANSWER, answer, open_ticket

# A tab that fell silent is forgotten within this time.
CRASHED = 45_000
ANSWERS = """
    SELECT count(*) FROM ingest_message m JOIN tickets_ticketmessage e ON e.message_id = m.id
     WHERE e.ticket_id = %s AND m.author_id IS NOT NULL
"""


def place(page: Page) -> Locator:
    return page.locator("#who")


def row(page: Page, ticket: int) -> Locator:
    return page.locator(f"#t-{ticket} [data-who]")


def offline_strip(page: Page) -> Locator:
    return page.locator("#unsent")


def test_a_colleague_sees_who_views_and_who_writes_on_the_ticket_and_in_the_list(people: People, desk: Corner) -> None:
    omar, lina = people.sign_in("omar"), people.sign_in("lina")
    ticket = open_ticket(omar, desk, "en")
    # The team's list begins with what is owed first, however many came since.
    lina.goto("/inbox/team/")
    expect(row(lina, ticket).locator(".r-one.viewing")).to_contain_text("Omar")
    height = row(lina, ticket).locator("xpath=ancestor::li").bounding_box()["height"]
    omar.locator("#answer").press_sequentially("I am looking", delay=20)
    expect(row(lina, ticket).locator(".r-one.writing")).to_contain_text("Omar")
    assert row(lina, ticket).locator("xpath=ancestor::li").bounding_box()["height"] == height
    lina.goto(f"/inbox/all/{ticket}/")
    expect(place(lina)).to_contain_text("Omar is writing")
    expect(place(omar)).to_contain_text("Lina")
    expect(place(omar)).not_to_contain_text("Omar")
    # He stops: after a while he only views.
    expect(place(lina).locator(".r-one.viewing")).to_contain_text("Omar")
    omar.goto("/inbox/all/")
    expect(place(lina)).to_be_empty()


def test_two_tabs_of_one_person_are_one_presence_until_both_are_gone(people: People, desk: Corner) -> None:
    lina, omar = people.sign_in("lina"), people.sign_in("omar")
    ticket = open_ticket(lina, desk, "en")
    omar.goto(f"/inbox/all/{ticket}/")
    second = omar.context.new_page()
    second.goto(f"/inbox/all/{ticket}/")
    second.locator("#answer").press_sequentially("from the second tab", delay=10)
    expect(place(lina)).to_contain_text("Omar is writing")
    expect(place(lina).locator(".r-one")).to_have_count(1)
    second.close()
    desk.pass_time("omar", "writing")
    expect(place(lina).locator(".r-one.viewing")).to_contain_text("Omar")
    omar.close()
    desk.pass_time("omar")
    expect(place(lina)).to_be_empty()


def test_a_browser_that_dies_without_a_word_is_forgotten_within_45_seconds(people: People, desk: Corner) -> None:
    lina, omar = people.sign_in("lina"), people.sign_in("omar")
    ticket = open_ticket(lina, desk, "en")
    omar.goto(f"/inbox/all/{ticket}/")
    expect(place(lina)).to_contain_text("Omar")
    omar.context.set_offline(True)
    expect(place(lina)).to_be_empty(timeout=CRASHED)
    omar.context.set_offline(False)
    expect(place(lina)).to_contain_text("Omar")


def test_an_answer_sent_without_network_is_kept_and_goes_out_once_when_it_returns(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    ticket = open_ticket(page, desk, "en")
    page.locator("#answer").fill(GOOD_ANSWER["en"])
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(offline_strip(page)).to_contain_text("no connection")
    expect(page.locator("#answer")).to_have_value(GOOD_ANSWER["en"])
    assert desk.value(ANSWERS, ticket) == 0
    page.context.set_offline(False)
    expect(page.locator(".r-msg.out .bub", has_text=GOOD_ANSWER["en"][:30])).to_be_visible(timeout=20_000)
    expect(offline_strip(page)).to_have_count(0)
    expect(page.locator("#answer")).to_have_value("")
    assert desk.value(ANSWERS, ticket) == 1


def test_what_waited_for_the_network_is_refused_if_the_conversation_moved_on_meanwhile(
    people: People, desk: Corner
) -> None:
    omar, lina = people.sign_in("omar"), people.sign_in("lina")
    ticket = open_ticket(omar, desk, "en")
    omar.locator("#answer").fill("My own answer, pressed in a tunnel.")
    omar.context.set_offline(True)
    omar.keyboard.press("Control+Enter")
    expect(offline_strip(omar)).to_be_visible()
    lina.goto(f"/inbox/all/{ticket}/")
    answer(lina, GOOD_ANSWER["en"])
    omar.context.set_offline(False)
    expect(omar.locator("#refused .r-moved")).to_contain_text("Lina")
    expect(omar.locator("#answer")).to_have_value("My own answer, pressed in a tunnel.")
    expect(omar.locator("#thread")).to_contain_text(GOOD_ANSWER["en"][:30])
    assert desk.value(ANSWERS, ticket) == 1


def test_who_writes_while_a_colleague_answers_is_told_where_they_write_and_keeps_the_caret(
    people: People, desk: Corner
) -> None:
    omar, lina = people.sign_in("omar"), people.sign_in("lina")
    ticket = open_ticket(omar, desk, "en")
    omar.locator("#answer").press_sequentially("I shall look into ", delay=5)
    lina.goto(f"/inbox/all/{ticket}/")
    answer(lina, GOOD_ANSWER["en"])
    expect(omar.locator("#refused [data-overtaken]")).to_contain_text("Lina")
    omar.keyboard.type("it")
    expect(omar.locator("#answer")).to_have_value("I shall look into it")
    omar.keyboard.press("Control+a")
    omar.keyboard.press("Delete")
    expect(omar.locator("#refused [data-overtaken]")).to_have_count(0)


def test_what_waits_can_be_held_back(people: People, desk: Corner) -> None:
    page = people.sign_in("omar")
    ticket = open_ticket(page, desk, "en")
    page.locator("#answer").fill("On second thoughts, no.")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    offline_strip(page).locator("button").click()
    expect(offline_strip(page)).to_have_count(0)
    page.context.set_offline(False)
    page.locator("#answer").press("End")
    page.keyboard.type(" Really.")
    expect(page.locator("#answer")).to_have_value("On second thoughts, no. Really.")
    assert desk.value(ANSWERS, ticket) == 0


def test_after_sleep_a_page_catches_up_at_once_and_a_send_from_before_is_refused(people: People, desk: Corner) -> None:
    omar, lina = people.sign_in("omar"), people.sign_in("lina")
    omar.clock.install()
    ticket = open_ticket(omar, desk, "en")
    omar.locator("#answer").fill("Written before the lid was closed.")
    # The lid is closed: no line, no timers, and the desk goes on.
    omar.context.set_offline(True)
    omar.clock.pause_at(omar.evaluate("Date.now()") + 1000)
    lina.goto(f"/inbox/all/{ticket}/")
    answer(lina, GOOD_ANSWER["en"])
    desk.pass_time("omar")
    expect(place(lina)).to_be_empty()
    omar.context.set_offline(False)
    omar.clock.fast_forward("10:00")
    omar.clock.resume()
    expect(omar.locator("#thread")).to_contain_text(GOOD_ANSWER["en"][:30])
    expect(omar.locator("#answer")).to_have_value("Written before the lid was closed.")
    expect(place(omar)).to_contain_text("Lina")
    expect(place(lina)).to_contain_text("Omar")


def test_arabic_pages_say_it_in_arabic(people: People, desk: Corner) -> None:
    omar, huda = people.sign_in("omar"), people.sign_in("huda")
    ticket = open_ticket(omar, desk, "ar")
    omar.locator("#answer").press_sequentially("مرحبا", delay=20)
    huda.goto(f"/inbox/all/{ticket}/")
    expect(place(huda)).to_contain_text(re.compile("يكتب"))
