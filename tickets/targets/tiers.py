"""How dear customers' plans are, for each brand: 1 is the dearest. Targets and routing may differ by them."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Brand, User
from accounts.people import check_admin
from tickets.models import SlaPolicy, Tier
from tickets.permissions import NotAllowed
from tickets.targets import retargeting

# Ranks are unique in a brand at every moment: those that move step aside by this first.
ASIDE = 10_000


def keep(tier_id: int | None, *, brand: Brand, name: str, name_ar: str, is_default: bool, by: User) -> Tier:
    """Add a tier below the others, or change one. At most one of a brand is for customers nobody has placed.

    Raises Tier.DoesNotExist, accounts.people.Refused.
    """
    check_admin(by)
    with transaction.atomic():
        ranks = _held(brand)
        tier = Tier.objects.get(pk=tier_id, brand=brand) if tier_id else Tier(brand=brand, rank=len(ranks) + 1)
        tier.name, tier.name_ar, tier.is_default = name, name_ar, is_default
        if is_default:
            Tier.objects.filter(brand=brand).exclude(pk=tier.pk or 0).update(is_default=False)
        tier.save()
        # Whose tier it is by default is known to the clocks of tickets alone: they follow batch by batch.
        retargeting.ring()
        audit.record(by, "tier.changed" if tier_id else "tier.made", tier, brand=brand.name)
    return tier


def move(tier_id: int, *, up: bool, by: User) -> None:
    """One place dearer, or less dear; at the end of the list nothing. Raises Tier.DoesNotExist, Refused."""
    check_admin(by)
    with transaction.atomic():
        tier = Tier.objects.select_related("brand").get(pk=tier_id)
        order = _held(tier.brand)
        at = order.index(tier_id)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(order):
            return
        order[at], order[to] = order[to], order[at]
        _rank(tier.brand, order)
        audit.record(by, "tier.moved", tier, brand=tier.brand.name, rank=to + 1)


def remove(tier_id: int, *, by: User) -> None:
    """Its customers have none then. Raises Tier.DoesNotExist, Refused, NotAllowed where targets are for it."""
    check_admin(by)
    with transaction.atomic():
        tier = Tier.objects.select_related("brand").get(pk=tier_id)
        order = _held(tier.brand)
        policy = SlaPolicy.objects.filter(tier=tier).first()
        if policy:
            raise NotAllowed(_("The targets “%(name)s” are for this tier. Change them first.") % {"name": policy.name})
        audit.record(by, "tier.removed", tier, brand=tier.brand.name)
        tier.delete()
        retargeting.ring()
        _rank(tier.brand, [pk for pk in order if pk != tier_id])


def _held(brand: Brand) -> list[int]:
    """The brand's tiers in their order; the brand is held, so that two changes come one after the other."""
    Brand.objects.select_for_update().get(pk=brand.pk)
    return list(Tier.objects.filter(brand=brand).order_by("rank").values_list("pk", flat=True))


def _rank(brand: Brand, order: list[int]) -> None:
    Tier.objects.filter(brand=brand).update(rank=F("rank") + ASIDE)
    for rank, pk in enumerate(order, 1):
        Tier.objects.filter(pk=pk).update(rank=rank)
