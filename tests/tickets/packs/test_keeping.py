"""Sector packs: added once, as ordinary rows, and taken back as far as nobody has touched them."""

from uuid import uuid4

import pytest
from django.utils import translation

from accounts.models import AuditEntry, Brand, Role, User
from tests.cast import a_brand, a_channel, a_person, a_ticket, an_answer, at_once, fresh
from tickets.answering import approvals, guarding
from tickets.answering.approvals import Wish
from tickets.answering.guard.examine import examine
from tickets.answering.guard.findings import USUAL, Code, Setting
from tickets.models import Approval, ApprovalRule, CarePolicy, RuleVersion, SavedReply, Tag, Ticket
from tickets.packs import keeping
from tickets.packs.keeping import PACKS
from tickets.packs.pack import PackRule
from tickets.permissions import NotAllowed
from tickets.steering import conditions

pytestmark = pytest.mark.django_db
BANK = PACKS["bank"]


@pytest.fixture
def sami(db: None) -> User:
    """An admin."""
    return a_person(role=Role.ADMIN, name="Sami")


def counted(brand: Brand) -> list[int]:
    """Rules that are on, saved replies and tags of the brand."""
    rules = ApprovalRule.objects.filter(brand=brand, removed_at=None)
    return [rows.count() for rows in (rules, SavedReply.objects.filter(brand=brand), Tag.objects.filter(brand=brand))]


def whole(pack: str) -> list[int]:
    return [len(PACKS[pack].rules), len(PACKS[pack].replies), len(PACKS[pack].tags)]


# --- what they hold -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", PACKS)
def test_a_packs_rules_can_be_kept_and_every_word_is_in_both_languages(slug: str) -> None:
    pack = PACKS[slug]
    for rule in pack.rules:
        assert conditions.problems(dict(rule.conditions)) == [], rule.en
    for thing in (*pack.rules, *pack.replies, *pack.tags):
        assert thing.en
        assert any("؀" < letter < "ۿ" for letter in thing.ar)
    for reply in pack.replies:
        assert any("؀" < letter < "ۿ" for letter in reply.text_ar)
        assert len(reply.text_en) < 280
    for things in (pack.rules, pack.replies, pack.tags):
        names = [name for thing in things for name in (thing.en, thing.ar)]
        assert len(set(names)) == len(names), "by either name a thing is known again"


@pytest.mark.parametrize("slug", PACKS)
def test_a_packs_own_words_pass_its_own_guard(slug: str) -> None:
    pack = PACKS[slug]
    policy = {code.value: level.value for code, level in pack.guard.items()}
    for reply in pack.replies:
        for text in reply.texts.values():
            filled = text.replace("{customer}", "Amal").replace("{ticket}", "#12")
            found = examine(filled, Setting(asked="card 4111 1111 1111 1111"), policy)
            grave = {one.code for one in found if one.level in {"stop", "second"}}
            # A blank to be filled in, and a word on a number that only the move to private answers.
            assert grave <= {Code.PLACEHOLDER, Code.SHOWN_NUMBER}, (reply.en, grave)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("slug", PACKS)
def test_what_moves_to_private_is_not_held_back(slug: str, language: str) -> None:
    pack = PACKS[slug]
    text = next(reply for reply in pack.replies if "private" in reply.en).texts[language].replace("{customer}", "Amal")
    policy = {code.value: level.value for code, level in pack.guard.items()}
    asked = "my card 4111 1111 1111 1111 was charged" if slug == "bank" else "I have diabetes and nobody answers"
    found = examine(text, Setting(asked=asked), policy)
    assert not [one.code for one in found if one.level in {"stop", "second"}]


# --- adding ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", PACKS)
def test_a_pack_becomes_ordinary_rows_and_twice_is_once(slug: str, brand: Brand, sami: User) -> None:
    before = keeping.seen(PACKS[slug], brand)
    assert not before.added
    assert keeping.add(slug, brand.pk, by=sami) == before.new
    assert counted(brand) == whole(slug)
    assert keeping.add(slug, brand.pk, by=sami) == 0
    assert counted(brand) == whole(slug)
    with translation.override("ar"):
        assert keeping.add(slug, brand.pk, by=sami) == 0, "a name in the other language is the same thing"
    entry = AuditEntry.objects.get(verb="pack.added")
    assert (entry.actor, entry.data["pack"], len(entry.data["rows"])) == (sami, slug, sum(whole(slug)))
    assert RuleVersion.objects.filter(kind="approval", by=sami).count() == len(PACKS[slug].rules)


def test_both_packs_live_beside_each_other_and_other_brands_are_left_alone(brand: Brand, sami: User) -> None:
    other = a_brand()
    for slug in PACKS:
        keeping.add(slug, brand.pk, by=sami)
    assert counted(brand) == [sum(pair) for pair in zip(whole("bank"), whole("health"), strict=True)]
    assert counted(other) == [0, 0, 0]
    assert not CarePolicy.objects.filter(brand=other).exists()


def test_levels_are_only_made_graver(brand: Brand, sami: User) -> None:
    CarePolicy.objects.create(brand=brand, guard={"money_claim": "stop", "long_number": "off"}, approval_minutes=5)
    keeping.add("bank", brand.pk, by=sami)
    policy = CarePolicy.objects.get(brand=brand)
    assert policy.guard["money_claim"] == "stop"
    assert (policy.guard["long_number"], policy.guard["shown_number"]) == ("second", "stop")
    assert policy.approval_minutes == 5
    assert Code.CARD_NUMBER not in policy.guard, "what is as usual is not written down"
    assert USUAL[Code.CARD_NUMBER] == "stop"


def test_rows_of_ones_own_with_the_same_name_are_neither_doubled_nor_changed(brand: Brand, sami: User) -> None:
    Tag.objects.create(brand=brand, name="fraud", name_ar="احتيال")
    own = SavedReply.objects.create(brand=brand, name=BANK.replies[0].ar, texts={"en": "Ours"})
    keeping.add("bank", brand.pk, by=sami)
    assert Tag.objects.filter(brand=brand, name__iexact="fraud").count() == 1
    assert fresh(own).texts == {"en": "Ours"}
    keeping.remove("bank", brand.pk, by=sami)
    assert counted(brand) == [0, 1, 1]


def test_only_admins_add_and_take_back(brand: Brand) -> None:
    for role in (Role.AGENT, Role.SUPERVISOR):
        person = a_person(brand, role=role)
        for verb in (keeping.add, keeping.remove):
            with pytest.raises(NotAllowed):
                verb("bank", brand.pk, by=person)
    assert counted(brand) == [0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_pressed_by_two_at_once_it_is_added_once() -> None:
    brand, two = a_brand(), [a_person(role=Role.ADMIN) for _each in range(2)]
    at_once(*[lambda by=by: keeping.add("bank", brand.pk, by=by) for by in two])
    assert counted(brand) == whole("bank")
    assert AuditEntry.objects.filter(verb="pack.added").count() == 1


# --- taking back ----------------------------------------------------------------------------------------------------
def test_taken_back_untouched_nothing_is_left_of_it(brand: Brand, sami: User) -> None:
    CarePolicy.objects.create(brand=brand, guard={"blame": "off"}, approval_minutes=60)
    keeping.add("health", brand.pk, by=sami)
    keeping.remove("health", brand.pk, by=sami)
    assert counted(brand) == [0, 0, 0]
    policy = CarePolicy.objects.get(brand=brand)
    assert (policy.guard, policy.approval_minutes) == ({"blame": "off"}, 60)
    assert keeping.remove("health", brand.pk, by=sami) == 0
    assert not keeping.seen(PACKS["health"], brand).added


def test_what_somebody_changed_or_uses_stays(brand: Brand, sami: User) -> None:
    keeping.add("bank", brand.pk, by=sami)
    rule = ApprovalRule.objects.filter(brand=brand).earliest("position")
    ApprovalRule.objects.filter(pk=rule.pk).update(minutes=99)
    reply = SavedReply.objects.filter(brand=brand).earliest("pk")
    SavedReply.objects.filter(pk=reply.pk).update(texts={"en": "In our own words"})
    tag = Tag.objects.get(brand=brand, name="Card")
    Ticket.objects.filter(pk=a_ticket(a_channel(brand)).pk).update(tags=[tag.pk])
    CarePolicy.objects.filter(brand=brand).update(guard={"money_claim": "stop"}, approval_minutes=15)
    keeping.remove("bank", brand.pk, by=sami)
    assert counted(brand) == [1, 1, 1]
    policy = CarePolicy.objects.get(brand=brand)
    assert (policy.guard, policy.approval_minutes) == ({"money_claim": "stop"}, 30)


def test_added_again_after_it_was_taken_back_it_is_whole_again(brand: Brand, sami: User) -> None:
    for _each in range(2):
        keeping.add("bank", brand.pk, by=sami)
        assert counted(brand) == whole("bank")
        keeping.remove("bank", brand.pk, by=sami)
        assert counted(brand) == [0, 0, 0]
    assert [entry.verb for entry in AuditEntry.objects.order_by("id")] == ["pack.added", "pack.removed"] * 2


def test_a_rule_somebody_removed_comes_back_only_when_the_pack_is_added_again(brand: Brand, sami: User) -> None:
    keeping.add("bank", brand.pk, by=sami)
    Tag.objects.filter(brand=brand, name="Card").delete()
    assert keeping.seen(BANK, brand).new == 1
    assert keeping.add("bank", brand.pk, by=sami) == 1
    assert keeping.remove("bank", brand.pk, by=sami) >= sum(whole("bank"))


# --- at work --------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("platform")
def test_its_rules_hold_answers_back_with_their_own_clock(ticket: Ticket, agent: User, sami: User) -> None:
    keeping.add("bank", ticket.brand_id, by=sami)
    User.objects.filter(pk=agent.pk).update(date_joined="2020-01-01T00:00:00Z")
    agent.refresh_from_db()
    text = "We credit 2,500 SAR to your bill on Sunday, Reem."
    asked = approvals.answer(ticket.pk, text=text, by=agent, seen=ticket.position, key=uuid4(), wish=Wish())
    assert isinstance(asked, Approval)
    rule = next(one for one in BANK.rules if "sums" in one.en)
    assert isinstance(rule, PackRule)
    assert asked.rule is not None
    assert asked.rule.name == rule.en
    assert (asked.due_at - asked.asked_at).total_seconds() == 60 * rule.minutes


@pytest.mark.usefixtures("platform")
def test_a_post_that_shows_a_card_is_answered_in_private_or_not_at_all(agent: User, sami: User, brand: Brand) -> None:
    channel = a_channel(brand, platform="fake")
    ticket = a_ticket(channel, "my card 4111 1111 1111 1111 was charged twice, that is wrong", by="amal")
    keeping.add("bank", brand.pk, by=sami)
    lead = a_person(brand, role=Role.SUPERVISOR)
    with pytest.raises(guarding.Stopped):
        an_answer(ticket, "We look at both charges of your bill today.", by=lead)
    an_answer(ticket, "Delete your post for your safety, Amal, and send us a direct message.", by=lead)
