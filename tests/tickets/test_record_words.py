"""Every change of the settings leaves a line in the record, and every line has words in both languages."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from accounts import audit, people, second_step, teams
from accounts.models import AuditEntry, Brand, Role, User
from ingest import removing, resetting
from ingest.models import Channel
from ingest.resetting import Settings
from tests.cast import a_bell, a_brand, a_channel, a_person, a_team
from tickets.answering import care_policies
from tickets.channels import upkeep
from tickets.models import Calendar, CalendarDays, SlaPolicy
from tickets.record_words import OF_KIND, WORDS, details, what
from tickets.steering import rule_keeping
from tickets.steering.kept_rules import DEEDS, NOUNS
from tickets.targets import target_changes, tiers
from tickets.verbs import tag_keeping

pytestmark = pytest.mark.django_db
HOUSE = ("accounts", "ingest", "tickets", "care")


def verbs_in_the_house() -> set[str]:
    """The codes that the code itself hands to audit.record, read from its syntax; those of rules it puts together."""
    found: set[object] = {f"{noun}.{deed}" for noun in NOUNS for deed in DEEDS}
    for path in (path for room in HOUSE for path in Path(room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                made = [] if isinstance(node.args[1], ast.JoinedStr) else ast.walk(node.args[1])
                found |= {part.value for part in made if isinstance(part, ast.Constant)}
    return {verb for verb in found if isinstance(verb, str)}


def test_every_code_that_is_recorded_has_words_in_both_languages() -> None:
    verbs = verbs_in_the_house()
    assert {"person.added", "channel.erased", "rule.put_back"} <= verbs
    assert verbs - set(WORDS) == set()
    for words in [*WORDS.values(), *OF_KIND.values()]:
        with translation.override("en"):
            english = str(words)
        with translation.override("ar"):
            assert str(words) != english


# --- everything an admin may change ----------------------------------------------------------------------------------
class Desk:
    """An admin, and one of each thing there is to set up."""

    def __init__(self) -> None:
        self.admin = a_person(role=Role.ADMIN, name="Lina")
        self.brand: Brand = a_brand("Nawa")
        self.team = self.brand.teams.get()
        self.person: User = a_person(self.brand, name="Huda", capacity=10)
        self.channel: Channel = a_channel(self.brand)

    def rule(self) -> Any:
        told = rule_keeping.Told("Bills", None, True, {}, ACTIONS)
        return rule_keeping.save(None, told, by=self.admin)

    def policy(self) -> SlaPolicy:
        return target_changes.save_policy(SlaPolicy(name="Usual", first_answer=60, is_on=False), by=self.admin)

    def calendar(self) -> Calendar:
        made = Calendar(name="Week", time_zone="Asia/Riyadh", spans={"0": [["09:00", "17:00"]]})
        return target_changes.save_calendar(made, [], by=self.admin)

    def days(self) -> CalendarDays:
        days = CalendarDays(name="National day", reckoning="yearly", month=9, day=23, spans={})
        return target_changes.add_days(self.calendar().pk, days, by=self.admin)

    def tag(self, name: str = "refund") -> Any:
        return tag_keeping.keep(None, name=name, name_ar="", brand=self.brand, by=self.admin)

    def tier(self, name: str = "Gold") -> Any:
        return tiers.keep(None, brand=self.brand, name=name, name_ar="", is_default=False, by=self.admin)

    def keep_team(self, pk: int | None, name: str) -> Any:
        return teams.keep_team(pk, name=name, brands=[self.brand], members=[], is_default=True, by=self.admin)

    def settings(self) -> Channel:
        return resetting.change(
            self.channel.pk,
            Settings(name="Renamed", brand=self.brand, default_team=None, poll_seconds=90, monthly_cap=None),
            by=self.admin,
        )

    def answers(self) -> Any:
        told = {"guard": {}, "own_domains": ["nawa.example"], "canned_counts": True, "approval_minutes": 15}
        return care_policies.change(self.brand, **told, by=self.admin)

    def move_tier(self) -> None:
        self.tier()
        tiers.move(self.tier("Silver").pk, up=True, by=self.admin)

    def move_rule(self) -> None:
        self.rule()
        rule_keeping.move(self.rule().pk, to=1, by=self.admin)

    def move_policy(self) -> None:
        self.policy()
        second = target_changes.save_policy(SlaPolicy(name="Other", first_answer=9, is_on=False), by=self.admin)
        target_changes.move_policy(second.pk, up=True, by=self.admin)

    def back(self) -> None:
        people.deactivate(self.person.pk, by=self.admin)
        people.reactivate(self.person.pk, by=self.admin)

    def add(self) -> Any:
        given = {"name": "Salma", "email": "salma@nawa.example", "role": "agent"}
        return people.add(given, teams=[self.team], by=self.admin)

    def change(self) -> Any:
        return people.change(self.person.pk, {"role": "supervisor"}, teams=[self.team], by=self.admin)


ACTIONS = [{"do": "priority", "priority": 1}]
CHANGES: dict[str, Callable[[Desk], Any]] = {
    "person.added": lambda desk: desk.add(),
    "person.changed": lambda desk: desk.change(),
    "person.left": lambda desk: people.deactivate(desk.person.pk, by=desk.admin),
    "person.back": lambda desk: desk.back(),
    "person.password": lambda desk: people.new_password(desk.person.pk, by=desk.admin),
    "sign_in.changed": lambda desk: second_step.demand(["admin"], by=desk.admin),
    "team.made": lambda desk: desk.keep_team(None, "Night"),
    "team.changed": lambda desk: desk.keep_team(desk.team.pk, "Day"),
    "team.removed": lambda desk: teams.remove_team(a_team(desk.brand, "Empty").pk, by=desk.admin),
    "brand.made": lambda desk: teams.keep_brand(None, name="Other", name_ar="", by=desk.admin),
    "brand.renamed": lambda desk: teams.keep_brand(desk.brand.pk, name="Nawa Two", name_ar="", by=desk.admin),
    "tag.made": lambda desk: desk.tag(),
    "tag.renamed": lambda desk: tag_keeping.keep(
        desk.tag().pk, name="refunds", name_ar="", brand=desk.brand, by=desk.admin
    ),
    "tag.merged": lambda desk: tag_keeping.merge(desk.tag().pk, into=desk.tag("money").pk, by=desk.admin),
    "tag.removed": lambda desk: tag_keeping.remove(desk.tag().pk, by=desk.admin),
    "tier.made": lambda desk: desk.tier(),
    "tier.changed": lambda desk: tiers.keep(
        desk.tier().pk, brand=desk.brand, name="Golden", name_ar="", is_default=True, by=desk.admin
    ),
    "tier.moved": lambda desk: desk.move_tier(),
    "tier.removed": lambda desk: tiers.remove(desk.tier().pk, by=desk.admin),
    "policy.made": lambda desk: desk.policy(),
    "policy.changed": lambda desk: target_changes.save_policy(desk.policy(), by=desk.admin),
    "policy.moved": lambda desk: desk.move_policy(),
    "policy.removed": lambda desk: target_changes.remove_policy(desk.policy().pk, by=desk.admin),
    "calendar.made": lambda desk: desk.calendar(),
    "calendar.changed": lambda desk: target_changes.save_calendar(desk.calendar(), [], by=desk.admin),
    "calendar.days": lambda desk: desk.days(),
    "calendar.removed": lambda desk: target_changes.remove_calendar(desk.calendar().pk, by=desk.admin),
    "rule.made": lambda desk: desk.rule(),
    "rule.changed": lambda desk: rule_keeping.turn(desk.rule().pk, on=False, by=desk.admin),
    "rule.moved": lambda desk: desk.move_rule(),
    "rule.removed": lambda desk: rule_keeping.remove(desk.rule().pk, by=desk.admin),
    "rule.put_back": lambda desk: rule_keeping.put_back(
        rule_keeping.remove(desk.rule().pk, by=desk.admin).pk, by=desk.admin
    ),
    "channel.settings": lambda desk: desk.settings(),
    "channel.paused": lambda desk: upkeep.pause(desk.channel.pk, by=desk.admin),
    "channel.removed": lambda desk: removing.remove(desk.channel.pk, erase=False, by=desk.admin),
    "channel.erased": lambda desk: removing.remove(desk.channel.pk, erase=True, by=desk.admin),
}


@pytest.mark.parametrize("verb", CHANGES)
def test_a_change_leaves_a_line_with_who_made_it(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    desk = Desk()
    CHANGES[verb](desk)
    line = AuditEntry.objects.latest("id")
    assert (line.verb, line.actor_name) == (verb, "Lina")
    assert what(line) == str(WORDS[verb])
    assert not [words for words in details(line) if "None" in words or "{" in words]


def test_the_policy_of_answers_leaves_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    Desk().answers()
    assert what(AuditEntry.objects.latest("id")) == "Policy of answers changed"


# --- what a line says ------------------------------------------------------------------------------------------------
def told(**data: Any) -> list[str]:
    line = audit.record(None, "person.changed", a_person(), **data)
    return [words.replace("\u2068", "").replace("\u2069", "") for words in details(line)]


def test_what_it_was_and_what_it_is_stand_side_by_side() -> None:
    assert told(changed={"capacity": [10, 12], "role": ["agent", "admin"], "teams": [[], ["Billing", "Night"]]}) == [
        "tickets at once: from 10 to 12",
        "role: from Agent to Admin",
        "teams: from nothing to Billing, Night",
    ]


def test_names_and_places_there_were_before() -> None:
    assert told(was=["refund", ""]) == ["before: refund"]
    assert told(place=2, was=5) == ["place: 2", "before: place 5"]
    assert told(tickets=3, into="money") == ["into: money", "3 tickets had it"]


def test_what_has_no_name_is_not_shown_whatever_it_holds() -> None:
    assert told(token="s3cret", changed={"secrets": ["old", "new"], "capacity": "odd"}, was="active") == []


def test_a_line_of_a_later_version_shows_its_code() -> None:
    line = audit.record(None, "moon.landed", a_brand())
    assert (what(line), details(line)) == ("moon.landed", [])
