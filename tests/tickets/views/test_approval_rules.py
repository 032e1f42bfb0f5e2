"""The pages of approval rules: written with the conditions editor, for admins alone; a removed one may come back."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import AuditEntry, Brand, Role, User
from tests.cast import a_person, fresh
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.answering import approval_rules, approvals
from tickets.answering.approvals import Wish
from tickets.models import Approval, ApprovalRule, RuleVersion, Ticket

PAGE = "/settings/approval-rules/"


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(a_person(role=Role.ADMIN, name="Sami"))


def a_form(**more: Any) -> dict[str, Any]:
    """Answers that name 500 or more."""
    return {
        "name": "Sums", "brand": "", "minutes": "20", "is_on": "1", "do": "save", "c-row": ["0", "1"], "c-0-parent": "",
        "c-0-group": "all", "c-1-parent": "0", "c-1-was": "amount", "c-1-field": "amount", "c-1-op": "at_least",
        "c-1-value": "500",
    } | more  # fmt: skip


def test_a_rule_is_written_and_answers_go_by_it(admin: Client, ticket: Ticket, agent: User) -> None:
    assert admin.post(f"{PAGE}new", a_form()).headers["Location"] == PAGE
    rule = ApprovalRule.objects.get()
    assert (rule.name, rule.minutes, rule.is_on, rule.version) == ("Sums", 20, True, 1)
    html = admin.get(PAGE).content.decode()
    assert "Sums" in html
    assert "at least 500" in html
    text = "We credit 700 SAR to your bill on Sunday."
    asked = approvals.answer(ticket.pk, text=text, by=agent, seen=ticket.position, key=uuid4(), wish=Wish())
    assert isinstance(asked, Approval)
    assert asked.rule == rule


def test_each_save_is_a_version_and_the_same_again_is_none(admin: Client, brand: Brand) -> None:
    admin.post(f"{PAGE}new", a_form())
    rule = ApprovalRule.objects.get()
    for form in (a_form(), a_form(minutes="5", brand=str(brand.pk))):
        admin.post(f"{PAGE}{rule.pk}/", form)
    assert (fresh(rule).version, fresh(rule).minutes, fresh(rule).brand) == (2, 5, brand)
    assert list(RuleVersion.objects.order_by("version").values_list("kind", "version")) == [
        ("approval", 1), ("approval", 2),
    ]  # fmt: skip
    assert [entry.verb for entry in AuditEntry.objects.order_by("id")] == ["rule.made", "rule.changed"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Give the rule a name."),
        ({"minutes": "0"}, "between 1 and"),
        ({"c-1-value": ""}, "Say what it is compared with."),
        ({"c-row": ["0"]}, "without a condition every answer would wait"),
        ({"brand": "99999"}, "This brand is not there any more."),
    ],
)
def test_what_cannot_be_kept_comes_back_with_the_reason(admin: Client, wrong: dict[str, Any], words: str) -> None:
    refused = admin.post(f"{PAGE}new", a_form(**wrong))
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert not ApprovalRule.objects.exists()


def test_the_editor_offers_what_only_answers_have_with_the_guards_findings_in_words(admin: Client) -> None:
    form = a_form(**{"do": "c:same", "c-1-field": "guard"})
    html = admin.post(f"{PAGE}new", form, headers=HTMX).content.decode()
    for part in ("Who wrote the answer", "Blaming the customer", 'value="money_claim"'):
        assert part in html
    said = admin.post(f"{PAGE}new", a_form(do="say"), headers=HTMX).content.decode()
    assert "An answer waits for a second person if" in said
    assert "style=" not in admin.get(f"{PAGE}new").content.decode()


def test_a_removed_rule_holds_nothing_back_and_may_come_back(admin: Client) -> None:
    admin.post(f"{PAGE}new", a_form())
    rule = ApprovalRule.objects.get()
    back = admin.post(f"{PAGE}{rule.pk}/remove").headers["Location"]
    html = admin.get(back).content.decode()
    assert f"{PAGE}{rule.pk}/put-back" in html
    assert admin.get(f"{PAGE}{rule.pk}/").status_code == 404
    admin.post(f"{PAGE}{rule.pk}/put-back")
    assert admin.get(f"{PAGE}{rule.pk}/").status_code == 200
    assert fresh(rule).removed_at is None


def three_of(admin: Client) -> list[int]:
    for name in ("a", "b", "c"):
        admin.post(f"{PAGE}new", a_form(name=name))
    return list(ApprovalRule.objects.order_by("position").values_list("pk", flat=True))


def test_rules_change_places_by_steps_by_dragging_and_by_keys(admin: Client) -> None:
    ids = three_of(admin)
    admin.post(f"{PAGE}{ids[2]}/move", {"by": "up"})
    assert [rule.name for rule in approval_rules.rules()] == ["a", "c", "b"]
    part = admin.post(f"{PAGE}{ids[1]}/move", {"to": "1", "open": ""}, headers=HTMX).content.decode()
    assert re.findall(r'data-rule="(\d+)" data-place="(\d)"', part) == [
        (str(ids[1]), "1"), (str(ids[0]), "2"), (str(ids[2]), "3"),
    ]  # fmt: skip
    assert part.startswith('<div id="rules"')
    page = admin.get(PAGE).content.decode()
    assert ("js/rules" in page, page.count('aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"')) == (True, 3)


def test_the_first_rule_in_the_order_that_fits_is_an_answers_own(admin: Client, ticket: Ticket, agent: User) -> None:
    ids = three_of(admin)
    admin.post(f"{PAGE}{ids[2]}/move", {"to": "1"})
    text = "We credit 700 SAR on Sunday."
    asked = approvals.answer(ticket.pk, text=text, by=agent, seen=ticket.position, key=uuid4(), wish=Wish())
    assert isinstance(asked, Approval)
    assert asked.rule_id == ids[2]


def test_two_versions_stand_beside_each_other_and_an_earlier_one_is_restored(admin: Client) -> None:
    admin.post(f"{PAGE}new", a_form())
    rule = ApprovalRule.objects.get()
    admin.post(f"{PAGE}{rule.pk}/", a_form(name="Large sums", minutes="5", version="1"))
    page = admin.get(f"{PAGE}{rule.pk}/versions").content.decode()
    assert page.count('class="differs"') == 2
    assert ("at least 500" in page, "Sami" in page) == (True, True)
    assert admin.post(f"{PAGE}{rule.pk}/versions/1/restore").status_code == 302
    assert (fresh(rule).name, fresh(rule).minutes, fresh(rule).version) == ("Sums", 20, 3)
    assert admin.post(f"{PAGE}{rule.pk}/versions/99/restore").status_code == 404


def test_a_save_over_somebody_elses_keeps_what_was_written_and_says_so(admin: Client) -> None:
    admin.post(f"{PAGE}new", a_form())
    rule = ApprovalRule.objects.get()
    assert 'name="version" value="1"' in admin.get(f"{PAGE}{rule.pk}/").content.decode()
    admin.post(f"{PAGE}{rule.pk}/", a_form(name="Theirs", version="1"))
    slip = admin.post(f"{PAGE}{rule.pk}/", a_form(name="", version="1")).content.decode()
    assert 'name="version" value="1"' in slip
    answer = admin.post(f"{PAGE}{rule.pk}/", a_form(name="Mine", version="1"))
    assert 'name="version" value="2"' in answer.content.decode()
    assert (answer.status_code, 'value="Mine"' in answer.content.decode()) == (409, True)
    assert fresh(rule).name == "Theirs"


def test_supervisors_write_no_approval_rules(supervisor: Client) -> None:
    assert supervisor.get(PAGE).status_code == 403
    assert supervisor.post(f"{PAGE}new", a_form()).status_code == 403
    assert not ApprovalRule.objects.exists()
