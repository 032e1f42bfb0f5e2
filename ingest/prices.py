"""What platforms charge: one dated table (prices.toml), which another file may replace (RADD_PRICES_FILE)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from twitter_text import extract_urls

from ingest.platforms.x.parse import untangled

OURS = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class PriceList:
    """One platform's prices in US dollars an item, the day they held, and where they were read."""

    date: date
    source: str
    items: Mapping[str, Decimal] = field(default_factory=dict)


def price(platform: str, item: str) -> Decimal | None:
    """US dollars for one of it; None where nothing is known to be charged."""
    known = price_list(platform)
    return known.items.get(item) if known else None


def price_list(platform: str) -> PriceList | None:
    """A platform's prices; None for those that charge nothing."""
    return _read(Path(settings.PRICES_FILE or OURS)).get(platform)


def cost(platform: str, charged: Mapping[str, int]) -> Decimal:
    """US dollars for all of these; what has no price costs nothing."""
    return sum((count * (price(platform, item) or Decimal(0)) for item, count in charged.items()), Decimal(0))


def items_of_answer(platform: str, text: str, *, summoned: bool = False) -> Mapping[str, int]:
    """What sending this text will be charged as. `summoned`: it answers somebody who named our account.

    The adapter says the same when it has sent it (`Sent.charged`).
    """
    if platform != "x" or not text.strip():
        return {}
    if extract_urls(untangled(text)):
        return {"post_create_with_url": 1}
    return {"post_create_summoned" if summoned else "post_create": 1}


def is_answer(item: str) -> bool:
    """Whether it is charged for writing; all else is for reading."""
    return "create" in item


@cache
def _read(path: Path) -> dict[str, PriceList]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            platform: PriceList(
                row["date"], row["source"], {item: Decimal(amount) for item, amount in row["items"].items()}
            )
            for platform, row in told.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ImproperlyConfigured(f"The price list {path} cannot be read: {error!r}") from error
