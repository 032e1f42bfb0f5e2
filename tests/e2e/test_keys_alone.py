"""The main job without a mouse: what an agent and a supervisor do with a ticket from its beginning to its end.

No test here clicks, fills or focuses by script: keys alone reach what they need.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.desk import Corner
from tests.e2e.people import People

BLAMES = "The bill is right, it is your own fault that you did not read the contract before."
GOOD = "I am sorry about this. I have looked into it myself and put it right for you just now."
STATUS = "SELECT status FROM tickets_ticket WHERE id = %s"


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What scripts stumbled over."""
    found: list[str] = []
    yield found
    assert found == []


def seated(people: People, desk: Corner, who: str, problems: list[str], **how: bool) -> Page:
    """Somebody at the list of unassigned tickets of both languages, the first row in hand."""
    desk.ticket("en")
    desk.ticket("ar")
    page = people.sign_in(who, **how)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/inbox/team/")
    page.keyboard.press("j")
    expect(rows(page).first).to_be_focused()
    return page


def rows(page: Page) -> Locator:
    return page.locator("#list a.r-row")


def opened(page: Page) -> int:
    """Open the row in hand; its ticket."""
    ticket = in_hand(page)
    page.keyboard.press("Enter")
    expect(page.locator(f"#ticket[data-ticket='{ticket}']")).to_be_visible()
    expect(page.locator("#thread")).to_be_focused()
    return ticket


def in_hand(page: Page) -> int:
    """The ticket of the row that has the focus."""
    return int(str(page.locator("#list li:has(a.r-row:focus)").get_attribute("id")).removeprefix("t-"))


def tab_to(page: Page, target: Locator, *, most: int = 80) -> None:
    """Press Tab until this has the focus, as somebody without a mouse must."""
    expect(target).to_be_visible()
    for _ in range(most):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {target}")


def shown_next(page: Page, after: int) -> int:
    """Which ticket came by itself when the one before was done with."""
    expect(page.locator(f"#ticket[data-ticket]:not([data-ticket='{after}'])")).to_be_visible()
    return int(str(page.locator("#ticket").get_attribute("data-ticket")))


def test_a_form_comes_with_its_first_field_in_hand_and_comes_back_with_what_is_wrong_in_it(
    people: People, problems: list[str]
) -> None:
    page = people.sign_in("admin")
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/settings/targets/")
    page.keyboard.press("n")
    name, first = page.locator("#id_name"), page.locator("#id_first_answer")
    expect(name).to_be_focused()
    page.keyboard.type("Soon")
    tab_to(page, first)
    page.keyboard.type("a moment")
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-invalid", "true")
    expect(first).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("20m")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/targets/")
    # Moved by its arrow, it is moved again by the next press.
    up = page.get_by_role("button", name="Move Soon up")
    tab_to(page, up)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(up).to_be_focused()


def test_an_agent_takes_answers_and_resolves_and_the_next_ticket_is_there(
    people: People, desk: Corner, problems: list[str]
) -> None:
    page = seated(people, desk, "omar", problems)
    ticket = opened(page)
    page.keyboard.press("i")
    desk.wait_for("SELECT assignee_id = %s FROM tickets_ticket WHERE id = %s", desk.person("omar"), ticket)
    page.keyboard.press("r")
    expect(page.locator("#answer")).to_be_focused()
    page.keyboard.type(GOOD)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".r-msg.out .bub", has_text=GOOD[:30])).to_be_visible()
    expect(page.locator("#thread")).to_be_focused()
    page.keyboard.press("e")
    desk.wait_for("SELECT status = 'resolved' FROM tickets_ticket WHERE id = %s", ticket)
    following = shown_next(page, ticket)
    expect(page.locator("#thread")).to_be_focused()
    page.keyboard.press("z")
    desk.wait_for("SELECT status <> 'resolved' FROM tickets_ticket WHERE id = %s", ticket)
    expect(page.locator(f"#ticket[data-ticket='{ticket}']")).to_be_visible()
    assert desk.value(STATUS, following) in {"new", "open"}


def test_send_and_resolve_is_one_key(people: People, desk: Corner, problems: list[str]) -> None:
    page = seated(people, desk, "omar", problems)
    ticket = opened(page)
    page.keyboard.press("r")
    page.keyboard.type(GOOD if desk.value("SELECT preview_language FROM tickets_ticket WHERE id = %s", ticket) == "en"
                       else "أعتذر لك عن هذا. راجعت الأمر بنفسي وأصلحته لك الآن، وسأتابع معك حتى تتأكد.")  # fmt: skip
    page.keyboard.press("Control+Shift+Enter")
    desk.wait_for("SELECT status = 'resolved' FROM tickets_ticket WHERE id = %s", ticket)
    # It stays in sight as long as it can be taken back.
    expect(page.locator(".r-msg.out [data-undo]")).to_be_visible()
    expect(page.locator("#thread")).to_be_focused()


def test_an_answer_is_scheduled_taken_back_and_sent_with_a_snooze_from_within_the_box(
    people: People, desk: Corner, problems: list[str]
) -> None:
    ticket = desk.ticket("en")
    page = people.sign_in("omar")
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"/inbox/all/{ticket}/")
    expect(page.locator("#thread")).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.type(GOOD)
    page.keyboard.press("Alt+Enter")
    expect(page.locator("#later [name=later]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#answer")).to_be_focused()
    page.keyboard.press("Alt+Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Scheduled for")
    expect(page.locator("#later")).not_to_have_attribute("open", "")
    expect(page.locator("#thread")).to_be_focused()
    page.keyboard.press("z")
    expect(page.locator("#answer")).to_have_value(GOOD)
    taken_back = """SELECT state = 'cancelled' FROM ingest_delivery d JOIN tickets_ticketmessage e USING (message_id)
                     WHERE e.ticket_id = %s"""
    assert desk.value(taken_back, ticket)
    expect(page.locator("#answer")).to_be_focused()
    page.keyboard.press("Alt+Shift+Enter")
    expect(page.locator("#later [name=snooze]").first).to_be_focused()
    page.keyboard.press("Enter")
    desk.wait_for("SELECT status = 'snoozed' FROM tickets_ticket WHERE id = %s", ticket)
    expect(page.locator("#later")).not_to_have_attribute("open", "")


def test_a_ticket_is_snoozed_woken_by_undo_and_marked_by_keys(
    people: People, desk: Corner, problems: list[str]
) -> None:
    page = seated(people, desk, "huda", problems)
    ticket = opened(page)
    page.keyboard.press("1")
    desk.wait_for("SELECT priority = 1 FROM tickets_ticket WHERE id = %s", ticket)
    page.keyboard.press("s")
    expect(page.locator("#act-form button[name=until]").first).to_be_focused()
    page.keyboard.press("Enter")
    desk.wait_for("SELECT status = 'snoozed' FROM tickets_ticket WHERE id = %s", ticket)
    shown_next(page, ticket)
    page.keyboard.press("z")
    desk.wait_for("SELECT status <> 'snoozed' FROM tickets_ticket WHERE id = %s", ticket)


def test_two_tickets_are_merged_and_parted_again(people: People, desk: Corner, problems: list[str]) -> None:
    page = seated(people, desk, "omar", problems)
    ticket = opened(page)
    other = next(one for one in (desk.ticket("en"), desk.ticket("en"), desk.ticket("ar")) if one != ticket)
    page.keyboard.press("m")
    expect(page.locator("#act-form input[name=q]")).to_be_focused()
    page.keyboard.type(str(other))
    expect(page.locator(f"#act-found button[value='{other}']")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#act-found button[value='{other}']")).to_be_focused()
    page.keyboard.press("Enter")
    desk.wait_for("SELECT merged_into_id = %s FROM tickets_ticket WHERE id = %s", other, ticket)
    expect(page.locator("#toasts [data-undo]")).to_be_visible()
    expect(page.locator(f"#ticket[data-ticket='{other}']")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/{other}/"))
    expect(page.locator("#thread")).to_be_focused()
    page.keyboard.press("z")
    desk.wait_for("SELECT merged_into_id IS NULL FROM tickets_ticket WHERE id = %s", ticket)


def test_a_saved_reply_is_kept_found_by_a_stroke_and_sent(people: People, desk: Corner, problems: list[str]) -> None:
    page = people.sign_in("omar")
    page.goto("/saved/replies/new")
    tab_to(page, page.get_by_label("Name", exact=True))
    page.keyboard.type("Box restart")
    tab_to(page, page.locator("textarea").first)
    page.keyboard.type("Restart the box and wait two minutes; I stay with you until the light is green.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/saved/$"))
    page = seated(people, desk, "omar", problems)
    opened(page)
    page.keyboard.press("r")
    judged: list[str] = []
    page.on("request", lambda asked: judged.append(asked.post_data or "") if asked.url.endswith("/guard") else None)
    page.keyboard.type("/box")
    expect(page.locator("#pop [role=option][aria-selected=true]")).to_contain_text("Box restart")
    # The guard asks when typing has stopped for a while; what is typed to search is not its matter.
    page.wait_for_timeout(900)
    assert judged == []
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_value(re.compile("^Restart the box"))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".r-msg.out .bub", has_text="Restart the box")).to_be_visible()


def test_a_list_is_filtered_kept_opened_by_its_key_removed_and_brought_back(
    people: People, desk: Corner, problems: list[str]
) -> None:
    page = seated(people, desk, "omar", problems)
    page.keyboard.press("f")
    tab_to(page, page.locator("#f-language"))
    page.keyboard.type("Ara")
    tab_to(page, page.locator("#filters .r-menu-box button"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/team/?language=ar*")
    page.keyboard.press("Shift+V")
    tab_to(page, page.locator("#view-name"))
    page.keyboard.type("In Arabic")
    page.keyboard.press("Enter")
    page.wait_for_url("**saved=*")
    page.goto("/inbox/mine/")
    page.keyboard.press("g")
    page.keyboard.press("1")
    page.wait_for_url("**/inbox/team/?language=ar*saved=*")
    expect(page.locator("#listpane h1").first).to_have_text("In Arabic")
    page.goto("/views/")
    tab_to(page, page.get_by_role("button", name="Remove In Arabic"))
    page.keyboard.press("Enter")
    expect(page.locator(".r-strip [data-undo]")).to_be_focused()
    page.keyboard.press("z")
    expect(page.locator(".r-kept li")).to_have_count(1)


def test_three_rows_are_checked_done_at_once_and_undone(people: People, desk: Corner, problems: list[str]) -> None:
    page = seated(people, desk, "lina", problems)
    first = in_hand(page)
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+J")
    expect(page.locator("#picked [data-words]")).to_contain_text("3")
    expect(page.locator("#bulk-do option")).not_to_have_count(1)
    before = priorities(desk)
    tab_back_to(page, page.locator("#bulk-do"))
    page.keyboard.type("Priority: Urgent")
    expect(page.locator("#bulk-do")).to_have_value("priority:1")
    tab_to(page, page.locator("#bulk .btn-primary"))
    page.keyboard.press("Enter")
    undo = page.locator("#bulk-undo")
    expect(undo).to_be_visible()
    assert desk.value("SELECT priority FROM tickets_ticket WHERE id = %s", first) == 1
    assert len([one for one in priorities(desk) if one == 1]) >= 3
    expect(page.locator("#bulk-back")).to_be_focused()
    page.keyboard.press("z")
    restored = "SELECT array_agg(priority ORDER BY id) = %s::smallint[] FROM tickets_ticket WHERE brand_id = %s"
    desk.wait_for(restored, before, desk.brand)


def priorities(desk: Corner) -> list[int]:
    rows_ = desk.rows("SELECT priority FROM tickets_ticket WHERE brand_id = %s ORDER BY id", desk.brand)
    return [int(one) for (one,) in rows_]


def tab_back_to(page: Page, target: Locator, *, most: int = 30) -> None:
    """The same, backwards."""
    for _ in range(most):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError(f"Shift+Tab never came to {target}")


def test_a_supervisor_reads_changes_and_lets_out_an_answer_that_waited(
    people: People, desk: Corner, problems: list[str]
) -> None:
    ticket = desk.ticket("en")
    agent = people.sign_in("omar")
    agent.goto(f"/inbox/all/{ticket}/")
    agent.keyboard.press("r")
    agent.keyboard.type(BLAMES)
    agent.keyboard.press("Control+Enter")
    desk.wait_for("SELECT count(*) = 1 FROM tickets_approval WHERE ticket_id = %s AND state = 'asked'", ticket)
    lina = people.sign_in("lina")
    lina.on("pageerror", lambda error: problems.append(str(error)))
    lina.goto("/approvals/")
    tab_to(lina, lina.locator(".r-approve textarea"))
    lina.keyboard.press("Control+A")
    lina.keyboard.type(GOOD)
    tab_to(lina, lina.locator(".r-approve .btn-primary"))
    lina.keyboard.press("Enter")
    desk.wait_for("SELECT state = 'approved' FROM tickets_approval WHERE ticket_id = %s", ticket)
    desk.let_out(ticket)
    sent = """SELECT count(*) = 1 FROM ingest_delivery d JOIN tickets_ticketmessage e USING (message_id)
               WHERE e.ticket_id = %s AND d.state = 'sent'"""
    desk.wait_for(sent, ticket)


def test_under_an_arabic_layout_the_places_of_the_keys_do_the_same(
    people: People, desk: Corner, problems: list[str]
) -> None:
    """An Arabic keyboard reports letters of its own; `ث` lies where e does, `ه` where i does."""
    page = seated(people, desk, "huda", problems)
    ticket = opened(page)
    typed(page, "ه", "KeyI")
    desk.wait_for("SELECT assignee_id = %s FROM tickets_ticket WHERE id = %s", desk.person("huda"), ticket)
    typed(page, "ث", "KeyE")
    desk.wait_for("SELECT status = 'resolved' FROM tickets_ticket WHERE id = %s", ticket)


def typed(page: Page, key: str, code: str) -> None:
    page.evaluate(
        "([key, code]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true}))",
        [key, code],
    )
