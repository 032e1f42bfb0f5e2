"""Settings: the record of changes on its page and as a table."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from accounts import audit
from accounts.models import Role, User
from tests.cast import a_brand, a_channel, a_person
from tests.tickets.views.conftest import signed_in


@pytest.fixture
def lina() -> User:
    return a_person(role=Role.ADMIN, name="Lina", time_zone="Asia/Riyadh")


@pytest.fixture
def admin(lina: User) -> Client:
    return signed_in(lina)


def names(client: Client, query: str = "") -> list[str]:
    """The names of what was changed, as the page shows them."""
    return [line.name for line in client.get(f"/settings/record/{query}").context["lines"]]


def test_it_is_for_admins(desk: Client, supervisor: Client) -> None:
    for client in (desk, supervisor):
        assert client.get("/settings/record/").status_code == 403
        assert client.get("/settings/record.csv").status_code == 403


def test_the_newest_stands_first_and_pages_neither_skip_nor_repeat(admin: Client, lina: User) -> None:
    for number in range(120):
        audit.record(lina, "brand.made", a_brand(f"B{number}"))
    seen, address = [], ""
    while True:
        page = admin.get(f"/settings/record/{address}")
        seen += [line.name for line in page.context["lines"]]
        # What comes meanwhile stands before what was shown.
        audit.record(None, "brand.made", a_brand())
        if not page.context["next"]:
            break
        address = f"?before={page.context['next']}"
        assert f"before={page.context['next']}" in page.content.decode()
    assert seen == [f"B{number}" for number in reversed(range(120))]


def test_it_is_narrowed_by_person_by_kind_and_by_day_of_who_reads(admin: Client, lina: User) -> None:
    huda = a_person(name="Huda")
    # Half past nine in the evening in London is the next day in Riyadh.
    for day, who, what in ((1, lina, "brand"), (2, huda, "channel"), (3, None, "brand")):
        with travel(datetime(2026, 11, day, 21, 30, tzinfo=UTC), tick=False):
            thing = a_brand(f"Brand {day}") if what == "brand" else a_channel(name=f"Channel {day}")
            audit.record(who, f"{what}.made" if what == "brand" else "channel.paused", thing)
    assert names(admin, f"?person={huda.pk}") == ["Channel 2"]
    assert names(admin, "?person=0") == ["Brand 3"]
    assert names(admin, "?kind=brands") == ["Brand 3", "Brand 1"]
    assert names(admin, "?since=2026-11-03&until=2026-11-03") == ["Channel 2"]
    assert names(admin, "?until=2026-11-02") == ["Brand 1"]


@pytest.mark.parametrize("query", ["?person=x", "?kind=x", "?since=x&until=9999-12-31", "?before=x", "?before=-1"])
def test_what_makes_no_sense_narrows_nothing(admin: Client, lina: User, query: str) -> None:
    audit.record(lina, "brand.made", a_brand("Nawa"))
    assert names(admin, query) == ["Nawa"]


def test_it_speaks_the_language_of_who_reads(lina: User, admin: Client) -> None:
    audit.record(lina, "person.changed", a_person(name="Huda"), changed={"capacity": [10, 12]})
    admin.post("/preferences/", {"language": "ar"})
    html = admin.get("/settings/record/").content.decode()
    assert "تغيير" in html
    assert "person.changed" not in html


def test_the_table_holds_what_fits_and_no_cell_is_a_formula(admin: Client, lina: User) -> None:
    audit.record(lina, "brand.made", a_brand('=HYPERLINK("http://evil.example","x")'))
    audit.record(lina, "channel.paused", a_channel(name="@nawa"))
    audit.record(lina, "brand.renamed", a_brand("Nawa"), was=["\u2068=1+1", ""])
    response = admin.get("/settings/record.csv?kind=brands")
    assert response.headers["Content-Disposition"] == 'attachment; filename="radd-record.csv"'
    text = response.content.decode("utf-8-sig")
    head, renamed, made = csv.reader(StringIO(text))
    assert head[0] == "When"
    assert (made[1], made[3], made[5]) == ("Lina", '\'=HYPERLINK("http://evil.example","x")', "brand.made")
    assert renamed[4] == "before: =1+1"
    whole = admin.get("/settings/record.csv").content.decode("utf-8-sig")
    assert "'@nawa" in whole
    for row in csv.reader(StringIO(whole)):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_page_asks_the_same_however_long_the_record_is(admin: Client, lina: User) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get("/settings/record/").status_code == 200
        return len(queries)

    audit.record(lina, "brand.made", a_brand())
    asked()
    before = asked()
    for _each in range(60):
        audit.record(lina, "brand.made", a_brand())
    assert asked() == before <= 8
