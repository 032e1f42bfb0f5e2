"""The pages of saved views: saving what is on the screen, and keeping order among them."""

from django.test import Client

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_person
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.models import SavedView, Ticket


def save(desk: Client, name: str = "Angry, Arabic", **given: str) -> str:
    sent = {"name": name, "whose": "own", "list": "unassigned", "query": "language=ar&sort=negative&saved=7"} | given
    response = desk.post("/views/new", sent)
    assert response.status_code == 302
    return str(response.headers["Location"])


def test_the_list_on_the_screen_is_saved_and_stands_in_the_rail_with_its_count(
    desk: Client, ticket: Ticket, agent: User
) -> None:
    address = save(desk, query="language=en&sort=negative")
    view = SavedView.objects.get()
    assert view.query == {"list": "unassigned", "language": "en"}
    assert (view.sort, view.owner) == ("negative", agent)
    Ticket.objects.update(language="en")
    html = desk.get(address).content.decode()
    assert f'data-count="saved-{view.pk}">1<' in html
    assert '<h1 class="not-phone clip" dir="auto">Angry, Arabic</h1>' in html
    assert f'id="t-{ticket.pk}"' in html
    assert (
        f"saved={view.pk}" in desk.get(f"/inbox/unassigned/{ticket.pk}/?{address.partition('?')[2]}").content.decode()
    )
    assert f'data-count="saved-{view.pk}"' in desk.get("/inbox/mine/changes", headers=HTMX).content.decode()


def test_a_view_is_renamed_moved_removed_and_brought_back(desk: Client) -> None:
    for name in ("One", "Two"):
        save(desk, name)
    one, two = SavedView.objects.order_by("position")
    desk.post(f"/views/{one.pk}", {"name": "Uno", "whose": "own"})
    one.refresh_from_db()
    assert (one.name, one.sort, one.query) == ("Uno", "negative", {"list": "unassigned", "language": "ar"})
    desk.post(f"/views/{two.pk}/move", {"to": "up"})
    html = desk.get("/views/").content.decode()
    body = html[html.index('class="r-kept"') :]
    assert body.index("Two") < body.index("Uno")
    assert "Arabic" in body
    assert "Most negative first" in body
    desk.post(f"/views/{two.pk}/remove")
    removed = desk.get("/views/").content.decode()
    assert "was removed" in removed
    assert '<button class="btn" data-undo data-arrive>' in removed
    desk.post("/views/back")
    assert list(SavedView.objects.values_list("name", flat=True)) == ["Two", "Uno"]
    assert "was removed" not in desk.get("/views/").content.decode()


def test_filters_of_an_open_view_are_kept_in_it(desk: Client) -> None:
    save(desk)
    view = SavedView.objects.get()
    desk.post(f"/views/{view.pk}", {"list": "team", "query": "sentiment=negative"})
    view.refresh_from_db()
    assert (view.query, view.sort) == ({"list": "team", "sentiment": "negative"}, "next")


def test_the_views_of_others_do_not_exist(desk: Client, channel: Channel) -> None:
    save(signed_in(a_person(channel.brand)))
    view = SavedView.objects.get()
    for address in (f"/views/{view.pk}", f"/views/{view.pk}/move", f"/views/{view.pk}/remove"):
        assert desk.post(address, {"name": "x"}).status_code == 404
    assert SavedView.objects.get().name == "Angry, Arabic"


def test_an_agent_keeps_nothing_for_everyone(desk: Client) -> None:
    assert save(desk, whose="everyone") == "/views/"
    assert not SavedView.objects.exists()
    assert "Supervisors keep what others see" in desk.get("/views/").content.decode()


def test_a_team_sees_what_its_supervisor_keeps(supervisor: Client, desk: Client) -> None:
    save(supervisor, "Outage, west", whose="team")
    assert "Outage, west" in desk.get("/inbox/mine/").content.decode()


def test_without_any_the_page_says_how_to_make_one(desk: Client) -> None:
    assert "No saved views yet" in desk.get("/views/").content.decode()


def test_chips_take_one_filter_away_each(desk: Client, ticket: Ticket) -> None:
    html = desk.get("/inbox/unassigned/?language=en&status=new&status=open&sort=oldest").content.decode()
    assert 'href="/inbox/unassigned/?status=new&amp;status=open&amp;sort=oldest"' in html
    assert 'href="/inbox/unassigned/?status=open&amp;language=en&amp;sort=oldest"' in html
    assert "No filters" not in html
    assert "No filters" in desk.get("/inbox/unassigned/").content.decode()


def test_the_first_nine_views_have_a_key_in_their_order(desk: Client) -> None:
    for n in range(10):
        save(desk, f"View {n}")
    rail = desk.get("/inbox/mine/").content.decode().split('id="rail-links"')[1].split("</nav>")[0]
    assert [f"(g {n})" in rail for n in range(1, 11)] == [True] * 9 + [False]
    assert rail.index("View 0 (g 1)") < rail.index("View 8 (g 9)")
