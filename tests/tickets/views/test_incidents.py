"""Pages of incidents: their list, one with its figures, the form, telling everybody, and a ticket's own menu."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Brand, User
from ingest.models import Channel, Delivery
from tests.cast import a_brand, a_ticket, fresh
from tests.tickets.incidents.conftest import an_incident
from tests.tickets.views.conftest import HTMX
from tickets.incidents import audience, figures, updates
from tickets.models import BulkAction, Incident, IncidentUpdate, Surge, Ticket

pytestmark = pytest.mark.django_db
WORDS = {"text_en": "The fibre is being repaired, back by six tonight.", "text_ar": ""}


@pytest.fixture
def outage(brand: Brand, channel: Channel) -> Incident:
    made = an_incident(brand, "down")
    for name in ("reem", "sami", "nour"):
        a_ticket(channel, "it is down and broken", by=name)
    return made


def page(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_list_shows_what_goes_on_with_its_counts_and_only_of_ones_brands(
    desk: Client, supervisor: Client, outage: Incident
) -> None:
    an_incident(a_brand(), name="Elsewhere")
    shown = page(desk, "/monitor/incidents/")
    assert "Fibre outage" in shown
    assert "Elsewhere" not in shown
    assert 'class="n med">3</span>' in shown
    assert "/monitor/incidents/new" not in shown
    assert "/monitor/incidents/new" in page(supervisor, "/monitor/incidents/")


def test_one_incident_tells_its_figures_and_links_to_its_own_list(
    supervisor: Client, desk: Client, outage: Incident
) -> None:
    shown = page(supervisor, f"/monitor/incidents/{outage.pk}/")
    assert f"/inbox/all/?incident={outage.pk}" in shown
    assert "Tell everybody" in shown
    assert "Tell everybody" not in page(desk, f"/monitor/incidents/{outage.pk}/")
    told = figures.of(outage)
    assert (told.tickets, told.live, told.waiting, told.answered) == (3, 3, 3, 0)
    assert told.oldest is not None
    assert told.mood is not None
    assert told.mood < 0
    listed = page(desk, f"/inbox/all/?incident={outage.pk}")
    assert "Fibre outage" in listed
    assert listed.count("it is down and broken") >= 3
    assert "it is down and broken" not in page(desk, "/inbox/all/?incident=none")


def test_its_page_costs_the_same_for_many_tickets_as_for_few(
    supervisor: Client, outage: Incident, channel: Channel
) -> None:
    def cost(address: str) -> int:
        page(supervisor, address)
        with CaptureQueriesContext(connection) as queries:
            page(supervisor, address)
        return len(queries)

    few = [cost(f"/monitor/incidents/{outage.pk}/"), cost("/monitor/incidents/")]
    for n in range(12):
        a_ticket(channel, "it is down", by=f"c{n}")
    assert [cost(f"/monitor/incidents/{outage.pk}/"), cost("/monitor/incidents/")] == few
    assert few[0] <= 11
    assert few[1] <= 7


def test_a_supervisor_opens_one_from_a_ticket_and_changes_closes_and_reopens_it(
    supervisor: Client, channel: Channel
) -> None:
    ticket = a_ticket(channel, "no signal, all is down")
    form = {
        "name": "No signal", "brand": channel.brand_id, "kind": "outage", "valence": "negative",
        "begins_at": "2026-10-01T08:00", "ends_at": "", "terms": "down، signal",
    }  # fmt: skip
    refused = supervisor.post(f"/monitor/incidents/new?ticket={ticket.pk}", form | {"terms": "!!"})
    assert refused.status_code == 422
    answer = supervisor.post(f"/monitor/incidents/new?ticket={ticket.pk}", form)
    made = Incident.objects.get()
    assert answer.headers["Location"] == f"/monitor/incidents/{made.pk}/"
    assert (made.terms, fresh(ticket).incident_id) == (["down", "signal"], made.pk)
    changed = supervisor.post(f"/monitor/incidents/{made.pk}/change", form | {"name": "Weak signal"})
    assert (changed.status_code, fresh(made).name) == (302, "Weak signal")
    ends = {"ends_at": "2026-09-30T08:00"}
    assert supervisor.post(f"/monitor/incidents/{made.pk}/change", form | ends).status_code == 422
    supervisor.post(f"/monitor/incidents/{made.pk}/close")
    assert fresh(made).closed_at is not None
    supervisor.post(f"/monitor/incidents/{made.pk}/reopen")
    assert fresh(made).closed_at is None


def test_words_are_tried_on_the_last_24_hours_and_what_fits_is_put_in_at_once(
    supervisor: Client, channel: Channel, brand: Brand
) -> None:
    told = {"posted_at": timezone.now(), "reachable_at": timezone.now()}
    tickets = [a_ticket(channel, "بطء شديد في الإنترنت, wrong", by=name, **told) for name in ("reem", "sami")]
    old = a_ticket(channel, "الانترنت wrong", by="omar")
    Ticket.objects.filter(pk=old.pk).update(opened_at=timezone.now() - timedelta(days=2))
    tried = page(supervisor, f"/monitor/incidents/matches?brand={brand.pk}&terms=انترنت")
    assert "2 tickets of the last 24 hours" in tried
    strange = page(supervisor, f"/monitor/incidents/matches?brand={a_brand().pk}&terms=انترنت")
    assert strange.strip() == ""
    made = an_incident(brand, "انترنت")
    assert "2 more tickets" in page(supervisor, f"/monitor/incidents/{made.pk}/")
    supervisor.post(f"/monitor/incidents/{made.pk}/gather")
    job = BulkAction.objects.get()
    assert job.left == [ticket.pk for ticket in tickets]
    followed = page(supervisor, f"/tickets/verbs/bulk/{job.key}")
    assert f'href="/monitor/incidents/{made.pk}/"' in followed
    assert "Back to the list" not in followed


def test_the_words_are_looked_at_confirmed_with_the_number_and_sent_once(
    supervisor: Client, outage: Incident, bell: list[str]
) -> None:
    address = f"/monitor/incidents/{outage.pk}/tell"
    assert supervisor.post(address, {"text_en": " ", "text_ar": ""}).status_code == 422
    looked = supervisor.post(address, WORDS)
    plan = looked.context["plan"]
    assert (plan.number, "Send it to 3 customers" in looked.content.decode()) == (3, True)
    assert not IncidentUpdate.objects.exists()
    form = WORDS | {"number": 2, "last": plan.last, "key": str(uuid4())}
    refused = supervisor.post(f"{address}/send", form)
    assert (refused.status_code, "It would go to 3 now" in refused.content.decode()) == (422, True)
    for _press in range(2):
        sent = supervisor.post(f"{address}/send", form | {"number": 3})
    update = IncidentUpdate.objects.get()
    assert sent.headers["Location"] == f"/monitor/incidents/{outage.pk}/updates/{update.key}/"
    while updates.work():
        pass
    assert Delivery.objects.count() == 3


def test_an_update_is_followed_stopped_and_gone_on_with(
    supervisor: Client, desk: Client, outage: Incident, bell: list[str]
) -> None:
    plan = audience.plan(outage, {"en": WORDS["text_en"]})
    by = User.objects.get(role="supervisor")
    update = updates.begin(outage.pk, texts={"en": "Soon."}, by=by, key=uuid4(), number=3, last=plan.last)
    address = f"/monitor/incidents/{outage.pk}/updates/{update.key}/"
    assert "load delay:1s" in page(supervisor, address, **HTMX)
    updates.work(limit=1)
    assert desk.post(f"{address}stop").status_code == 403
    supervisor.post(f"{address}stop")
    shown = page(supervisor, address)
    assert "1 of 3 told" in shown
    assert "Tell it to 2 more" in shown
    supervisor.post(f"{address}go-on", {"number": 2, "last": plan.last})
    while updates.work():
        pass
    assert (fresh(update).sent, Delivery.objects.count()) == (3, 3)
    assert "Tell it to" not in page(supervisor, address)


def test_an_update_that_the_platform_did_not_take_is_not_called_told(
    supervisor: Client, outage: Incident, bell: list[str]
) -> None:
    by = User.objects.get(role="supervisor")
    update = updates.begin(outage.pk, texts={"en": "Soon."}, by=by, key=uuid4(), number=3, last=2**31)
    while updates.work():
        pass
    lost = Delivery.objects.order_by("id").first()
    assert lost is not None
    Delivery.objects.filter(pk=lost.pk).update(state="failed", error_code="gone", finished_at=timezone.now())
    ticket = Ticket.objects.get(entries__message=lost.message_id)
    shown = page(supervisor, f"/monitor/incidents/{outage.pk}/updates/{update.key}/")
    assert "2 of 3 told" in shown
    assert "1 answer did not go out" in shown
    assert f"/inbox/all/{ticket.pk}/" in shown
    assert "1 not sent" in page(supervisor, f"/monitor/incidents/{outage.pk}/")


def test_words_that_grew_too_long_before_sending_stay_written(supervisor: Client, outage: Incident) -> None:
    long = "Sorry. " * 2000
    told = {"text_en": long, "text_ar": "", "number": 3, "last": 2**31, "key": str(uuid4())}
    answer = supervisor.post(f"/monitor/incidents/{outage.pk}/tell/send", told)
    assert answer.status_code == 422
    assert long.strip() in answer.content.decode()
    assert not IncidentUpdate.objects.exists()


def test_who_was_not_told_is_listed_with_the_reason(supervisor: Client, outage: Incident, bell: list[str]) -> None:
    ticket = Ticket.objects.filter(incident=outage).first()
    assert ticket is not None
    update = IncidentUpdate.objects.create(
        incident=outage, texts={"en": "Soon."}, at=timezone.now(), finished_at=timezone.now(), total=1,
        refused=[[ticket.pk, "It was resolved <b>meanwhile</b>."]],
    )  # fmt: skip
    shown = page(supervisor, f"/monitor/incidents/{outage.pk}/updates/{update.key}/")
    assert f"#{ticket.pk}" in shown
    assert "&lt;b&gt;meanwhile" in shown


def test_a_ticket_is_put_in_and_taken_out_from_its_menu_and_its_head_says_so(
    desk: Client, channel: Channel, brand: Brand
) -> None:
    ticket, made = a_ticket(channel), an_incident(brand, name="Price rise")
    address = f"/tickets/{ticket.pk}/incident"
    assert "Price rise" in page(desk, address, **HTMX)
    answer = desk.post(address, {"to": made.pk, "view": "all"}, headers=HTMX)
    assert fresh(ticket).incident_id == made.pk
    assert f'class="r-chip warn" href="/monitor/incidents/{made.pk}/"' in answer.content.decode()
    Incident.objects.filter(pk=made.pk).update(closed_at=timezone.now())
    assert f'class="r-chip line" href="/monitor/incidents/{made.pk}/"' in page(desk, f"/inbox/all/{ticket.pk}/")
    Incident.objects.filter(pk=made.pk).update(closed_at=None)
    assert "data-undo" in answer.content.decode()
    desk.post(address, {"out": "1", "view": "all"}, headers=HTMX)
    assert fresh(ticket).incident_id is None
    assert desk.post(address, {"to": "x", "view": "all"}, headers=HTMX).status_code == 422


def test_bulk_offers_incidents_and_opens_one_for_those_that_are_checked(
    desk: Client, supervisor: Client, channel: Channel, brand: Brand
) -> None:
    tickets = [a_ticket(channel, by=name) for name in ("reem", "sami")]
    made = an_incident(brand)
    assert f'value="incident:{made.pk}"' in page(desk, "/tickets/verbs/bulk/choices")
    assert "new_incident" not in page(desk, "/tickets/verbs/bulk/choices")
    ids = ",".join(str(ticket.pk) for ticket in tickets)
    answer = supervisor.post("/tickets/bulk", {"ids": ids, "do": "new_incident", "view": "all"})
    assert answer.headers["Location"] == "/monitor/incidents/new?chosen=1"
    form: dict[str, Any] = {
        "name": "No signal", "brand": brand.pk, "kind": "outage", "valence": "negative",
        "begins_at": "2026-10-01T08:00", "terms": "",
    }  # fmt: skip
    supervisor.post("/monitor/incidents/new?chosen=1", form)
    job = BulkAction.objects.get()
    opened = Incident.objects.get(name="No signal")
    assert (job.left, job.action) == ([one.pk for one in tickets], {"do": "incident", "incident": opened.pk})


def test_the_board_names_what_is_in_force(supervisor: Client, outage: Incident) -> None:
    assert "Fibre outage" in page(supervisor, "/monitor/board/")
    Incident.objects.update(closed_at=timezone.now())
    assert "Fibre outage" not in page(supervisor, "/monitor/board/")


def test_words_that_are_too_long_are_told_and_stay_written(supervisor: Client, outage: Incident) -> None:
    long = "the whole north of the city has been without any internet since this morning"
    told = {"name": "Fibre", "kind": "outage", "valence": "negative", "begins_at": "2026-11-01T08:00", "terms": long}
    answer = supervisor.post(f"/monitor/incidents/{outage.pk}/change", told)
    said = answer.content.decode()
    assert (answer.status_code, fresh(outage).terms) == (422, ["down"])
    assert "is longer than 60 signs" in said
    assert f">\n{long}</textarea>" in said


# --- suggested --------------------------------------------------------------------------------------------------------
@pytest.fixture
def surge(channel: Channel) -> Surge:
    held = [a_ticket(channel, "it is down and broken", by=name).pk for name in ("reem", "sami", "nour")]
    now = timezone.now()
    told: dict[str, Any] = {"words": ["down", "مقطوع"], "tickets": held, "about": "delay_or_outage"}
    return Surge.objects.create(brand=channel.brand, begins_at=now, made_at=now, seen_at=now, **told)


def test_a_suggestion_stands_on_the_board_and_the_incidents_page_of_supervisors_alone(
    desk: Client, supervisor: Client, surge: Surge
) -> None:
    for address in ("/monitor/board/", "/monitor/incidents/"):
        said = page(supervisor, address)
        assert "3 tickets</b> are about “delay or outage”, in common:" in said
        assert "down, مقطوع" in said
    assert "Open an incident with them" not in page(desk, "/monitor/incidents/")


def test_one_click_opens_an_incident_with_its_tickets(supervisor: Client, surge: Surge) -> None:
    answer = supervisor.post(f"/monitor/incidents/suggested/{surge.pk}/open")
    made, job = Incident.objects.get(), BulkAction.objects.get()
    assert answer.headers["Location"] == f"/tickets/verbs/bulk/{job.key}"
    assert (job.action["incident"], sorted(job.left), made.terms) == (made.pk, sorted(surge.tickets), surge.words)
    again = supervisor.post(f"/monitor/incidents/suggested/{surge.pk}/open", follow=True)
    assert "Somebody has opened an incident with them already." in again.content.decode()
    assert Incident.objects.count() == 1


def test_it_can_be_changed_before_it_is_opened(supervisor: Client, surge: Surge) -> None:
    address = f"/monitor/incidents/new?surge={surge.pk}"
    form = page(supervisor, address)
    assert "Delay or outage: down, مقطوع" in form
    assert "3 tickets are put into it." in form
    begins = timezone.localtime(surge.begins_at).strftime("%Y-%m-%dT%H:%M")
    told = {"name": "Fibre cut", "kind": "outage", "valence": "negative", "begins_at": begins, "terms": "fibre"}
    supervisor.post(address, told)
    assert (Incident.objects.get().name, Incident.objects.get().terms) == ("Fibre cut", ["fibre"])
    assert fresh(surge).incident == Incident.objects.get()
    assert sorted(BulkAction.objects.get().left) == sorted(surge.tickets)


def test_dismissed_it_is_gone_from_the_board_and_comes_back_when_asked_for(supervisor: Client, surge: Surge) -> None:
    answer = supervisor.post(f"/monitor/incidents/suggested/{surge.pk}/dismiss", {"back": "/monitor/board/"})
    assert answer.headers["Location"] == "/monitor/board/"
    assert "delay or outage”" not in page(supervisor, "/monitor/board/")
    assert "Suggest it again" in page(supervisor, "/monitor/incidents/")
    supervisor.post(f"/monitor/incidents/suggested/{surge.pk}/suggest", {"back": "https://elsewhere.example/"})
    assert "delay or outage”" in page(supervisor, "/monitor/board/")


def test_in_the_api_it_is_listed_opened_and_dismissed(supervisor: Client, surge: Surge) -> None:
    [told] = supervisor.get("/api/surges").json()
    assert (told["id"], told["words"], told["tickets"]) == (surge.pk, surge.words, surge.tickets)
    assert supervisor.post(f"/api/surges/{surge.pk}/dismiss").json()["dismissed_at"]
    assert supervisor.post(f"/api/surges/{surge.pk}/suggest").json()["dismissed_at"] is None
    assert supervisor.post(f"/api/surges/{surge.pk}/open").json()["kind"] == "outage"
    assert supervisor.post(f"/api/surges/{surge.pk}/open").status_code == 403
