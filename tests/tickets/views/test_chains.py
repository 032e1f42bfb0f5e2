"""The pages of escalation chains: read by supervisors, written by admins, by one form that needs no script."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import audit
from accounts.models import Brand, Role, User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_person, a_ticket
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.models import EscalationChain, RuleVersion, Ticket
from tickets.targets import chain_trial, escalation
from tickets.time_limit import TooSlow

PAGE = "/settings/escalation/"
BREACHED = {"all": [{"field": "clock", "op": "any", "value": ["breached"]}]}
STEPS = [{"after": 0, "of": "wall", "to": {"role": "supervisor"}}]


@pytest.fixture
def sami(brand: Brand) -> User:
    return a_person(brand, role=Role.ADMIN, name="Sami")


@pytest.fixture
def admin(sami: User) -> Client:
    return signed_in(sami)


def a_chain(name: str = "Late", **fields: Any) -> EscalationChain:
    given = {"conditions": BREACHED, "steps": STEPS, "updated_at": timezone.now()} | fields
    return EscalationChain.objects.create(name=name, **given)


def form(*rows: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """What the form sends: one condition, that high urgency was read, and these steps (after, of, to)."""
    sent: dict[str, Any] = {
        "name": "Grave", "is_on": "1", "brand": "", "do": "save",
        "c-row": ["0", "1"], "c-0-group": "all", "c-0-parent": "",
        "c-1-parent": "0", "c-1-field": "urgency", "c-1-was": "urgency", "c-1-op": "in", "c-1-value": "high",
        "s-row": [str(n) for n, _row in enumerate(rows)],
    }  # fmt: skip
    for n, (after, of, to) in enumerate(rows):
        sent |= {f"s-{n}-after": after, f"s-{n}-of": of, f"s-{n}-to": to}
    return sent | more


def names() -> list[str]:
    return list(EscalationChain.objects.filter(removed_at=None).order_by("position").values_list("name", flat=True))


# --- writing --------------------------------------------------------------------------------------------------------
def test_a_chain_is_written_by_its_form_and_kept_as_a_version(admin: Client, sami: User, agent: User) -> None:
    rows = [("0", "wall", "role:lead"), ("20", "open", f"person:{agent.pk}")]
    assert admin.post(f"{PAGE}new", form(*rows, **{"s-1-mail": "1"})).status_code == 302
    chain = EscalationChain.objects.get()
    assert chain.steps == [
        {"after": 0, "of": "wall", "to": {"role": "lead"}},
        {"after": 20, "of": "open", "to": {"person": agent.pk}, "by": ["mail"]},
    ]
    assert chain.conditions == {"all": [{"field": "urgency", "op": "in", "value": ["high"]}]}
    version = RuleVersion.objects.get(kind="escalation", rule=chain.pk)
    assert (version.version, version.by, version.told["name"]) == (1, sami, "Grave")
    assert [line.verb for line in audit.of(chain)] == ["chain.made"]


def test_what_was_written_is_what_begins(admin: Client, ticket: Ticket, brand: Brand) -> None:
    admin.post(f"{PAGE}new", form(("0", "wall", "role:supervisor")))
    escalation.sweep(timezone.now())
    assert not ticket.escalations.exists()
    Ticket.objects.filter(pk=ticket.pk).update(urgency="high")
    escalation.sweep(timezone.now())
    assert ticket.escalations.get().step == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "  "}, "Give the chain a name"),
        ({"c-row": ["0"]}, "Say when it begins"),
        ({"c-1-value": []}, "Say what it is compared with"),
        ({"s-row": []}, "Give one step at least"),
        ({"s-0-after": "soon"}, "after how many minutes"),
        ({"s-0-to": "team:x"}, "Say whom each step tells"),
        ({"brand": "999999"}, "not there any more"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(admin: Client, changed: dict[str, Any], words: str) -> None:
    answer = admin.post(f"{PAGE}new", form(("5", "wall", "role:admin")) | changed)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not EscalationChain.objects.exists()


def test_a_save_over_somebody_elses_is_refused_with_what_was_written_kept_on_the_page(admin: Client) -> None:
    chain = a_chain(version=3)
    slip = admin.post(f"{PAGE}{chain.pk}/", form(("5", "wall", "role:admin"), version="2") | {"name": ""})
    assert 'name="version" value="2"' in slip.content.decode()
    answer = admin.post(f"{PAGE}{chain.pk}/", form(("5", "wall", "role:admin"), version="2"))
    assert 'name="version" value="3"' in answer.content.decode()
    assert (answer.status_code, 'value="Grave"' in answer.content.decode()) == (409, True)
    assert names() == ["Late"]


def test_buttons_of_the_editor_add_and_take_away_with_and_without_a_script(admin: Client) -> None:
    one = form(("5", "wall", "role:admin"))
    more = admin.post(f"{PAGE}new", one | {"do": "s:add"}, headers=HTMX).content.decode()
    assert more.startswith('<div id="steps"')
    assert more.count('name="s-row"') == 2
    whole = admin.post(f"{PAGE}new", one | {"do": "s:add"}).content.decode()
    assert (whole.count('name="s-row"'), "<html" in whole) == (2, True)
    less = admin.post(f"{PAGE}new", one | {"do": "s:remove:0"}, headers=HTMX).content.decode()
    assert less.count('name="s-row"') == 0
    deeper = admin.post(f"{PAGE}new", one | {"do": "c:leaf:0"}, headers=HTMX).content.decode()
    assert deeper.count('name="c-row"') == 3
    assert not EscalationChain.objects.exists()


def test_only_what_chains_may_ask_is_offered(admin: Client) -> None:
    page = admin.get(f"{PAGE}new").content.decode()
    assert 'value="clock"' in page
    assert 'value="weekday"' not in page


def test_a_trial_names_the_tickets_that_wait_now_and_changes_nothing(admin: Client, ticket: Ticket) -> None:
    asked = form(("0", "wall", "role:admin")) | {"do": "try"}
    assert "No ticket that waits now" in admin.post(f"{PAGE}new", asked, headers=HTMX).content.decode()
    Ticket.objects.filter(pk=ticket.pk).update(urgency="high")
    shown = admin.post(f"{PAGE}new", asked, headers=HTMX).content.decode()
    assert f"#{ticket.pk}" in shown
    assert not ticket.escalations.exists()


def test_a_dry_run_of_last_week_names_each_steps_tickets_and_changes_nothing(
    admin: Client, ticket: Ticket, supervisor: Client
) -> None:
    Message.objects.filter(pk__in=ticket.entries.values("message")).update(urgency="high")
    asked = form(("0", "wall", "role:lead"), ("9999", "wall", "role:admin")) | {"do": "try"}
    shown = admin.post(f"{PAGE}new", asked, headers=HTMX).content.decode()
    for part in ("last 7 days", "1 real tickets", "begun for 1 ticket", "the supervisors of whoever has it"):
        assert part in shown
    assert shown.count(f"#{ticket.pk}</bdi>") == 1
    whole = admin.post(f"{PAGE}new", asked).content.decode()
    assert ("<html" in whole, "begun for 1 ticket" in whole) == (True, True)
    assert supervisor.post(f"{PAGE}new", asked).status_code == 403
    assert not ticket.escalations.exists()
    assert not EscalationChain.objects.exists()


def test_an_unfinished_chain_is_not_tried_and_the_page_says_why(admin: Client) -> None:
    asked = form(("soon", "wall", "role:admin")) | {"do": "try"}
    refused = admin.post(f"{PAGE}new", asked, headers=HTMX)
    assert (refused.status_code, "after how many minutes" in refused.content.decode()) == (422, True)


def test_a_dry_run_that_takes_too_long_says_so(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def tired(*_args: object) -> None:
        raise TooSlow

    monkeypatch.setattr(chain_trial, "dry_run", tired)
    answer = admin.post(f"{PAGE}new", form(("0", "wall", "role:admin")) | {"do": "try"}, headers=HTMX)
    assert (answer.status_code, "takes too long" in answer.content.decode()) == (422, True)


def test_chains_change_places_and_are_removed_and_put_back(admin: Client) -> None:
    first, second = a_chain("First", position=1), a_chain("Second", position=2)
    admin.post(f"{PAGE}{second.pk}/move", {"by": "up"})
    assert names() == ["Second", "First"]
    gone = admin.post(f"{PAGE}{first.pk}/remove", follow=True)
    assert (names(), "Put it back" in gone.content.decode()) == (["Second"], True)
    admin.post(f"{PAGE}{first.pk}/put-back")
    assert names() == ["Second", "First"]


def test_chains_are_put_in_order_by_dragging_and_by_keys_as_rules_are(admin: Client, supervisor: Client) -> None:
    ids = [a_chain(name, position=place).pk for place, name in enumerate(("a", "b", "c"), start=1)]
    part = admin.post(f"{PAGE}{ids[2]}/move", {"to": "1", "open": ""}, headers=HTMX).content.decode()
    assert re.findall(r'data-rule="(\d+)" data-place="(\d)"', part) == [
        (str(ids[2]), "1"), (str(ids[0]), "2"), (str(ids[1]), "3"),
    ]  # fmt: skip
    assert part.startswith('<div id="rules"')
    page = admin.get(PAGE).content.decode()
    assert ("js/rules" in page, page.count('aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"')) == (True, 3)
    # Who only reads them is offered no way to move them.
    page = supervisor.get(PAGE).content.decode()
    assert ("js/rules" in page, "data-rule=" in page, "grip" in page) == (False, False, False)
    assert supervisor.post(f"{PAGE}{ids[0]}/move", {"to": "1"}).status_code == 403
    assert names() == ["c", "a", "b"]


def test_two_versions_stand_beside_each_other_and_an_earlier_one_is_restored(
    admin: Client, supervisor: Client, brand: Brand
) -> None:
    admin.post(f"{PAGE}new", form(("0", "wall", "role:lead"), brand=str(brand.pk)))
    chain = EscalationChain.objects.get()
    admin.post(f"{PAGE}{chain.pk}/", form(("30", "open", "role:admin"), brand=str(brand.pk), version="1"))
    page = admin.get(f"{PAGE}{chain.pk}/versions").content.decode()
    assert page.count('class="differs"') == 1
    assert "after 30 m of open hours: the admins" in page
    assert "/restore" not in supervisor.get(f"{PAGE}{chain.pk}/versions").content.decode()
    assert supervisor.post(f"{PAGE}{chain.pk}/versions/1/restore").status_code == 403
    assert admin.post(f"{PAGE}{chain.pk}/versions/1/restore").status_code == 302
    assert EscalationChain.objects.get().steps[0]["to"] == {"role": "lead"}


# --- reading --------------------------------------------------------------------------------------------------------
def test_the_list_says_each_chain_in_plain_words_and_what_it_did(admin: Client, channel: Channel) -> None:
    a_chain("Urgent", conditions={"field": "urgency", "op": "in", "value": ["high"]})
    Ticket.objects.filter(pk=a_ticket(channel).pk).update(urgency="high")
    escalation.sweep(timezone.now())
    a_chain("Late", position=2)
    page = admin.get(PAGE).content.decode()
    assert "Urgency is Urgent" in page
    assert "Clock: has run out" in page
    assert "at once: the supervisors" in page
    assert "1 ticket this week" in page


def test_supervisors_read_those_of_their_brands_and_write_none(supervisor: Client, brand: Brand) -> None:
    ours, theirs = a_chain("Ours", brand=brand), a_chain("Theirs", brand=a_brand())
    page = supervisor.get(PAGE).content.decode()
    assert ("Ours" in page, "Theirs" in page, "New chain" in page) == (True, False, False)
    assert 'id="chain-form"' not in supervisor.get(f"{PAGE}{ours.pk}/").content.decode()
    assert supervisor.get(f"{PAGE}{theirs.pk}/").status_code == 404
    assert supervisor.post(f"{PAGE}{ours.pk}/", form(("0", "wall", "role:admin"))).status_code == 403


def test_agents_have_no_such_page(desk: Client) -> None:
    assert desk.get(PAGE).status_code == 403


def test_the_list_costs_as_much_for_many_as_for_few(admin: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        a_chain(f"Chain {number}")
    with django_assert_max_num_queries(9):
        admin.get(PAGE)


# --- the API --------------------------------------------------------------------------------------------------------
def test_the_api_keeps_reads_and_removes_chains(sami: User, agent: User) -> None:
    client = APIClient()
    client.force_authenticate(sami)
    sent = {"name": "Late", "conditions": BREACHED, "steps": STEPS}
    made = client.post("/api/escalation-chains", sent, format="json")
    assert (made.status_code, made.json()["version"]) == (201, 1)
    where = f"/api/escalation-chains/{made.json()['id']}"
    assert client.put(where, sent | {"is_on": False}, format="json").json()["version"] == 2
    wrong = client.put(where, sent | {"steps": []}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "no_step")
    assert [one["name"] for one in client.get("/api/escalation-chains").json()] == ["Late"]
    assert client.delete(where).status_code == 204
    assert client.get("/api/escalation-chains").json() == []
    client.force_authenticate(agent)
    assert client.get("/api/escalation-chains").status_code == 403
