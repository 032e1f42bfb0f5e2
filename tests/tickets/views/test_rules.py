"""The page of routing rules: one form that works without a script, its editor, its dry run, versions and order."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Brand, Role, Team, User
from ingest.models import Channel
from tests.cast import a_person, a_team, fresh, said, ticket_of
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.models import RoutingRule
from tickets.steering import rule_keeping, rule_trial
from tickets.steering.condition_form import ROUTING_FIELDS
from tickets.steering.rule_keeping import Told
from tickets.time_limit import TooSlow

PAGE = "/settings/rules/"
WORDS = {"field": "words", "op": "any", "value": ["bill", "فاتورة"]}


@pytest.fixture
def sami(brand: Brand) -> User:
    return a_person(brand, role=Role.ADMIN, name="Sami")


@pytest.fixture
def admin(sami: User) -> Client:
    return signed_in(sami)


@pytest.fixture
def billing(brand: Brand) -> Team:
    return a_team(brand, "Billing", is_default=False)


def a_rule(by: User, name: str = "Bills", *actions: dict[str, Any], when: Any = None) -> RoutingRule:
    told = Told(name, None, True, when or {"all": [WORDS]}, list(actions) or [{"do": "priority", "priority": 1}])
    return rule_keeping.save(None, told, by=by)


def sent(html: str) -> dict[str, Any]:
    """What the rule's form would send as it stands on the page, buttons left out."""
    form = html[html.index('id="rule-form"') : html.index("</form>", html.index('id="rule-form"'))]
    data: dict[str, Any] = {}

    def add(name: str, value: str) -> None:
        data.setdefault(name, []).append(value)

    for tag in re.findall(r"<input [^>]*>|<select.*?</select>", form, re.DOTALL):
        (name,) = re.findall(r'name="([^"]*)"', tag)[:1] or [""]
        if tag.startswith("<select"):
            chosen = (
                re.findall(r'<option value="([^"]*)" selected', tag) or re.findall(r'<option value="([^"]*)"', tag)[:1]
            )
            add(name, chosen[0] if chosen else "")
        elif 'type="checkbox"' not in tag or " checked" in tag:
            add(name, (re.findall(r'value="([^"]*)"', tag) or [""])[0])
    return data


def html_of(response: Any) -> str:
    return str(response.content.decode())


# --- who may ---------------------------------------------------------------------------------------------------------
def test_rules_are_for_admins_alone(desk: Client, supervisor: Client, sami: User) -> None:
    rule = a_rule(sami)
    for client in (desk, supervisor):
        for path in ("", "new", f"{rule.pk}/", f"{rule.pk}/versions"):
            assert client.get(f"{PAGE}{path}").status_code == 403
        for path in ("new", f"{rule.pk}/", f"{rule.pk}/move", f"{rule.pk}/turn", f"{rule.pk}/remove"):
            assert client.post(f"{PAGE}{path}", {"do": "save"}).status_code == 403
    assert fresh(rule).removed_at is None


# --- the form --------------------------------------------------------------------------------------------------------
def test_what_the_form_shows_is_what_it_sends_so_that_saving_it_changes_nothing(
    admin: Client, sami: User, channel: Channel, billing: Team
) -> None:
    tree = {
        "any": [
            WORDS, {"field": "channel", "op": "not_in", "value": [channel.pk]},
            {"all": [
                {"field": "sentiment", "op": "at_most", "value": -0.6},
                {"field": "came_back", "op": "is", "value": False},
            ]},
            {"none": [{"any": [{"field": "weekday", "op": "in", "value": [4, 5]}]}]},
        ]
    }  # fmt: skip
    rule = a_rule(
        sami, "Bills", {"do": "team", "team": billing.pk, "name": "Billing"}, {"do": "share", "how": "round_robin"},
        {"do": "language", "language": ""}, {"do": "priority", "priority": 2},
        {"do": "notify", "people": [sami.pk], "teams": []}, {"do": "approval"}, {"do": "reopened"}, when=tree,
    )  # fmt: skip
    page = html_of(admin.get(f"{PAGE}{rule.pk}/"))
    response = admin.post(f"{PAGE}{rule.pk}/", {**sent(page), "do": "save"})
    assert response.status_code == 302
    kept = fresh(rule)
    assert (kept.conditions, kept.actions, kept.version) == (tree, rule.actions, 1)


def test_a_rule_is_written_from_nothing_without_a_script(admin: Client, billing: Team) -> None:
    data = sent(html_of(admin.get(f"{PAGE}new")))
    page = html_of(admin.post(f"{PAGE}new", {**data, "do": "c:group:0"}))
    data = sent(page)
    assert data["c-row"] == ["0", "1", "2", "3"]
    data |= {"name": "Bills", "c-1-value": "bill, فاتورة، invoice", "c-3-field": "trigger", "do": "c:same"}
    data = sent(html_of(admin.post(f"{PAGE}new", data)))
    data |= {"c-3-value": ["overcharging", "dishonesty"], "a-team": billing.pk, "do": "save"}
    assert admin.post(f"{PAGE}new", data).status_code == 302
    rule = RoutingRule.objects.get()
    assert rule.conditions == {
        "all": [
            {"field": "words", "op": "any", "value": ["bill", "فاتورة", "invoice"]},
            {"any": [{"field": "trigger", "op": "in", "value": ["overcharging", "dishonesty"]}]},
        ]
    }
    assert rule.actions == [{"do": "team", "team": billing.pk, "name": "Billing"}]


def test_groups_go_three_deep_and_no_deeper_and_rows_can_be_taken_away(admin: Client) -> None:
    data = sent(html_of(admin.get(f"{PAGE}new")))
    data = sent(html_of(admin.post(f"{PAGE}new", {**data, "do": "c:group:0"})))
    page = html_of(admin.post(f"{PAGE}new", {**data, "do": "c:group:2"}))
    assert "c:group:2" in page
    assert "c:group:4" not in page
    data = sent(page)
    assert data["c-row"] == ["0", "1", "2", "3", "4", "5"]
    assert sent(html_of(admin.post(f"{PAGE}new", {**data, "do": "c:remove:4"})))["c-row"] == ["0", "1", "2", "3"]


def test_the_editor_comes_alone_for_htmx_with_the_new_row_in_focus_and_the_sentence(admin: Client, sami: User) -> None:
    rule = a_rule(sami)
    data = sent(html_of(admin.get(f"{PAGE}{rule.pk}/")))
    part = html_of(admin.post(f"{PAGE}{rule.pk}/", {**data, "do": "c:leaf:0"}, headers=HTMX))
    assert "<html" not in part
    assert re.search(r'id="c-2-field"[^>]* autofocus', part)
    assert 'id="sentence"' in part
    said_ = html_of(admin.post(f"{PAGE}{rule.pk}/", {**data, "do": "say"}, headers=HTMX))
    assert "bill" in said_
    assert "Urgent" in said_


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "Give the rule a name."),
        ({"c-1-value": ""}, "Say what it is compared with."),
        ({"a-priority": ""}, "Say what the rule does."),
        ({"a-team": "999"}, "was removed"),
    ],
)
def test_what_is_wrong_is_said_beside_the_form_and_nothing_is_lost(
    admin: Client, sami: User, change: dict[str, str], words: str
) -> None:
    rule = a_rule(sami)
    data = sent(html_of(admin.get(f"{PAGE}{rule.pk}/"))) | change
    response = admin.post(f"{PAGE}{rule.pk}/", {**data, "do": "save", "a-reopened": "1"})
    assert response.status_code == 422
    page = html_of(response)
    assert words in page
    assert 'name="a-reopened" value="1" checked' in page
    assert fresh(rule).version == 1


def test_every_field_can_be_chosen_and_offers_what_it_is_compared_with(admin: Client) -> None:
    data = sent(html_of(admin.get(f"{PAGE}new")))
    for field in ROUTING_FIELDS:
        page = html_of(admin.post(f"{PAGE}new", {**data, "c-1-field": field, "do": "c:same"}, headers=HTMX))
        assert f'<option value="{field}" selected>' in page
        assert 'name="c-1-value"' in page or "There is none yet." in page


def test_nonsense_in_the_form_is_no_error_of_ours(admin: Client) -> None:
    data = {
        "c-row": ["0", "7", "x", "9"], "c-0-group": "maybe", "c-7-parent": "0", "c-7-field": "sentiment",
        "c-7-was": "sentiment", "c-7-value": "nan", "c-x-parent": "12", "c-9-parent": "0", "c-9-field": "<b>",
        "brand": "٣", "a-team": "-1", "a-priority": "77", "a-told-people": ["a", "1" * 40], "name": "x" * 500,
    }  # fmt: skip
    for do in ("save", "try", "say", "c:leaf:99", "c:remove:0", "c:same", "c:"):
        assert admin.post(f"{PAGE}new", {**data, "do": do}).status_code in {200, 422}
    assert not RoutingRule.objects.exists()


def test_a_save_over_somebody_elses_keeps_the_draft_and_says_so(admin: Client, sami: User) -> None:
    rule = a_rule(sami)
    data = sent(html_of(admin.get(f"{PAGE}{rule.pk}/")))
    rule_keeping.save(rule.pk, Told("Theirs", None, True, rule.conditions, rule.actions), by=sami)
    # To try it, or to be told of a slip, is not to have seen what came since.
    for again in ({"do": "try"}, {"do": "c:leaf:0"}, {"do": "save", "name": ""}):
        assert 'name="version" value="1"' in html_of(admin.post(f"{PAGE}{rule.pk}/", {**data, **again}))
    response = admin.post(f"{PAGE}{rule.pk}/", {**data, "name": "Mine", "do": "save"})
    assert response.status_code == 409
    assert 'name="version" value="2"' in html_of(response)
    assert 'value="Mine"' in html_of(response)
    assert fresh(rule).name == "Theirs"


# --- the dry run -----------------------------------------------------------------------------------------------------
def test_a_dry_run_shows_what_would_change_before_anything_is_saved(
    admin: Client, channel: Channel, billing: Team
) -> None:
    ticket = ticket_of(said(channel, "my bill is <b>wrong</b>"))
    data = sent(html_of(admin.get(f"{PAGE}new"))) | {"c-1-value": "bill", "a-team": billing.pk, "do": "try"}
    part = html_of(admin.post(f"{PAGE}new", data, headers=HTMX))
    assert f"#{ticket.pk}" in part
    assert "Billing" in part
    assert "&lt;b&gt;" in part
    assert "<html" not in part
    assert not RoutingRule.objects.exists()
    assert fresh(ticket).team != billing
    assert f"#{ticket.pk}" in html_of(admin.post(f"{PAGE}new", data))


def test_an_unfinished_rule_is_not_tried_and_the_page_says_why(admin: Client) -> None:
    data = sent(html_of(admin.get(f"{PAGE}new"))) | {"do": "try"}
    response = admin.post(f"{PAGE}new", data, headers=HTMX)
    assert response.status_code == 422
    assert "Say what it is compared with." in html_of(response)


def test_a_dry_run_that_takes_too_long_says_so(admin: Client, billing: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    def tired(*_args: object) -> None:
        raise TooSlow

    monkeypatch.setattr(rule_trial, "dry_run", tired)
    data = sent(html_of(admin.get(f"{PAGE}new"))) | {"c-1-value": "bill", "a-team": billing.pk, "do": "try"}
    answer = admin.post(f"{PAGE}new", data, headers=HTMX)
    assert (answer.status_code, "takes too long" in html_of(answer)) == (422, True)


# --- the list, versions ----------------------------------------------------------------------------------------------
def test_rules_are_moved_by_steps_and_to_a_place(admin: Client, sami: User) -> None:
    ids = [a_rule(sami, name).pk for name in ("a", "b", "c")]
    admin.post(f"{PAGE}{ids[2]}/move", {"by": "up"})
    assert [rule.name for rule in rule_keeping.rules()] == ["a", "c", "b"]
    part = html_of(admin.post(f"{PAGE}{ids[1]}/move", {"to": "1", "open": ids[0]}, headers=HTMX))
    assert re.findall(r'data-rule="(\d+)"', part) == [str(ids[1]), str(ids[0]), str(ids[2])]


def test_a_rule_is_removed_and_put_back(admin: Client, sami: User) -> None:
    rule = a_rule(sami)
    page = html_of(admin.post(f"{PAGE}{rule.pk}/remove", follow=True))
    assert f"{PAGE}{rule.pk}/put-back" in page
    assert admin.get(f"{PAGE}{rule.pk}/").status_code == 404
    assert admin.post(f"{PAGE}{rule.pk}/put-back").status_code == 302
    assert admin.get(f"{PAGE}{rule.pk}/").status_code == 200


def test_the_list_says_what_each_rule_does_how_often_it_did_and_what_is_wrong(
    admin: Client, sami: User, channel: Channel, billing: Team
) -> None:
    a_rule(sami, "Bills", {"do": "team", "team": billing.pk, "name": "Billing"})
    said(channel, "my bill is wrong")
    page = html_of(admin.get(PAGE))
    assert "1 this week" in page
    assert "Billing" in page
    billing.delete()
    assert "team “Billing” was removed" in html_of(admin.get(PAGE))


def test_two_versions_stand_beside_each_other_and_an_earlier_one_is_restored(admin: Client, sami: User) -> None:
    rule = a_rule(sami)
    rule_keeping.save(rule.pk, Told("Fees", None, True, rule.conditions, [{"do": "approval"}]), by=sami)
    page = html_of(admin.get(f"{PAGE}{rule.pk}/versions"))
    assert page.count('class="differs"') == 2
    assert "Sami" in page
    assert admin.post(f"{PAGE}{rule.pk}/versions/1/restore").status_code == 302
    assert (fresh(rule).name, fresh(rule).version) == ("Bills", 3)
    assert admin.post(f"{PAGE}{rule.pk}/versions/99/restore").status_code == 404


def test_a_supervisor_is_told_which_rule_would_catch_a_ticket_today(
    supervisor: Client, desk: Client, sami: User, channel: Channel
) -> None:
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert "No rule would catch it" in html_of(supervisor.get(f"/tickets/{ticket.pk}/rule"))
    a_rule(sami)
    assert "Bills" in html_of(supervisor.get(f"/tickets/{ticket.pk}/rule"))
    assert desk.get(f"/tickets/{ticket.pk}/rule").status_code == 403


def test_the_pages_cost_few_queries_however_many_rules_there_are(
    admin: Client, sami: User, django_assert_max_num_queries: Any
) -> None:
    rules = [a_rule(sami, f"rule {turn}") for turn in range(12)]
    with django_assert_max_num_queries(24):
        admin.get(PAGE)
    with django_assert_max_num_queries(32):
        admin.get(f"{PAGE}{rules[3].pk}/")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_speak_the_readers_language(admin: Client, sami: User, channel: Channel, language: str) -> None:
    admin.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    rule = a_rule(sami)
    said(channel, "my bill is wrong")
    data = sent(html_of(admin.get(f"{PAGE}{rule.pk}/"))) | {"do": "try"}
    for page in (admin.get(PAGE), admin.get(f"{PAGE}{rule.pk}/versions"), admin.post(f"{PAGE}{rule.pk}/", data)):
        assert f'lang="{language}"' in html_of(page)
        assert page.status_code == 200
