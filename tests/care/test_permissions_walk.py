"""Every address, asked by everybody in every way: who comes in, who is refused; strangers see and change nothing.

The addresses come from the resolver itself, so that a new one without a line in tests/care/doors.py fails here.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import AuditEntry, Away, Brand, Role, User
from accounts.people import door_of
from ingest.models import BadItem, Channel, Correction, Delivery, InboundEvent, Message, ReaderModel
from tests.care.doors import DOORS, LIVE, Door, Who
from tests.cast import (
    FakePlatform,
    a_bell,
    a_brand,
    a_channel,
    a_person,
    a_platform,
    a_post,
    an_answer,
    receive,
    ticket_of,
)
from tests.pictures import a_picture, takes_pictures
from tickets.listing.search import indexing
from tickets.models import (
    Activity,
    Approval,
    ApprovalRule,
    BulkAction,
    Calendar,
    CalendarDays,
    Customer,
    CustomerContact,
    EscalationChain,
    Incident,
    IncidentUpdate,
    Macro,
    Notice,
    Review,
    RoutingRule,
    RuleVersion,
    SavedReply,
    SavedView,
    Scorecard,
    SlaPolicy,
    Surge,
    Tag,
    Ticket,
    Tier,
)

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# In everything that belongs to the brand; no stranger ever reads it.
SECRET = "Qirmizi"


def addresses(urlconf: str | None = None) -> list[str]:
    """Names of all addresses, in their order; the API's last, which answers 404 to whatever is no address, has none."""
    return list(dict.fromkeys(name for name in _names(get_resolver(urlconf).url_patterns) if name))


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str | None]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        else:
            yield from _names(pattern.url_patterns)


@dataclass
class Desk:
    """What the addresses name: of the brand that the agent, the supervisor and the admin work for."""

    brand: Brand
    people: dict[str, User]
    names: dict[str, dict[str, Any]]
    values: dict[str, Any]

    def address(self, name: str, door: Door) -> str:
        return reverse(name, kwargs=self.names[door.at] if door.at else None)

    def form(self, door: Door) -> dict[str, Any]:
        return {name: self.values.get(value, value) for name, value in door.form.items()}


# Pages are drawn without their files' marks: nobody collects static files for a test.
UNMARKED = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Desk]:
    """Made once for all addresses: what is done at one of them is undone with its test."""
    with ExitStack() as stack:
        stack.enter_context(override_settings(STORAGES=settings.STORAGES | UNMARKED))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(transaction.atomic())
        yield furnished(patch)
        transaction.set_rollback(True)


def furnished(patch: pytest.MonkeyPatch) -> Desk:
    a_bell(patch)
    platform = a_platform(patch)
    takes_pictures(platform)
    brand, elsewhere = a_brand(f"Nawa {SECRET}"), a_brand("Elsewhere")
    people = {
        "stranger": a_person(elsewhere),
        "strange supervisor": a_person(elsewhere, role=Role.SUPERVISOR),
        "agent": a_person(brand, name=f"Huda {SECRET}"),
        "supervisor": a_person(brand, role=Role.SUPERVISOR, name=f"Lina {SECRET}"),
        "admin": a_person(role=Role.ADMIN),
    }
    return Desk(brand, people, *_things(brand, people, platform))


def _things(
    brand: Brand, people: Mapping[str, User], platform: type[FakePlatform]
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    channel = a_channel(brand, platform="fake", name=f"Channel {SECRET}")
    message, aside = receive(
        channel, a_post(f"my bill is wrong {SECRET}", by="qirmizi1"), a_post(f"thanks, I love {SECRET}", by="qirmizi2")
    )
    ticket = ticket_of(message)
    delivery = an_answer(ticket, f"We are on it {SECRET}", by=people["agent"])
    picture = a_picture(ticket, people["agent"])
    keyed = a_channel(brand, platform="mastodon", name=f"Keyed {SECRET}")
    bridge = a_channel(brand, platform="webhook", name=f"Bridge {SECRET}")
    item = BadItem.objects.create(channel=channel, external_id="x1", payload={"text": SECRET}, error="KeyError: 'a'")
    event = InboundEvent.objects.create(
        channel=channel, key="e1", state="failed", payload={}, received_at=timezone.now()
    )
    reader = ReaderModel.objects.create(name="n", model="m", version="1", spec="new", added_at=timezone.now())
    names: dict[str, dict[str, Any]] = {
        "ticket": {"pk": ticket.pk},
        "ticket_by_id": {"id": ticket.pk},
        "list": {"slug": "all"},
        "furniture": {"language": "en", "digest": "0"},
        "ticket_in_list": {"slug": "all", "pk": ticket.pk},
        "message": {"pk": message.pk},
        "delivery": {"key": delivery.key},
        "picture": {"key": picture.key},
        "channel": {"pk": channel.pk},
        "keyed": {"pk": keyed.pk},
        "bridge": {"pk": bridge.pk},
        "item": {"pk": channel.pk, "item": item.pk},
        "event": {"pk": channel.pk, "event": event.pk},
        "answer": {"pk": channel.pk, "key": delivery.key},
        "reader": {"pk": reader.pk},
        "platform": {"platform": "mastodon"},
        "hook": {"hook": uuid4()},
    }
    return names | _kept(brand, people, ticket) | _of_customers(brand, ticket), {
        "seen": "We look at it",
        "aside": aside.pk,
        "tag_too": Tag.objects.create(name="O", brand=brand).pk,
        "a_ticket": ticket.pk,
        "an_agent": people["agent"].pk,
    }


def _of_customers(brand: Brand, ticket: Ticket) -> dict[str, dict[str, Any]]:
    """Somebody of whom the desk keeps notes, an account nobody linked, and a solved ticket like the open one."""
    customer = Customer.objects.create(brand=brand, name=SECRET, notes=SECRET)
    CustomerContact.objects.create(customer=customer, contact=ticket.contact)
    alone = Message.objects.filter(channel__brand=brand).exclude(contact=ticket.contact).filter(contact__is_own=False)
    like = {"pk": ticket.pk, "like": _solved_like(ticket).pk}
    return {"customer": {"pk": customer.pk}, "account": {"pk": alone[0].contact_id}, "similar": like}


def _solved_like(ticket: Ticket) -> Ticket:
    """Somebody else asked the same, was answered and is content."""
    (message,) = receive(ticket.channel, a_post(f"my bill is wrong {SECRET}", by="qirmizi3"))
    solved = ticket_of(message)
    delivery = an_answer(solved, f"Mended {SECRET}")
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SENT)
    Ticket.objects.filter(pk=solved.pk).update(status="resolved", due_at=None, waiting_since=None)
    indexing.index_some()
    return solved


def _kept(brand: Brand, people: Mapping[str, User], ticket: Ticket) -> dict[str, dict[str, Any]]:
    """What people keep to use again, and what admins have set up."""
    agent, now = people["agent"], timezone.now()
    saved = SavedReply.objects.create(name=f"Hello {SECRET}", texts={"en": SECRET}, brand=brand)
    macro = Macro.objects.create(name=f"Solved {SECRET}", actions=[{"do": "resolve"}], brand=brand)
    wait = {"text": SECRET, "asked_at": now, "due_at": now, "author": agent}
    approval = Approval.objects.create(ticket=ticket, **wait)
    notice = Notice.objects.create(user=agent, kind="assigned", ticket=ticket, key="n1", at=now)
    rule = RoutingRule.objects.create(name=f"Rule {SECRET}", updated_at=now)
    sums = ApprovalRule.objects.create(name=f"Sums {SECRET}", brand=brand, updated_at=now)
    policy = SlaPolicy.objects.create(name=f"Policy {SECRET}", brand=brand, is_on=False)
    chain = EscalationChain.objects.create(name=f"Chain {SECRET}", brand=brand, updated_at=now)
    for kind, kept in (("routing", rule), ("approval", sums), ("escalation", chain)):
        RuleVersion.objects.create(kind=kind, rule=kept.pk, version=1, at=now, told={})
    calendar = Calendar.objects.create(name="Week")
    days = CalendarDays.objects.create(calendar=calendar, name="A day", first=now.date(), last=now.date())
    tag, tier = Tag.objects.create(name=SECRET, brand=brand), Tier.objects.create(brand=brand, name=SECRET, rank=1)
    who, token = door_of(a_person(brand))
    return {
        "brand": {"pk": brand.pk},
        "person": {"pk": agent.pk},
        "team": {"pk": brand.teams.get().pk},
        "away": {"pk": Away.objects.create(user=agent, begins_at=now, reason=SECRET).pk},
        "saved": {"pk": saved.pk},
        "saved_of_kind": {"kind": "reply", "pk": saved.pk},
        "macro": {"pk": macro.pk},
        "macro_on_ticket": {"pk": ticket.pk, "macro_id": macro.pk},
        "approval": {"key": approval.key},
        **_reviewed(brand, agent, ticket),
        "line": {"line": Activity.objects.filter(ticket=ticket).latest("pk").pk},
        "notice": {"pk": notice.pk},
        "view": {"pk": SavedView.objects.create(name=f"View {SECRET}", owner=agent).pk},
        "rule": {"pk": rule.pk},
        "approval_rule": {"pk": sums.pk},
        "approval_rule_version": {"pk": sums.pk, "version": 1},
        "rule_version": {"pk": rule.pk, "version": 1},
        "chain": {"pk": chain.pk},
        "chain_version": {"pk": chain.pk, "version": 1},
        "policy": {"pk": policy.pk},
        "calendar": {"pk": calendar.pk},
        "calendar_days": {"pk": calendar.pk, "days": days.pk},
        "bulk": {"key": BulkAction.objects.create(by=agent, action={"do": "resolve"}, total=1, created_at=now).key},
        **_of_incidents(brand, agent),
        "tag": {"pk": tag.pk},
        "brand_of": {"brand_id": brand.pk},
        "pack": {"slug": "bank", "brand_id": brand.pk},
        "tier": {"brand_id": brand.pk, "pk": tier.pk},
        "tier_alone": {"pk": tier.pk},
        "welcome": {"who": who, "token": token},
    }


def _reviewed(brand: Brand, agent: User, ticket: Ticket) -> dict[str, dict[str, Any]]:
    """One ticket drawn for review twice: somebody's work that waits, and the agent's that was reviewed."""
    now = timezone.now()
    waits = Review.objects.create(ticket=ticket, agent=a_person(brand), why="chance", sampled_at=now)
    done = {"state": "done", "words": SECRET, "why": "chance", "sampled_at": now, "reviewed_at": now}
    reviewed = Review.objects.create(ticket=ticket, agent=agent, **done)
    return {
        "review": {"pk": waits.pk},
        "reviewed": {"pk": reviewed.pk},
        "scorecard": {"pk": Scorecard.objects.create(name="How we answered", questions=[]).pk},
    }


def _of_incidents(brand: Brand, agent: User) -> dict[str, dict[str, Any]]:
    """An incident and what was told to everybody in it."""
    now = timezone.now()
    incident = Incident.objects.create(brand=brand, name=f"Outage {SECRET}", begins_at=now, terms=[SECRET])
    update = IncidentUpdate.objects.create(incident=incident, texts={"en": SECRET}, by=agent, at=now, finished_at=now)
    here = {"pk": incident.pk, "key": update.key}
    held: dict[str, Any] = {"words": [SECRET], "tickets": list(brand.tickets.values_list("pk", flat=True))}
    surge = Surge.objects.create(brand=brand, about="other", begins_at=now, made_at=now, seen_at=now, **held)
    told = {"surge": {"pk": surge.pk}, "incident": {"pk": incident.pk}}
    return told | {"incident_update": here, "incident_update_by_api": here}


STRANGERS = ("stranger", "strange supervisor")
HOUSE = ("nobody", "agent", "supervisor", "admin")
ROLES = ("nobody", *STRANGERS, *HOUSE[1:])
OPEN_TO = {
    Who.ANYBODY: set(ROLES),
    Who.PEOPLE: set(ROLES[1:]),
    Who.BRAND: {"agent", "supervisor", "admin"},
    Who.LEADS: {"strange supervisor", "supervisor", "admin"},
    Who.BRAND_LEADS: {"supervisor", "admin"},
    Who.ADMINS: {"admin"},
    Who.AUTHOR: {"agent"},
    Who.MACHINE: set(),
}


def browser(desk: Desk, role: str) -> Client:
    client = Client()
    if role != "nobody":
        client.force_login(desk.people[role])
    return client


def send(client: Client, method: str, address: str, form: Mapping[str, Any]) -> HttpResponse:
    """One request, as pages and programs make them."""
    if address.startswith("/api/") and method != "GET":
        return client.generic(method, address, "{}", content_type="application/json")  # type: ignore[return-value]
    return client.post(address, form) if method == "POST" else client.generic(method, address)  # type: ignore[return-value]


def ask(client: Client, method: str, address: str, form: Mapping[str, Any]) -> HttpResponse:
    """One request, and nothing of it stays, not even that somebody signed out."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = send(client, method, address, form)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def verdict(response: HttpResponse) -> str:
    """in; no: not for you, or not there for you; door: sign in first; never: not in this way; bad: not read on."""
    if response.status_code == 405:
        return "never"
    if response.status_code == 401 or response.headers.get("Location", "").startswith("/sign-in/?next="):
        return "door"
    if response.status_code == 400:
        return "bad"
    return "no" if response.status_code in {403, 404} else "in"


def meant(may: Who | None, role: str) -> set[str]:
    """What somebody should be told. Whoever is not signed in may be sent to the door whatever they ask for."""
    if may is None:
        return {"never", "door"} if role == "nobody" else {"never"}
    if role in OPEN_TO[may]:
        return {"in", "bad"}
    return {"no", "door"} if may == Who.MACHINE else {"door"} if role == "nobody" else {"no", "bad"}


def state_of(brand: Brand) -> tuple[Any, ...]:
    """What a stranger could have changed."""
    ours = {"channel__brand": brand}
    return (
        list(Ticket.objects.filter(brand=brand).values_list("status", "assignee", "updated_at", "tags").order_by("pk")),
        list(Message.objects.filter(**ours).values_list("disposition", "state").order_by("pk")),
        list(Channel.objects.filter(brand=brand).values_list("state", "name").order_by("pk")),
        *(rows.count() for rows in (Activity.objects.filter(ticket__brand=brand), AuditEntry.objects.all())),
        *(rows.count() for rows in (Delivery.objects.filter(**ours), Correction.objects.all())),
    )


@pytest.mark.parametrize("name", addresses())
def test_a_door_opens_to_those_of_the_house_it_is_for_and_to_nobody_else(name: str, desk: Desk) -> None:
    assert name in DOORS, f"say in tests/care/doors.py who may come in at {name}"
    door = DOORS[name]
    address, form = desk.address(name, door), desk.form(door)
    for role in HOUSE:
        client = browser(desk, role)
        for method in METHODS:
            may = door.may.get(method)
            if may is None and role not in {"nobody", "admin"}:
                continue
            response = ask(client, method, address, form)
            assert verdict(response) in meant(may, role), (role, method, response.status_code)


# What shows names to whoever asks: figures for machines, and an invitation to whoever holds it.
OPEN = {"metrics", "welcome"}


@pytest.mark.parametrize("name", addresses())
def test_strangers_come_in_where_anybody_may_and_read_and_change_nothing_of_the_brand(name: str, desk: Desk) -> None:
    door = DOORS[name]
    address, form = desk.address(name, door), desk.form(door)
    before = state_of(desk.brand)
    for role, method in product(STRANGERS, door.may):
        with transaction.atomic():
            response = send(browser(desk, role), method, address, form)
            after = state_of(desk.brand)
            transaction.set_rollback(True)
        assert verdict(response) in meant(door.may[method], role), (role, method, response.status_code)
        if name in OPEN:
            continue
        assert after == before
        if not response.streaming:
            assert SECRET.lower() not in response.content.decode(errors="replace").lower()


# Nothing is done by another site's page: a form without our token is refused, except where no cookie counts.
NO_COOKIE = {"hook", "api-token"}


@pytest.mark.parametrize(
    "name", [name for name in addresses() if name in DOORS and "POST" in DOORS[name].may and name not in NO_COOKIE]
)
def test_a_form_of_another_site_does_nothing(name: str, desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.people["admin"])
    assert ask(client, "POST", desk.address(name, DOORS[name]), {}).status_code == 403


def test_every_live_address_is_known() -> None:
    """Who may listen there is tried in tests/tickets/news/test_stream.py."""
    assert set(addresses("care.live_urls")) == set(LIVE)
