"""The API's own description: valid, readable without a network under our policy, and true."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.contrib.staticfiles import finders
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.authtoken.models import Token
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from accounts.models import Away, Role, User
from care.wsgi import application
from ingest.models import Channel, Delivery, Message
from ingest.platforms.registry import PLATFORMS
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, an_answer, receive
from tests.tickets.api.conftest import Short
from tickets.models import (
    ApprovalRule,
    Calendar,
    EscalationChain,
    Incident,
    IncidentUpdate,
    Macro,
    Notice,
    Review,
    RoutingRule,
    SavedReply,
    SavedView,
    Scorecard,
    SlaPolicy,
    Surge,
    Ticket,
)

# What a number in an address names.
NAMED: dict[str, type[Model]] = {
    "approval-rules": ApprovalRule,
    "aways": Away,
    "calendars": Calendar,
    "channels": Channel,
    "escalation-chains": EscalationChain,
    "incidents": Incident,
    "macros": Macro,
    "messages": Message,
    "notices": Notice,
    "people": User,
    "reviews": Review,
    "routing-rules": RoutingRule,
    "saved-replies": SavedReply,
    "saved-views": SavedView,
    "sla-policies": SlaPolicy,
    "surges": Surge,
    "tickets": Ticket,
}
CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance]


def description() -> dict[str, Any]:
    """The schema as a program reads it."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    plain: dict[str, Any] = json.loads(json.dumps(made, default=str))
    return plain


# The edges of every field and made-up cases; methods that no address has are all alike.
PLAN = SchemathesisConfig.from_dict({"phases": {"coverage": {"unexpected-methods": []}}})
api = schemathesis.openapi.from_dict(description(), config=PLAN)
api.app = application


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A desk with something in it, made once: each address undoes what it did. The header of an admin, who asks."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setitem(PLATFORMS, "short", Short)
        brand = a_brand()
        furnish(a_channel(brand, platform="short"), admin := a_person(brand, role=Role.ADMIN))
        # As Django's own test client does: a request must not close the connection of the test's transaction.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        yield f"Token {Token.objects.create(user=admin).key}"
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        transaction.set_rollback(True)


def furnish(channel: Channel, person: User) -> None:
    """One of each kind that an address names."""
    an_answer(a_ticket(channel), "Sorry.", by=person)
    Delivery.objects.update(state="failed", error_code="rejected")
    receive(channel, a_post("thanks, I love it", by="sara"), a_post("buy crypto", by="bot"))
    now, card = timezone.now(), Scorecard.objects.create(name="Ours", questions=[])
    done = {"state": "done", "why": "chance", "sampled_at": now, "reviewed_at": now, "scorecard": card}
    outage = Incident.objects.create(brand=channel.brand, name="Outage", begins_at=now, terms=["down"])
    IncidentUpdate.objects.create(incident=outage, texts={"en": "Soon."}, by=person, at=now, refused=[[1, "Gone."]])
    told = {"words": ["down"], "tickets": list(Ticket.objects.values_list("pk", flat=True)), "about": "other"}
    Surge.objects.create(brand=channel.brand, begins_at=now, made_at=now, seen_at=now, **told)
    ApprovalRule.objects.create(name="Sums", updated_at=now)
    RoutingRule.objects.create(name="Bills", updated_at=now)
    EscalationChain.objects.create(name="Late", brand=channel.brand, updated_at=now)
    SlaPolicy.objects.create(name="Usual", first_answer=60)
    Calendar.objects.create(name="Office")
    Away.objects.create(user=person, begins_at=now + timedelta(days=1))
    first = Ticket.objects.earliest("pk")
    Review.objects.create(ticket=first, agent=person, **done)
    Notice.objects.create(user=person, kind="assigned", ticket=first, key="n1", at=now)
    SavedReply.objects.create(name="Sorry", texts={"en": "Sorry, {name}."}, owner=person)
    Macro.objects.create(name="Solved", actions=[{"do": "resolve"}], owner=person)
    SavedView.objects.create(name="Arabic", query={"list": "team", "language": "ar"}, owner=person)


def is_uuid(told: object) -> bool:
    """Whether this is an id that an address could hold."""
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(told)) is not None


@pytest.mark.django_db
@api.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_schema_names(case: schemathesis.Case, desk: str) -> None:
    if "{id}" in case.path and str(case.path_parameters["id"]).isdecimal():
        # Made-up ids find nothing: ask for what is there.
        there = NAMED[case.path.split("/")[2]]._default_manager.order_by("-pk").first()
        case.path_parameters["id"] = there.pk if there else case.path_parameters["id"]
    if case.path.startswith("/api/deliveries/{key}") and is_uuid(case.path_parameters["key"]):
        case.path_parameters["key"] = str(Delivery.objects.latest("pk").key)
    case.call_and_validate(headers={"Authorization": desk}, checks=CHECKS)


def test_the_schema_is_valid_openapi_3_and_names_all_verbs() -> None:
    schema = description()
    validate_schema(schema)
    assert schema["openapi"].startswith("3.")
    verbs = {path.rsplit("/", 1)[1] for path in schema["paths"] if path.startswith("/api/tickets/{id}/")}
    assert verbs == {
        "reply", "answered-outside", "assign", "take", "resolve", "reopen", "note", "pictures", "snooze", "wake",
        "tags", "priority", "merge", "split", "link", "unlink", "spam", "no-answer", "undo", "incident",
        "customer", "customer-name", "customer-notes", "customer-tier", "link-account", "unlink-account", "similar",
        "macro",
    }  # fmt: skip
    said = {path.rsplit("/", 1)[1] for path in schema["paths"] if path.startswith("/api/messages/{id}/")}
    assert said == {"correct", "corrections"}
    sent = {path.rsplit("/", 1)[1] for path in schema["paths"] if path.startswith("/api/deliveries/{key}/")}
    assert sent == {"try-again", "there", "send-anyway", "drop"}
    for kind, more in (("approval-rules", set()), ("escalation-chains", set()), ("routing-rules", {"dry-run"})):
        ruled = {path.rsplit("/", 1)[1] for path in schema["paths"] if path.startswith(f"/api/{kind}/{{id}}/")}
        assert ruled == {"move", "turn", "put-back", "versions", "restore"} | more
    assert set(schema["components"]["securitySchemes"]) == {"tokenAuth", "cookieAuth"}


def test_credentials_are_nowhere_in_the_schema() -> None:
    assert "secrets" not in json.dumps(description())


@pytest.mark.django_db
def test_anybody_may_read_the_schema(client: Client) -> None:
    response = Client().get("/api/schema/?format=json")
    assert response.status_code == 200
    assert response.json()["info"]["title"] == "Radd API"


def test_the_page_needs_nothing_from_elsewhere_and_nothing_inline() -> None:
    response = Client().get("/api/docs/")
    page = response.content.decode()
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "<style" not in page
    assert "style=" not in page
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == len(re.findall("<script|<link", page)) == 4
    for address in addresses:
        assert address.startswith("/")
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
    (script,) = [address for address in addresses if address.startswith("/api/docs/")]
    served = Client().get(script)
    assert served.headers["Content-Type"].startswith("application/javascript")
    assert "SwaggerUIBundle" in served.content.decode()
    assert "/api/schema/" in served.content.decode()
