"""Who sees which brand: person -> teams -> brands. Pages, API, live events and exports all ask here."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Brand, User


def brand_ids(user: User | AnonymousUser) -> frozenset[int] | None:
    """Ids of the brands this person may see; None stands for all of them (admins).

    The answer is kept on the user object, which lives as long as one request.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.is_admin:
        return None
    known: frozenset[int] | None = getattr(user, "_brand_ids", None)
    if known is None:
        known = frozenset(Brand.objects.filter(teams__members=user).values_list("id", flat=True))
        user._brand_ids = known  # type: ignore[attr-defined]
    return known


def may_see(user: User | AnonymousUser, brand_id: int) -> bool:
    """Whether this person may see what belongs to the brand."""
    allowed = brand_ids(user)
    return allowed is None or brand_id in allowed
