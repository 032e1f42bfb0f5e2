"""The dry run says what a rule would have changed last week, and changes nothing; words say why, in both languages."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from accounts.models import Brand, Team
from ingest.models import Channel
from tests.cast import a_post, a_team, fresh, receive, said, ticket_of
from tickets.models import Activity, RoutingRule, Tag, Ticket
from tickets.steering import rule_trial, rule_words
from tickets.steering.conditions import FIELDS, OPS
from tickets.steering.rule_names import Names
from tickets.steering.rules import Rule
from tickets.thread import line_of

pytestmark = pytest.mark.django_db

BILL = {"all": [{"field": "words", "op": "any", "value": ["bill"]}]}


@pytest.fixture
def billing(brand: Brand) -> Team:
    return a_team(brand, "Billing", is_default=False)


def draft(*actions: dict[str, Any], when: dict[str, Any] | None = None, rule: int | None = None) -> Rule:
    return Rule(rule, 1, "Draft", when or {}, list(actions))


def to(team: Team) -> dict[str, Any]:
    return {"do": "team", "team": team.pk, "name": team.name}


def test_a_dry_run_counts_what_would_go_elsewhere_and_writes_nothing(channel: Channel, billing: Team) -> None:
    usual = Team.objects.exclude(pk=billing.pk).get()
    bill, *_rest = receive(channel, a_post("my bill is wrong", by="a"), a_post("the line is down", by="b"))
    before = (list(Ticket.objects.order_by("id").values()), Activity.objects.count())
    trial = rule_trial.dry_run(draft(to(billing), {"do": "priority", "priority": 1}, when=BILL), timezone.now())
    assert (trial.looked, trial.caught, trial.moved, trial.capped) == (2, 1, 1, False)
    assert {(count.name, count.now, count.then) for count in trial.teams} == {("Billing", 0, 1), (usual.name, 2, 1)}
    assert {(count.name, count.now, count.then) for count in trial.priorities} == {("Urgent", 0, 1), ("Normal", 2, 1)}
    (line,) = trial.lines
    assert line.id == ticket_of(bill).pk
    assert "Otherwise" in line.before
    assert "Billing" in line.after
    assert "bill" in line.because
    assert (list(Ticket.objects.order_by("id").values()), Activity.objects.count()) == before


def test_a_dry_run_sees_tickets_as_they_came_whatever_happened_since(channel: Channel, billing: Team) -> None:
    tag = Tag.objects.create(name="late")
    ticket = ticket_of(said(channel, "my bill is wrong"))
    Ticket.objects.filter(pk=ticket.pk).update(tags=[tag.pk], priority=1)
    asked = {"all": [{"field": "tags", "op": "any", "value": [tag.pk]}]}
    assert rule_trial.dry_run(draft(to(billing), when=asked), timezone.now()).caught == 0
    grave = {"all": [{"field": "priority", "op": "at_most", "value": 2}]}
    assert rule_trial.dry_run(draft(to(billing), when=grave), timezone.now()).caught == 0


def test_a_change_of_a_rule_is_compared_with_the_rule_as_it_stands(channel: Channel, billing: Team) -> None:
    kept = RoutingRule.objects.create(name="Bills", conditions=BILL, actions=[to(billing)], updated_at=timezone.now())
    said(channel, "my bill is wrong")
    same = rule_trial.dry_run(draft(to(billing), when=BILL, rule=kept.pk), timezone.now())
    assert (same.caught, same.moved) == (1, 0)
    other = rule_trial.dry_run(draft({"do": "priority", "priority": 1}, when=BILL, rule=kept.pk), timezone.now())
    assert (other.caught, other.moved) == (1, 1)


def test_older_tickets_are_not_looked_at_and_of_very_many_only_the_newest(channel: Channel, billing: Team) -> None:
    receive(channel, *[a_post("my bill is wrong", by=f"c{turn}") for turn in range(4)])
    oldest = Ticket.objects.order_by("id").first()
    assert oldest
    Ticket.objects.filter(pk=oldest.pk).update(opened_at=timezone.now() - timedelta(days=8))
    moments, capped = rule_trial.of_the_week(timezone.now())
    assert (len(moments), capped) == (3, False)
    moments, capped = rule_trial.of_the_week(timezone.now(), most=2)
    assert (len(moments), capped) == (2, True)


def test_a_dry_run_of_a_hundred_tickets_costs_as_many_queries_as_one_of_ten(
    channel: Channel, billing: Team, django_assert_max_num_queries: Any
) -> None:
    receive(channel, *[a_post("my bill is wrong", by=f"c{turn}") for turn in range(60)])
    with django_assert_max_num_queries(16):
        assert rule_trial.dry_run(draft(to(billing), when=BILL), timezone.now()).moved == 60


def test_the_rule_that_would_catch_a_ticket_today_is_told(channel: Channel, billing: Team) -> None:
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert rule_trial.caught_by(fresh(ticket)) is None
    RoutingRule.objects.create(name="Bills", conditions=BILL, actions=[to(billing)], updated_at=timezone.now())
    fit = rule_trial.caught_by(fresh(ticket))
    assert fit
    assert (fit.rule.name, fit.plan.team) == ("Bills", billing.pk)


# --- words ----------------------------------------------------------------------------------------------------------
def test_a_ticket_says_in_both_languages_which_rule_routed_it_and_why(channel: Channel, billing: Team) -> None:
    tag = {"all": [*BILL["all"], {"field": "channel", "op": "in", "value": [channel.pk]}]}
    RoutingRule.objects.create(name="Bills", conditions=tag, actions=[to(billing)], updated_at=timezone.now())
    line = ticket_of(said(channel, "my bill is wrong")).activities.get(verb="routed")
    with translation.override("en"):
        words = str(line_of(line)).replace("\u2068", "").replace("\u2069", "")
        assert words == (f"Routed by rule 1 “<bdi>Bills</bdi>”: Words include any of “bill”; Channel is {channel.name}")
    with translation.override("ar"):
        words = str(line_of(line))
        assert "القاعدة 1" in words
        assert channel.name in words
        assert not any(word in words for word in ("Routed", "include", "Channel is"))


def test_a_name_in_a_ticket_record_that_holds_markup_stays_text(channel: Channel) -> None:
    RoutingRule.objects.create(
        name="<b>x</b>", actions=[{"do": "priority", "priority": 1}], updated_at=timezone.now(),
        conditions={"all": [{"field": "words", "op": "none", "value": ["<i>y</i>"]}]},
    )  # fmt: skip
    line = str(line_of(ticket_of(said(channel, "my bill is wrong")).activities.get(verb="routed")))
    assert "<b>" not in line
    assert "<i>" not in line


VALUES: dict[str, Any] = {
    "number": 2, "text": ["bill"], "flag": True, "choice": ["overcharging"], "set": ["complaint"],
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_question_that_can_be_asked_has_words_in_both_languages(language: str) -> None:
    with translation.override(language):
        for field, kind in FIELDS.items():
            for op in OPS[kind]:
                leaf = {"field": field, "op": op, "value": VALUES[kind.value]}
                words = rule_words.leaf_words(leaf, Names([leaf]))
                assert words
                if language == "ar":
                    assert str(rule_words.FIELD_WORDS[field]) in words
                    assert not str(rule_words.FIELD_WORDS[field]).isascii()


def test_a_rule_reads_as_one_sentence() -> None:
    tree = {"all": [
        {"field": "language", "op": "in", "value": ["ar"]},
        {"any": [
            {"field": "sentiment", "op": "at_most", "value": -0.6}, {"field": "priority", "op": "at_most", "value": 2},
        ]},
        {"none": [{"field": "came_back", "op": "is", "value": True}]},
    ]}  # fmt: skip
    with translation.override("en"):
        words = rule_words.sentence(tree, [{"do": "priority", "priority": 1}, {"do": "approval"}], Names([tree]))
    assert words.replace("\u200e", "") == (
        "If Language is Arabic and (Sentiment at most −0.6 or Priority High, this or higher)"
        " and none of: Came back: yes, then: priority Urgent, answers wait for a second person."
    )
