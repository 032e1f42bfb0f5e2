"""The pages of sector packs: shown before they are added, for admins alone."""

import pytest
from django.test import Client

from accounts.models import Brand, Role
from tests.cast import a_person
from tests.tickets.views.conftest import signed_in
from tickets.models import ApprovalRule
from tickets.packs.keeping import PACKS


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(a_person(role=Role.ADMIN))


def test_what_a_pack_would_add_is_shown_before_it_is_added(admin: Client, brand: Brand) -> None:
    html = admin.get(f"/settings/packs/bank/{brand.pk}/").content.decode()
    for part in ("Bank: sums from 1,000", "at least 1000", "Promising returns, loans or safety", "Fraud", "not legal"):
        assert part in html
    assert html.count("would come") == sum(len(things) for things in (PACKS["bank"].rules, PACKS["bank"].replies,
                                                                      PACKS["bank"].tags))  # fmt: skip
    assert not ApprovalRule.objects.exists()
    assert "style=" not in html


def test_pressing_adds_it_says_so_and_offers_the_way_back(admin: Client, brand: Brand) -> None:
    address = f"/settings/packs/health/{brand.pk}/"
    html = admin.post(address, follow=True).content.decode()
    assert "things were added or changed." in html
    assert "would come" not in html
    assert "All of it is there already." in admin.post(address, follow=True).content.decode()
    gone = admin.post(f"{address}remove", follow=True).content.decode()
    assert "things were taken back." in gone
    assert "would come" in gone
    assert "Nothing is left to take back" in admin.post(f"{address}remove", follow=True).content.decode()


def test_the_page_is_whole_in_arabic(brand: Brand) -> None:
    client = signed_in(a_person(role=Role.ADMIN), accept_language="ar")
    html = client.get(f"/settings/packs/health/{brand.pk}/").content.decode()
    assert "صحة: قد تكون عاجلة" in html
    assert "Health:" not in html


def test_unknown_packs_and_brands_are_not_there(admin: Client, brand: Brand) -> None:
    for address in (f"/settings/packs/gambling/{brand.pk}/", "/settings/packs/bank/99999/"):
        assert admin.get(address).status_code == 404
        assert admin.post(f"{address}remove").status_code == 404
    assert admin.get("/settings/packs/").status_code == 200


def test_supervisors_add_no_pack(supervisor: Client, brand: Brand) -> None:
    assert supervisor.post(f"/settings/packs/bank/{brand.pk}/").status_code == 403
    assert not ApprovalRule.objects.exists()
