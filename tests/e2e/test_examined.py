"""Examining by keys: each press moves on to the next row, and an undo comes back to the row it gives back."""

from playwright.sync_api import Page, expect

from tests.e2e import customers
from tests.e2e.desk import Corner
from tests.e2e.people import People

SET_ASIDE = """disposition IN ('no_answer', 'spam') AND state = 'triaged' AND decided_by_id IS NULL
           AND examined_at IS NULL AND deleted_at IS NULL AND channel_id = %s"""


def doubtful(desk: Corner, least: int) -> list[int]:
    """Let the model be less sure of some messages than of any other set aside; their ids, most doubtful first."""
    desk.post(*customers.praise(least))
    desk.wait_for(f"SELECT count(*) >= %s FROM ingest_message WHERE {SET_ASIDE}", least, desk.channel, seconds=90)
    rows = desk.rows(
        "UPDATE ingest_message m SET follow_up = 0.6999 - n.turn * 0.0001, threshold = 0.7, person_said = '{follow_up}'"
        f" FROM (SELECT id, row_number() OVER (ORDER BY id) AS turn FROM ingest_message WHERE {SET_ASIDE}"
        " ORDER BY id LIMIT %s) n WHERE n.id = m.id RETURNING m.id, n.turn",
        desk.channel,
        least,
    )
    return [int(str(pk)) for pk, _turn in sorted(rows, key=lambda row: int(str(row[1])))]


def in_hand(page: Page, pk: int) -> None:
    expect(page.locator(f'article[data-message="{pk}"]')).to_be_focused()


def test_rows_are_examined_one_after_the_other_by_keys(people: People, desk: Corner) -> None:
    problems: list[str] = []
    first, second, third, fourth = doubtful(desk, 4)
    page = people.sign_in("lina")
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/monitor/examined/")
    in_hand(page, first)
    page.keyboard.press("c")
    in_hand(page, second)
    expect(page.locator(f"#x-{first}[data-gone]")).to_be_visible()
    page.keyboard.press("o")
    in_hand(page, third)
    expect(page.locator(f"#x-{second}[data-gone] a")).to_be_visible()
    desk.wait_for("SELECT disposition = 'awaiting' FROM ingest_message WHERE id = %s", second)
    page.keyboard.press("z")
    in_hand(page, second)
    desk.wait_for("SELECT examined_at IS NULL FROM ingest_message WHERE id = %s", second)
    page.keyboard.press("j")
    in_hand(page, third)
    page.keyboard.press("k")
    # Two quick presses are meant for two rows.
    page.keyboard.press("c")
    page.keyboard.press("c")
    in_hand(page, fourth)
    desk.wait_for(
        "SELECT count(*) = 3 FROM tickets_examination WHERE taken_back_at IS NULL AND verdict = 'confirmed'"
        " AND message_id = ANY(%s)",
        [first, second, third],
    )
    assert problems == []


def test_the_last_one_examined_leaves_the_focus_on_what_comes_next(people: People, desk: Corner) -> None:
    doubtful(desk, 1)
    page = people.sign_in("lina")
    page.goto("/monitor/examined/")
    rows, hint = page.locator("#list article[data-message]"), page.locator("#examine .r-hint")
    for _ in range(60):
        expect(rows.first.or_(hint)).to_be_visible()
        if hint.is_visible():
            break
        left = rows.count()
        page.keyboard.press("c")
        expect(rows.nth(left - 1)).to_have_count(0)
    expect(page.locator("#examine :focus")).to_have_count(1)


def test_a_whole_page_is_confirmed_and_the_next_comes_by_itself(people: People, desk: Corner) -> None:
    doubtful(desk, 3)
    page = people.sign_in("omar", phone=True)
    page.goto("/monitor/examined/")
    before = int(page.locator("#examine-unsure").inner_text().rstrip("+"))
    page.locator("#confirm-all").click()
    expect(page.locator("#examine-undo")).to_be_visible()
    page.locator("#examine-undo").click()
    expect(page.locator("#examine-undo")).to_have_count(0)
    expect(page.locator("#list article[data-message]").first).to_be_visible()
    assert int(page.locator("#examine-unsure").inner_text().rstrip("+")) >= before
