"""Times are told in the zone, the calendar and the figures of whoever reads them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from accounts.reckoning import Reckoning, reckoned, zone_of
from tests.cast import a_brand, a_person
from tickets.views.marks import when

AT = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def told(zone: str, way: Reckoning, language: str = "en") -> str:
    with timezone.override(zone), reckoned(way), translation.override(language):
        return str(when(AT, NOW)).split(">")[1].split("<")[0]


@pytest.mark.parametrize(
    ("zone", "way", "language", "meant"),
    [
        ("UTC", Reckoning(), "en", "21 Nov 22:30"),
        ("Asia/Riyadh", Reckoning(), "en", "22 Nov 01:30"),
        ("Asia/Riyadh", Reckoning("hijri"), "en", "12 Jumada al-Akhirah 01:30"),
        ("Asia/Riyadh", Reckoning("hijri", "arabic"), "ar", "١٢ جمادى الآخرة ٠١:٣٠"),
        ("UTC", Reckoning("gregorian", "arabic"), "ar", "٢١ نوفمبر ٢٢:٣٠"),
    ],
)
def test_one_moment_as_each_reads_it(zone: str, way: Reckoning, language: str, meant: str) -> None:
    assert told(zone, way, language) == meant


def test_the_machine_reads_the_moment_itself() -> None:
    with timezone.override("UTC"), reckoned(Reckoning("hijri", "arabic")):
        assert 'datetime="2026-11-21T22:30+00:00"' in when(AT, NOW)


def test_a_year_that_is_another_is_told_and_one_beyond_the_tables_is_gregorian() -> None:
    with timezone.override("UTC"), reckoned(Reckoning("hijri")), translation.override("en"):
        assert "1447 AH" in when(AT.replace(year=2025), NOW)
        assert "2090" in when(AT.replace(year=2090), NOW)


def test_a_zone_nobody_knows_is_the_desks(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Riyadh"
    assert str(zone_of(User(time_zone="Mars/Olympus"))) == "Asia/Riyadh"
    assert str(zone_of(User(time_zone="Africa/Cairo"))) == "Africa/Cairo"


@pytest.mark.django_db
def test_people_say_so_on_their_own_page_and_nobody_elses_is_touched() -> None:
    person, other = a_person(a_brand(), name="Huda"), a_person()
    client = Client()
    client.force_login(person)
    assert client.post("/profile/", {"name": "Huda A.", "time_zone": "Africa/Cairo"}).status_code == 302
    client.post("/preferences/", {"calendar": "hijri"})
    client.post("/preferences/", {"numerals": "arabic", "contrast": "more"})
    kept = User.objects.get(pk=person.pk)
    assert (kept.name, kept.time_zone, kept.calendar, kept.numerals) == ("Huda A.", "Africa/Cairo", "hijri", "arabic")
    assert 'data-contrast="more"' in client.get("/profile/").content.decode()
    assert User.objects.get(pk=other.pk).calendar == "gregorian"


@pytest.mark.django_db
@pytest.mark.parametrize("data", [{"name": "", "time_zone": ""}, {"name": "Huda", "time_zone": "Mars/Olympus"}])
def test_a_name_is_needed_and_a_zone_must_be_one(data: dict[str, str]) -> None:
    client = Client()
    client.force_login(a_person(a_brand()))
    assert client.post("/profile/", data).status_code == 422
