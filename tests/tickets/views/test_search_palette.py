"""The palette: verbs, lists, tickets and people by their words in either language."""

import re

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_ticket
from tests.tickets.listing.search.conftest import work_off_words
from tests.tickets.views.conftest import signed_in
from tickets.listing.palette import commands, places
from tickets.models import SavedView, Ticket


def options(desk: Client, typed: str, on: str = "ticket") -> list[str]:
    """The options that come up, as their first words, in order."""
    work_off_words()
    html = desk.get("/palette", {"q": typed, "on": on}).content.decode()
    found = re.findall(r'role="option" id="([^"]*)"(.*?)</div>', html, re.DOTALL)
    return [f"{pk}:{re.sub(r'<[^>]+>', ' ', rest.split('>', 1)[1]).strip().split('  ')[0]}" for pk, rest in found]


def test_verbs_come_first_then_lists_tickets_and_people(desk: Client, channel: Channel) -> None:
    a_ticket(channel, "my reply is wrong", by="replman")
    kinds = [option[:2] for option in options(desk, "re")]
    assert kinds == sorted(kinds, key=["pv", "pl", "pt", "pp", "p-"].index)
    assert {"pv", "pt", "p-"} <= set(kinds)


@pytest.mark.parametrize("typed", ["resol", "RESOLVE OR", "حل", "أعد"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_verb_is_found_in_both_languages_whatever_the_page_speaks(agent: User, typed: str, language: str) -> None:
    desk = signed_in(agent, accept_language=language)
    html = desk.get("/palette", {"q": typed, "on": "ticket"}).content.decode()
    assert 'data-press="e"' in html


def test_every_verb_has_a_name_in_each_language_and_one_key() -> None:
    assert {"r", "n", "i", "a", "⇧A", "e", "c", "o", "]", "?", "."} <= {command.key for command in commands()}
    for command in commands():
        assert [language for language, _label in command.labels] == ["en", "ar"]
        with override("ar"):
            assert re.search("[\u0600-\u06ff]", command.label), command.label


def test_verbs_that_want_a_ticket_are_offered_where_one_is_open(desk: Client) -> None:
    assert any("pv" in option for option in options(desk, "resolve", on="ticket"))
    assert not any("pv" in option for option in options(desk, "resolve", on="list"))
    assert not any("pv" in option for option in options(desk, "show what", on="page"))


@pytest.mark.parametrize("typed", ["filter", "order", "take the next", "rows", "ترتيب"])
def test_what_is_done_to_a_list_is_offered_where_one_is(desk: Client, typed: str) -> None:
    assert any("pv" in option for option in options(desk, typed, on="list"))
    assert not any("pv" in option for option in options(desk, typed, on="page"))


@pytest.mark.parametrize("typed", ["saved", "محفوظة", "notices", "mentions"])
def test_every_line_of_the_rail_is_a_place(desk: Client, typed: str) -> None:
    assert any(option.startswith("pl") for option in options(desk, typed, on="page"))


def test_no_two_places_of_a_page_have_the_same_key(desk: Client) -> None:
    found = re.findall(r'data-key="(g \w)"', desk.get("/inbox/mine/").content.decode())
    assert sorted(found) == sorted(set(found))
    assert "g n" in found


def test_places_are_those_this_person_may_go_to(agent: User) -> None:
    urls = {place.url for place in places(agent)}
    assert {"/inbox/mine/", "/search/", "/monitor/examined/"} <= urls
    assert "/monitor/books/" not in urls
    assert "/monitor/books/" in {place.url for place in places(a_person(role=Role.ADMIN))}


def test_tickets_come_by_number_customer_and_words(desk: Client, channel: Channel) -> None:
    ticket = a_ticket(channel, "my parcel is wrong", by="layan")
    for typed in (str(ticket.pk), f"#{ticket.pk}", "parc", "layan"):
        assert any(option.startswith(f"pt-{ticket.pk}:") for option in options(desk, typed)), typed


def test_people_come_by_name_or_handle_each_once(desk: Client, channel: Channel) -> None:
    for text in ("my parcel is wrong", "it is down again"):
        a_ticket(channel, text, by="layan")
        Ticket.objects.update(status="closed")
    a_ticket(channel, "layan is wrong", by="omar")
    people = [option for option in options(desk, "lay") if option.startswith("pp")]
    assert [person.split(":")[1] for person in people] == ["Layan"]


def test_other_teams_tickets_and_people_do_not_come_up(desk: Client) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), "my parcel is wrong", by="stranger")
    for typed in ("parcel", "stranger", str(elsewhere.pk)):
        assert not [option for option in options(desk, typed) if option[:2] in {"pt", "pp"}]


def test_what_is_typed_stays_words(desk: Client) -> None:
    html = desk.get("/palette", {"q": "<img src=x onerror=alert(1)>"}).content.decode()
    assert "<img" not in html
    assert "&lt;img" in html


def test_every_page_has_the_palette_and_a_way_to_search(desk: Client) -> None:
    html = desk.get("/inbox/mine/").content.decode()
    furniture = re.search(r'src="(/furniture/en\.[0-9a-f]+\.js)"', html)
    assert furniture
    assert 'id=\\"palette\\"' in desk.get(furniture[1]).content.decode()
    assert 'data-key="/"' in html


def test_saved_views_are_found_by_their_names_each_by_those_who_see_it(desk: Client, agent: User) -> None:
    mine = SavedView.objects.create(name="غاضبون بالعربية", owner=agent, query={"list": "team", "language": "ar"})
    SavedView.objects.create(name="غاضبون جدا", owner=a_person(), query={"list": "all"})
    html = desk.get("/palette", {"q": "غاضب", "on": "list"}).content.decode()
    assert f"/inbox/team/?language=ar&amp;sort=next&amp;saved={mine.pk}" in html
    assert "غاضبون جدا" not in html
    assert "غاضبون" not in desk.get("/palette", {"q": "", "on": "list"}).content.decode()
