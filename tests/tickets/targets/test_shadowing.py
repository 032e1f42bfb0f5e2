"""Which policies nothing can come to: held to what policies fit, over every ticket of a small world."""

from itertools import product
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from tests.cast import a_brand, a_person
from tests.tickets.incidents.conftest import an_incident
from tests.tickets.views.conftest import signed_in
from tickets.models import Incident, SlaPolicy, Tier
from tickets.targets.clocks import ANY, Of, Policy, Targets, choose
from tickets.targets.shadowing import Meant, shadowed, takes_all, told_of

# Two brands; what is of which, and of each enough that nothing is the only one of its sort.
TIERS = {1: 1, 2: 1, 3: 2, 4: 2}
INCIDENTS = {
    11: (1, "outage"), 12: (1, "outage"), 13: (1, "price"), 14: (1, "price"),
    21: (2, "outage"), 22: (2, "outage"), 23: (2, "price"), 24: (2, "price"),
}  # fmt: skip
# One more of each brand and kind, that no policy names.
UNNAMED = {31: (1, "outage"), 32: (1, "price"), 33: (2, "outage"), 34: (2, "price")}
TICKETS = [
    (brand, tier, priority, Of(incident, kind))
    for brand, tier, priority, (incident, (of, kind)) in product(
        (1, 2), (None, *TIERS), (1, 2, 3, 4), [(None, (0, "")), *INCIDENTS.items(), *UNNAMED.items()]
    )
    if TIERS.get(tier or 0, brand) == brand and of in {0, brand}
]


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """As the form makes them: a tier and an incident are of its brand, and it says one thing of incidents."""
    brand = draw(st.sampled_from([None, 1, 2]))
    tier = draw(st.sampled_from([None, *(one for one, of in TIERS.items() if brand in {None, of})]))
    its_brand = TIERS[tier] if tier else brand
    one = draw(st.sampled_from([None, *(pk for pk, (of, _kind) in INCIDENTS.items() if its_brand in {None, of})]))
    event = "" if one else draw(st.sampled_from(["", ANY, "outage", "price"]))
    priority = draw(st.sampled_from([None, 1, 2, 3]))
    return Policy(draw(st.integers()), Targets(), brand, tier, priority, event, one)


def meant(policy: Policy) -> Meant:
    brand, kind = INCIDENTS.get(policy.incident or 0, (None, policy.event))
    brand = policy.brand or TIERS.get(policy.tier or 0) or brand
    return Meant(policy.id, brand, policy.tier, policy.priority, kind, policy.incident)


def fit(policy: Policy) -> set[int]:
    return {n for n, (brand, tier, priority, of) in enumerate(TICKETS) if policy.fits(brand, tier, priority, of)}


@given(policies(), policies())
def test_it_takes_all_exactly_where_every_ticket_fits_it(above: Policy, below: Policy) -> None:
    assert takes_all(meant(above), meant(below)) is (fit(below) <= fit(above))


@given(st.lists(policies(), max_size=6, unique_by=lambda one: one.id))
def test_what_is_shadowed_is_chosen_for_no_ticket_and_whatever_is_chosen_for_none_is_told(kept: list[Policy]) -> None:
    chosen = {
        found.id
        for brand, tier, priority, of in TICKETS
        if (found := choose(kept, brand=brand, tier=tier, priority=priority, of=of))
    }
    told = shadowed([meant(one) for one in kept], (1, 2), ("outage", "price"))
    assert {one.id for one in kept} - chosen == told.keys()
    order = [one.id for one in kept]
    assert all(order.index(one) < order.index(below) for below, above in told.items() for one in above)


@pytest.mark.parametrize(
    ("above", "below", "all_of_it"),
    [
        ({}, {"kind": ANY}, True),
        ({"brand": 1}, {"brand": 1, "kind": "outage"}, True),
        ({"kind": ANY}, {"kind": "outage", "incident": 11}, True),
        ({"priority": 3}, {"priority": 1}, True),
        ({"priority": 3}, {}, False),
        ({"kind": "outage"}, {"kind": ANY}, False),
        ({"brand": 1}, {}, False),
        ({"tier": 1}, {"brand": 1}, False),
    ],
)
def test_wider_in_every_respect(above: dict[str, Any], below: dict[str, Any], *, all_of_it: bool) -> None:
    assert takes_all(Meant(1, **above), Meant(2, **below)) is all_of_it


# --- on the page ----------------------------------------------------------------------------------------------------
def a_policy(name: str, **fields: Any) -> SlaPolicy:
    return SlaPolicy.objects.create(name=name, first_answer=10, position=SlaPolicy.objects.count(), **fields)


@pytest.mark.django_db
def test_a_tiers_or_an_incidents_brand_is_the_policys() -> None:
    nawa, other, _third = a_brand(), a_brand(), a_brand()
    tier = Tier.objects.create(brand=nawa, name="Gold", rank=1)
    wide, theirs = a_policy("Wide", brand=nawa), a_policy("Theirs", brand=other)
    gold, outage = a_policy("Gold", tier=tier), a_policy("One", incident=an_incident(nawa))
    a_policy("All")
    assert told_of(SlaPolicy.objects.all()) == {gold.pk: [wide], outage.pk: [wide]}
    SlaPolicy.objects.filter(pk=wide.pk).update(is_on=False)
    assert told_of(SlaPolicy.objects.all()) == {}
    assert theirs.is_on


@pytest.mark.django_db
def test_what_one_policy_for_each_brand_takes_together_is_told_until_there_is_another_brand(admin: Client) -> None:
    each = [a_policy(f"Of {brand}", brand=brand) for brand in (a_brand("Nawa"), a_brand("Rasd"))]
    usual = a_policy("Usual")
    assert told_of(SlaPolicy.objects.all()) == {usual.pk: each}
    page = admin.get("/settings/targets/").content.decode()
    assert "take every ticket it is for between them: “<bdi>Of Nawa</bdi>”, “<bdi>Of Rasd</bdi>”." in page
    a_brand("Third")
    assert told_of(SlaPolicy.objects.all()) == {}


@pytest.mark.django_db
def test_what_one_policy_for_each_kind_of_incident_takes_together_is_told() -> None:
    brand = a_brand()
    each = [a_policy(kind.label, event=kind.value) for kind in Incident.Kind]
    every, one = a_policy("Any incident", event=ANY), a_policy("One", incident=an_incident(brand))
    assert told_of(SlaPolicy.objects.all())[every.pk] == each
    assert told_of(SlaPolicy.objects.all())[one.pk] == [each[0]]


@pytest.fixture
def admin() -> Client:
    return signed_in(a_person(role=Role.ADMIN))


WARNING = "no ticket has this policy: “<bdi>Usual</bdi>” stands above it"


@pytest.mark.django_db
def test_the_page_says_which_takes_all_until_it_is_moved_above_that(admin: Client) -> None:
    usual, outages = a_policy("Usual"), a_policy("Outages", event="outage")
    page = admin.get("/settings/targets/").content.decode()
    assert page.count(WARNING) == 1
    assert page.index(">Outages<") < page.index(WARNING)
    assert WARNING in admin.get(f"/settings/targets/{outages.pk}/").content.decode()
    assert WARNING not in admin.get(f"/settings/targets/{usual.pk}/").content.decode()
    admin.post(f"/settings/targets/{outages.pk}/move", {"to": "up"})
    assert WARNING not in admin.get("/settings/targets/").content.decode()


@pytest.mark.django_db
def test_the_page_says_it_in_arabic(admin: Client) -> None:
    a_policy("Usual")
    a_policy("Outages", event="outage")
    page = admin.get("/settings/targets/", headers={"Accept-Language": "ar"}).content.decode()
    assert "فلن تسري هذه السياسة على أي تذكرة" in page
