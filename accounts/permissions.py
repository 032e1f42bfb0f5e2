"""Who sees which brand: person -> teams -> brands. Pages, API, live events and exports all ask here."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Brand, User


def brand_ids(user: User | AnonymousUser) -> frozenset[int] | None:
    """Ids of the brands this person may see; None stands for all of them (admins).

    The answer is kept on the user object, which lives as long as one request.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.is_admin:
        return None
    return user.brand_ids


def brands_seen(user: User | AnonymousUser) -> QuerySet[Brand]:
    """The brands themselves."""
    allowed = brand_ids(user)
    return Brand.objects.all() if allowed is None else Brand.objects.filter(pk__in=allowed)


def may_see(user: User | AnonymousUser, brand_id: int) -> bool:
    """Whether this person may see what belongs to the brand."""
    allowed = brand_ids(user)
    return allowed is None or brand_id in allowed


def may_choose_reader(user: User | AnonymousUser) -> bool:
    """Whether this person may put a model in charge of reading, or take it away: that touches every brand."""
    return isinstance(user, User) and user.is_active and user.is_admin


def may_run_channels(user: User | AnonymousUser) -> bool:
    """Whether this person may say which channels there are, and how they are read."""
    return isinstance(user, User) and user.is_active and user.is_admin
