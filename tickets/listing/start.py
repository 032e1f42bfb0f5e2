"""What is still to be done before a first ticket can come: asked for only while there is no ticket at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language_bidi

from accounts.models import Brand, User
from accounts.permissions import brand_ids
from ingest.models import Channel
from tickets.channels.connect_words import GUIDES


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """`brand`: the name of one that is there, "" for none; `people`: whether somebody else works here already.

    `platforms`: the codes of what can be connected.
    """

    brand: str
    people: bool
    platforms: Sequence[str]


def first_steps(user: User) -> FirstSteps | None:
    """None once a channel of theirs is connected: then there is nothing to do but wait for a post."""
    allowed = brand_ids(user)
    channels = Channel.objects.exclude(state__in=Channel.GONE)
    brands = Brand.objects.order_by("pk")
    if allowed is not None:
        channels, brands = channels.filter(brand_id__in=allowed), brands.filter(pk__in=allowed)
    if channels.exists():
        return None
    brand = brands.first()
    people = User.objects.filter(is_active=True).exclude(pk=user.pk).exists()
    return FirstSteps(_called(brand) if brand else "", people, [*GUIDES])


def _called(brand: Brand) -> str:
    """A brand's name in the language of the page."""
    return brand.name_ar if brand.name_ar and get_language_bidi() else brand.name
