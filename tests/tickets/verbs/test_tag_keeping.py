"""Tags as a whole, and tiers in their order."""

import pytest

from accounts.models import AuditEntry, Brand, Role, User
from tests.cast import a_brand, a_person, fresh
from tickets.models import SlaPolicy, Tag, Ticket, Tier
from tickets.permissions import NotAllowed
from tickets.targets import tiers
from tickets.verbs import tag_keeping

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return a_person(role=Role.ADMIN)


def a_tag(name: str, brand: Brand | None = None) -> Tag:
    return Tag.objects.create(name=name, brand=brand)


def tagged(ticket: Ticket, *tags: Tag) -> Ticket:
    Ticket.objects.filter(pk=ticket.pk).update(tags=[tag.pk for tag in tags])
    return fresh(ticket)


def test_a_merged_tag_leaves_its_tickets_with_the_other_once_and_in_its_place(
    ticket: Ticket, admin: User, brand: Brand
) -> None:
    one, other, third = (a_tag(name, brand) for name in ("esim", "e-sim", "roaming"))
    tagged(ticket, one, third)
    assert tag_keeping.merge(one.pk, into=other.pk, by=admin) == 1
    assert fresh(ticket).tags == [other.pk, third.pk]
    tagged(ticket, third, other)
    assert tag_keeping.merge(third.pk, into=other.pk, by=admin) == 1
    assert fresh(ticket).tags == [other.pk]
    assert list(Tag.objects.all()) == [other]
    assert AuditEntry.objects.filter(verb="tag.merged").count() == 2


def test_many_tickets_are_changed_step_by_step(
    ticket: Ticket, admin: User, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_keeping, "STEP", 1)
    tag, kept = a_tag("esim", brand), a_tag("roaming", brand)
    tagged(ticket, tag, kept)
    assert tag_keeping.remove(tag.pk, by=admin) == 1
    assert fresh(ticket).tags == [kept.pk]


def test_supervisors_keep_the_tags_of_their_brands_alone(brand: Brand) -> None:
    lead = a_person(brand, role=Role.SUPERVISOR)
    tag_keeping.keep(None, name="esim", name_ar="شريحة", brand=brand, by=lead)
    for other in (a_brand(), None):
        with pytest.raises(NotAllowed):
            tag_keeping.keep(None, name="esim", name_ar="", brand=other, by=lead)
    with pytest.raises(NotAllowed):
        tag_keeping.keep(None, name="x", name_ar="", brand=brand, by=a_person(brand))


def test_one_name_is_one_tag(admin: User, brand: Brand) -> None:
    a_tag("esim", brand)
    with pytest.raises(NotAllowed, match="Merge"):
        tag_keeping.keep(None, name=" ESIM ", name_ar="", brand=brand, by=admin)


def test_a_tag_is_not_merged_into_another_brands(admin: User, brand: Brand) -> None:
    with pytest.raises(NotAllowed):
        tag_keeping.merge(a_tag("esim", brand).pk, into=a_tag("esim", a_brand()).pk, by=admin)


def ranks(brand: Brand) -> list[tuple[str, int]]:
    return list(Tier.objects.filter(brand=brand).values_list("name", "rank"))


def test_tiers_stand_in_order_and_close_up(admin: User, brand: Brand) -> None:
    gold, silver, plain = (
        tiers.keep(None, brand=brand, name=name, name_ar="", is_default=name == "Plain", by=admin)
        for name in ("Gold", "Silver", "Plain")
    )
    tiers.move(plain.pk, up=True, by=admin)
    assert ranks(brand) == [("Gold", 1), ("Plain", 2), ("Silver", 3)]
    tiers.move(gold.pk, up=True, by=admin)
    tiers.remove(gold.pk, by=admin)
    assert ranks(brand) == [("Plain", 1), ("Silver", 2)]
    tiers.keep(silver.pk, brand=brand, name="Silver", name_ar="", is_default=True, by=admin)
    assert list(Tier.objects.filter(is_default=True)) == [silver]


def test_a_tier_that_targets_are_for_stays(admin: User, brand: Brand) -> None:
    tier = tiers.keep(None, brand=brand, name="Gold", name_ar="", is_default=False, by=admin)
    SlaPolicy.objects.create(name="Gold first", tier=tier)
    with pytest.raises(NotAllowed, match="Gold first"):
        tiers.remove(tier.pk, by=admin)
