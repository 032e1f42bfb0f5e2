"""Every page, in both languages, light and dark, wide and narrow: it answers, nothing overflows, axe finds nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import Desk, People

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = [
    "/inbox/mine/",
    "/inbox/unassigned/",
    "/inbox/all/",
    "TICKET",
    "/monitor/books/",
    "/monitor/channels/",
    "/monitor/examined/",
    "/monitor/examined/?list=sampled",
    "/monitor/drift/",
    "/monitor/readers/",
    "/analyse/",
]


@pytest.fixture(scope="module")
def busy(desk: Desk) -> Desk:
    """A desk with something to see on every page of Monitor."""
    furnish(desk)
    return desk


def furnish(desk: Desk) -> None:
    """Weeks, the last one in alarm; a message that nobody could read; a model on trial that has read a few."""
    desk.rows(
        """INSERT INTO ingest_readingweek (channel_id, language, week, messages, sentiment, urgency, reasons, follow_up,
                                           uncertainty, corrected, readers, shift, alarms)
           SELECT c.id, speech.code, date_trunc('week', now())::date - 7 * n, 400 - 20 * n,
                  CASE n WHEN 0 THEN '{"negative": 240, "neutral": 80, "positive": 80}'::jsonb
                         ELSE '{"negative": 150, "neutral": 150, "positive": 80}'::jsonb END,
                  '{"high": 40, "normal": 280, "low": 80}', '{"complaint": 140, "question": 90, "fault_report": 70}',
                  '{"yes": 220, "no": 180}', 0.18, '{"sentiment": 6}', '{"radd-reader 1": 400}',
                  CASE n WHEN 0 THEN '{"sentiment": 0.31}'::jsonb ELSE '{}'::jsonb END,
                  CASE n WHEN 0 THEN ARRAY['sentiment'] ELSE '{}'::varchar[] END
             FROM ingest_channel c, unnest(ARRAY['ar', 'en', 'fr']) speech (code), generate_series(0, 5) n
           ON CONFLICT DO NOTHING"""
    )
    first = desk.value("SELECT min(id) FROM ingest_message")
    desk.rows("UPDATE ingest_message SET read_error = 'no such word' WHERE id = %s", first)
    desk.rows(
        """INSERT INTO ingest_readermodel (name, model, version, spec, role, metrics, added_at, shadow_after, tries,
                                           trouble)
           SELECT 'the next one', reader, reader_version, 'onnx', 'challenger', '{}', now(), greatest(id - 30, 0), 0, ''
             FROM ingest_message WHERE reader <> '' ORDER BY id DESC LIMIT 1 ON CONFLICT DO NOTHING"""
    )
    desk.wait_for("SELECT count(*) > 0 FROM ingest_shadowreading WHERE at IS NOT NULL", seconds=90)
    # The two are one model in this test: let them differ, so that there is something to compare.
    desk.rows(
        """UPDATE ingest_shadowreading SET sentiment = 'neutral', live_sentiment = 'negative', differs = '{sentiment}'
            WHERE at IS NOT NULL"""
    )


@pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_are_whole_and_accessible(people: People, busy: Desk, language: str, dark: bool, phone: bool) -> None:
    page = people.sign_in("lina", dark=dark, phone=phone)
    choose_language(page, language)
    problems = []
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    ticket = busy.value("SELECT id FROM tickets_ticket ORDER BY position DESC, id LIMIT 1")
    for address in PAGES:
        path = f"/inbox/all/{ticket}/" if address == "TICKET" else address
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{path} is {wider} px too wide"
        problems += [f"{path}: {violation}" for violation in violations(page)]
    assert problems == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def choose_language(page: Page, language: str) -> None:
    """As a person chooses it among their preferences."""
    page.goto("/profile/")
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]").first.click()
        page.wait_for_selector(f"html[lang={language}]")


def test_sign_in_speaks_arabic_before_anyone_has_signed_in(people: People) -> None:
    page = people.window(locale="ar-SA")
    page.goto("/sign-in/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert violations(page) == []


def test_a_wrong_password_says_what_to_do_and_keeps_the_address(people: People) -> None:
    page = people.window()
    page.goto("/sign-in/")
    page.locator("input[name=username]").fill("nobody@nawa.example")
    page.locator("input[name=password]").fill("not this one")
    page.locator("form .btn-primary").click()
    assert page.locator("[role=alert]").is_visible()
    assert page.locator("input[name=username]").input_value() == "nobody@nawa.example"


def test_a_page_of_another_address_says_so_in_our_look(people: People) -> None:
    page = people.sign_in("omar")
    answer = page.goto("/inbox/all/999999/")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("a[href]").count() > 0
