"""List rows: written by hand for speed, so held to escaping by hand too."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from tickets.listing.lists import VIEWS, Row
from tickets.models import Ticket
from tickets.views.rows import RowPainter

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NASTY = st.text(alphabet=st.sampled_from("ab<>&\"'/= {}%ع\u202e"), max_size=24)


def a_row(**given: object) -> Row:
    values: dict[str, object] = {
        "id": 7, "subject": "Bill", "preview": "my bill is wrong", "preview_language": "en", "status": "open",
        "urgency": "normal", "priority": 3, "due_at": NOW + timedelta(minutes=41, seconds=30), "waiting_since": NOW,
        "opened_at": NOW, "updated_at": NOW, "snoozed_until": None, "breached_at": None, "awaits_approval": False,
        "escalated": False, "tags": [], "first_valence": -0.4, "latest_valence": -0.72, "lift": None,
        "why": [{"code": "complaint"}], "position": 1, "assignee_id": None, "assignee": None, "name": "Reem O.",
        "handle": "reem", "external_id": "1", "platform": "x",
    }  # fmt: skip
    return Row(**(values | given))


def paint(row: Row, slug: str = "mine", **given: object) -> str:
    return RowPainter(VIEWS[slug], NOW, **given).row(row)


class Shape(HTMLParser):
    """The elements and attribute names of a piece of HTML, without its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, [name for name, _value in attrs]))


@given(name=NASTY, handle=NASTY, preview=NASTY, assignee=NASTY, language=NASTY, incident=NASTY)
def test_nothing_from_outside_becomes_markup(
    name: str, handle: str, preview: str, assignee: str, language: str, incident: str
) -> None:
    plain = a_row(name="n", handle="h", preview="p", assignee="a", preview_language="xx", incident="i")
    nasty = a_row(
        name=f"n{name}",
        handle=f"h{handle}",
        preview=f"p{preview}",
        assignee=f"a{assignee}",
        preview_language=f"xx{language}",
        incident=f"i{incident}",
    )
    assert Shape(paint(nasty, "all")).elements == Shape(paint(plain, "all")).elements


def test_a_row_says_who_what_how_and_how_long() -> None:
    html = paint(a_row())
    for part in ("Reem O.", "@reem", "my bill is wrong", "−0.72", "complains", "41:30", 'href="/inbox/mine/7/"'):
        assert part in html
    assert 'class="r-row unread"' in html


def test_a_row_says_why_and_that_an_answer_is_needed_only_where_no_reason_was_named() -> None:
    sure = {"code": "follow_up", "p": 0.87}
    complaint = {"code": "complaint", "trigger": "unresponsive", "aim": "apology"}
    html = paint(a_row(why=[complaint, {"code": "question"}, sure]))
    assert "complains: no response, wants an apology, asks a question" in html
    assert "probably" not in html
    assert "probably needs an answer" in paint(a_row(why=[sure]))


def test_the_same_reason_with_another_cause_is_another_phrase() -> None:
    causes = [[{"code": "complaint", "trigger": cause}] for cause in ("rudeness", "overcharging")]
    html = RowPainter(VIEWS["mine"], NOW).rows([a_row(why=why) for why in causes])
    assert "complains: rudeness" in html
    assert "complains: overcharging" in html


@pytest.mark.parametrize(
    ("minutes", "css", "text"),
    [(41, "r-clock ", "41:00"), (12, "r-clock soon", "12:00"), (-4, "r-clock late", "−04:00")],
)
def test_the_clock_changes_shape_and_colour(minutes: int, css: str, text: str) -> None:
    html = paint(a_row(due_at=NOW + timedelta(minutes=minutes), waiting_since=NOW - timedelta(minutes=1)))
    assert f'class="{css}"' in html
    assert f">{text}<" in html


def test_long_targets_turn_amber_in_their_last_quarter() -> None:
    row = a_row(due_at=NOW + timedelta(hours=2), waiting_since=NOW - timedelta(hours=8))
    assert "r-clock soon" in paint(row)


@pytest.mark.parametrize("status", [status for status in Ticket.Status.values if status not in {"new", "open"}])
def test_a_clock_at_rest_says_why(status: str) -> None:
    html = paint(a_row(status=status))
    assert "data-due" not in html
    assert "r-clock pause" in html


def test_one_chip_at_most_and_the_gravest() -> None:
    assert paint(a_row(urgency="high", lift=0.5)).count("r-chip") == 1
    assert "Urgent" in paint(a_row(urgency="high", lift=0.5))
    assert "Better" in paint(a_row(lift=0.5))
    assert "Worse" in paint(a_row(lift=-0.5))
    assert "r-chip" not in paint(a_row(lift=0.1))
    assert "Approval" in paint(a_row(awaits_approval=True, priority=1, lift=0.5))
    assert "Escalated" in paint(a_row(escalated=True, awaits_approval=True))
    assert "Escalated" not in paint(a_row(escalated=True, status="closed"))
    assert ">High<" in paint(a_row(priority=2))
    assert "Urgent" in paint(a_row(priority=1))


def test_whose_it_is_stands_where_several_people_have_tickets() -> None:
    row = a_row(assignee="Huda Al-Amri")
    assert 'role=img title="assigned to Huda Al-Amri"' in paint(row, "all")
    assert "Huda" not in paint(row, "mine")


def test_a_row_is_unread_until_this_person_has_seen_all_of_it() -> None:
    assert 'class="r-row unread"' in paint(a_row(position=3, seen=2))
    assert "unread" not in paint(a_row(position=3, seen=3))
    # Nobody waits: there is nothing to read for an answer.
    assert "unread" not in paint(a_row(waiting_since=None))
    assert "unread" not in paint(a_row(status="pending"))


def test_two_tags_at_most_and_only_those_that_are_still_there() -> None:
    html = paint(a_row(tags=[4, 9, 5]), tags={4: "<Bill>", 5: "Third"})
    assert "&lt;Bill&gt;" in html
    assert "Third" not in html
    assert html.split("<span class=tags>")[1].split("</span>")[0].count("<bdi>") == 1


def test_a_row_says_which_open_incident_it_belongs_to() -> None:
    html = paint(a_row(incident="Fibre is down in the <north>", urgency="high"))
    assert '</em><bdi title="Fibre is down in the &lt;north&gt;">Fibre is down in th…</bdi>' in html
    # It takes no other chip's place, and a row is one link.
    assert "Urgent" in html
    assert html.count("<a ") == 1
    assert ">Twenty letters whole<" in paint(a_row(incident="Twenty letters whole"))
    assert ">Twenty letters, who…<" in paint(a_row(incident="Twenty letters, whole"))
    assert "</em><bdi" not in paint(a_row())


def test_tags_leave_their_room_to_the_incident() -> None:
    assert "class=tags" in paint(a_row(tags=[4]), tags={4: "Bill"})
    assert "class=tags" not in paint(a_row(tags=[4], incident="Outage"), tags={4: "Bill"})


def test_what_sleeps_says_until_when() -> None:
    with timezone.override(UTC):
        assert "until 18:30" in paint(a_row(status="snoozed", snoozed_until=NOW.replace(hour=18, minute=30)))
        assert "until 24 Nov 09:00" in paint(a_row(status="snoozed", snoozed_until=NOW.replace(day=24, hour=9)))
    assert "until they write" in paint(a_row(status="snoozed"))


def test_numbers_with_arabic_units_are_not_forced_left_to_right() -> None:
    with translation.override("ar"):
        html = paint(a_row(due_at=NOW - timedelta(hours=3), waiting_since=NOW - timedelta(hours=4)))
    assert "<b>\u200e−3" in html


def test_the_open_row_and_the_filters_are_kept_in_the_row() -> None:
    html = paint(a_row(), current=7, query="channel=1&language=ar")
    assert "aria-current=true" in html
    assert 'href="/inbox/mine/7/?channel=1&amp;language=ar"' in html
