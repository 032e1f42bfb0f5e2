"""The channel that a file is imported into: one that exists, or one made for it."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import Brand, Membership, Role, Team, User
from ingest.models import Channel
from ingest.platforms.imported import Imported


class NoChannel(Exception):
    """The import cannot go where it was sent; the words say why, for a person."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel, and what had to be made for it, in words."""

    channel: Channel
    made: tuple[str, ...] = ()


@transaction.atomic
def find_or_make(name: str, brand_name: str = "") -> Destination:
    """The channel of this name. A new one belongs to the brand named, or to one that is called like the channel."""
    name, brand_name = name.strip(), brand_name.strip()
    if not name:
        raise NoChannel("Name the channel: --channel NAME.")
    channel = Channel.objects.select_related("brand").filter(name=name).first()
    if channel:
        if brand_name and channel.brand.name != brand_name:
            raise NoChannel(f"The channel {name} belongs to the brand {channel.brand.name}, not to {brand_name}.")
        return Destination(channel)
    longest = min(_width(Channel), _width(Brand))
    if max(len(name), len(brand_name)) > longest:
        raise NoChannel(f"Names of channels and brands have at most {longest} characters.")
    made: list[str] = []
    brand = _brand(brand_name or name, made)
    channel = Channel.objects.create(brand=brand, name=name, platform=Imported.name, poll_seconds=3600)
    return Destination(channel, (*made, f"channel {name}"))


def _width(model: type[Channel] | type[Brand]) -> int:
    return int(getattr(model._meta.get_field("name"), "max_length", 0))


def _brand(name: str, made: list[str]) -> Brand:
    brand, is_new = Brand.objects.get_or_create(name=name)
    if is_new:
        made.append(f"brand {name}")
    if not brand.teams.filter(is_default=True).exists():
        _default_team(made).brands.add(brand)
    return brand


def _default_team(made: list[str]) -> Team:
    """The oldest default team; on an installation without one, a team of everybody who answers customers."""
    team = Team.objects.filter(is_default=True).order_by("id").first()
    if team is None:
        team, _is_new = Team.objects.update_or_create(name="Care", defaults={"is_default": True})
        people = User.objects.filter(is_active=True).exclude(role=Role.ADMIN)
        Membership.objects.bulk_create((Membership(team=team, user=user) for user in people), ignore_conflicts=True)
        made.append("team Care")
    return team
