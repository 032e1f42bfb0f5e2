"""What a list page weighs: fifty rows with everything a row can show, uncompressed."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ingest.models import Channel, Contact
from tests.tickets.views.conftest import HTMX
from tickets.listing.lists import PAGE_SIZE
from tickets.models import Incident, Tag, Ticket

MOST = 60 * 1024
# Two full lines of the list.
SAID = {
    "en": "I have been waiting for three weeks, nobody calls back, the line is down again and you still charge my card",
    "ar": "أنتظر منذ ثلاثة أسابيع ولا أحد يعاود الاتصال بي والخط مقطوع مرة أخرى وما زلتم تخصمون من بطاقتي",
}


@pytest.fixture
def _heavy(channel: Channel, agent: User) -> None:
    """A page and one more: long names and handles, long words in both languages, clocks, moods that moved, two tags, a
    chip and an assignee in every row.
    """
    now, brand = timezone.now(), channel.brand
    User.objects.filter(pk=agent.pk).update(preferences={"tour": [agent.role]})
    names = (("Invoices", "الفواتير"), ("Fibre north", "ألياف الشمال"))
    tags = [Tag.objects.create(name=name, name_ar=arabic, brand=brand).pk for name, arabic in names]
    contacts = Contact.objects.bulk_create(
        Contact(brand=brand, platform="mastodon", external_id=f"c{n}", handle=f"abdulrahman_{n:03}",
                name=("Abdulrahman M. Al-Otaibi", "عبد الرحمن محمد العتيبي")[n % 2])
        for n in range(PAGE_SIZE + 1)
    )  # fmt: skip
    channel.platform = "mastodon"
    channel.save()
    Ticket.objects.bulk_create(
        Ticket(brand=brand, channel=channel, contact=contact, assignee=agent, status="open", urgency="high", tags=tags,
               language=language, preview=SAID[language], preview_language=language, opened_at=now, updated_at=now,
               waiting_since=now - timedelta(hours=5), due_at=now + timedelta(minutes=n - 20), position=12,
               first_valence=-0.1, latest_valence=-0.87, lift=None,
               why=[{"code": "complaint", "trigger": "delay_or_outage", "aim": "solution"}])
        for n, contact in enumerate(contacts) for language in [("en", "ar")[n % 2]]
    )  # fmt: skip


@pytest.mark.usefixtures("_heavy")
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("slug", ["mine", "all"])
def test_a_page_of_fifty_heavy_rows_weighs_at_most_sixty_kilobytes(desk: Client, slug: str, language: str) -> None:
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    weigh(desk, slug)


@pytest.mark.usefixtures("_heavy")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_rows_of_an_incident_weigh_no_more(desk: Client, channel: Channel, language: str) -> None:
    name = "Fibre is down in the north since Sunday" if language == "en" else "انقطاع الألياف في شمال الرياض"
    outage = Incident.objects.create(brand=channel.brand, name=name, begins_at=timezone.now())
    Ticket.objects.update(incident=outage)
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert weigh(desk, "all").count(name) == PAGE_SIZE


def weigh(desk: Client, slug: str) -> str:
    """The rows of a list whose page is not too heavy."""
    page = desk.get(f"/inbox/{slug}/").content
    rows = desk.get(f"/inbox/{slug}/?part=rows", headers=HTMX).content
    assert page.count(b'<li id="t-') == rows.count(b'<li id="t-') == PAGE_SIZE
    assert len(page) <= MOST, f"{len(page)} bytes, of which {len(rows)} are rows"
    return rows.decode()
