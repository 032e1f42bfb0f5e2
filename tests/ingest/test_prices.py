"""The price table: dated, editable, and what an answer will be charged as."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from ingest import prices


def test_the_table_says_what_x_charges_when_and_where_that_was_read() -> None:
    known = prices.price_list("x")
    assert known is not None
    assert (known.date.isoformat(), known.source != "") == ("2026-04-20", True)
    assert prices.price("x", "post_read") == Decimal("0.005")
    assert prices.price("x", "post_create_with_url") == Decimal("0.200")


def test_what_has_no_price_costs_nothing() -> None:
    assert prices.price("x", "never_heard_of") is None
    assert prices.price("mastodon", "post_read") is None
    assert prices.cost("mastodon", {"post_read": 9}) == 0
    assert prices.cost("x", {"post_read": 2, "never_heard_of": 5}) == Decimal("0.010")


def test_every_item_that_the_x_adapter_counts_has_a_price() -> None:
    x_prices = pytest.importorskip("ingest.platforms.x.prices")
    items = [value for name, value in vars(x_prices).items() if name.isupper() and isinstance(value, str)]
    assert items
    assert [item for item in items if prices.price("x", item) is None] == []


@pytest.mark.parametrize(
    ("text", "summoned", "items"),
    [
        ("We are on it.", False, {"post_create": 1}),
        ("We are on it.", True, {"post_create_summoned": 1}),
        ("See https://nawa.com/help", True, {"post_create_with_url": 1}),
        ("See nawa.com", False, {"post_create_with_url": 1}),
        ("e.g. version 2.10", False, {"post_create": 1}),
        ("  ", False, {}),
    ],
)
def test_a_link_makes_an_answer_dear(text: str, summoned: bool, items: dict[str, int]) -> None:
    assert prices.items_of_answer("x", text, summoned=summoned) == items
    assert prices.items_of_answer("bluesky", text) == {}


def test_another_file_may_stand_in_the_place_of_ours(tmp_path: Path, settings: Any) -> None:
    theirs = tmp_path / "prices.toml"
    theirs.write_text('[x]\ndate = 2027-01-01\nsource = "our contract"\n[x.items]\npost_read = "0.001"\n')
    settings.PRICES_FILE = str(theirs)
    assert prices.price("x", "post_read") == Decimal("0.001")
    assert prices.price("x", "post_create") is None


@pytest.mark.parametrize("text", ["", "[x]\ndate = 2027-01-01\n", '[x]\nitems = {a = "dear"}\n', "not toml ["])
def test_a_table_that_makes_no_sense_is_refused_by_name(tmp_path: Path, settings: Any, text: str) -> None:
    theirs = tmp_path / "odd.toml"
    theirs.write_text(text)
    settings.PRICES_FILE = str(theirs)
    if not text:
        assert prices.price_list("x") is None
        return
    with pytest.raises(ImproperlyConfigured, match=r"odd\.toml"):
        prices.price_list("x")
