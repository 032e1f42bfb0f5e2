"""What admins decide about teams and brands."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Brand, Membership, Team, User
from accounts.people import Refused, check_admin
from accounts.unmoved import check_unmoved, mark_of


def keep_team(
    team_id: int | None,
    *,
    name: str,
    brands: Collection[Brand],
    members: Collection[User],
    is_default: bool,
    by: User,
    version: int | None = None,
) -> Team:
    """Make a team, or change it; who left the desk keeps their place in it. `version`: the one seen (`version_of`).

    Raises Team.DoesNotExist, Refused, MovedOn.
    """
    check_admin(by)
    with transaction.atomic():
        team = Team.objects.select_for_update().get(pk=team_id) if team_id else Team(name=name)
        if team_id:
            check_unmoved(version_of(team), version)
        if Team.objects.exclude(pk=team_id or 0).filter(name__iexact=name).exists():
            raise Refused(_("There is a team of this name already."))
        team.name, team.is_default = name, is_default
        team.save()
        team.brands.set(brands)
        team.memberships.filter(user__is_active=True).exclude(user__in=members).delete()
        there = set(team.memberships.values_list("user", flat=True))
        Membership.objects.bulk_create([Membership(team=team, user=user) for user in members if user.pk not in there])
        told = {"brands": sorted(brand.name for brand in brands), "members": sorted(user.name for user in members)}
        audit.record(by, "team.changed" if team_id else "team.made", team, is_default=is_default, **told)
    return team


def version_of(team: Team) -> int:
    """Another one where its name, brands, people or place among the teams is another."""
    brands = team.brands.order_by("pk").values_list("pk", flat=True)
    members = team.members.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    return mark_of(team.name, team.is_default, list(brands), list(members))


def remove_team(team_id: int, *, by: User) -> None:
    """The team is no more; its people stay. Raises Team.DoesNotExist, Refused.

    Whoever asks looks first whether tickets wait in it (tickets.steering.departures).
    """
    check_admin(by)
    with transaction.atomic():
        team = Team.objects.select_for_update().get(pk=team_id)
        audit.record(by, "team.removed", team)
        team.delete()


def keep_brand(brand_id: int | None, *, name: str, name_ar: str, by: User, version: int | None = None) -> Brand:
    """Make a brand, or give it other names. `version`: the one seen (`names_version`).

    Raises Brand.DoesNotExist, Refused, MovedOn.
    """
    check_admin(by)
    with transaction.atomic():
        brand = Brand.objects.select_for_update().get(pk=brand_id) if brand_id else Brand()
        if brand_id:
            check_unmoved(names_version(brand), version)
        if Brand.objects.exclude(pk=brand_id or 0).filter(name__iexact=name).exists():
            raise Refused(_("There is a brand of this name already."))
        was = [brand.name, brand.name_ar]
        brand.name, brand.name_ar = name, name_ar
        brand.save()
        if not brand_id:
            audit.record(by, "brand.made", brand)
        elif was != [name, name_ar]:
            audit.record(by, "brand.renamed", brand, was=was)
    return brand


def names_version(brand: Brand) -> int:
    """Another one where it has another name."""
    return mark_of(brand.name, brand.name_ar)
