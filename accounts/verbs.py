"""What people decide about themselves."""

from django.db import transaction

from accounts.models import User

CHOICES = {
    "interface_language": {"en", "ar"},
    "theme": {"auto", "light", "dark"},
    "density": {"compact", "normal", "roomy"},
    "calendar": {"gregorian", "hijri"},
    "numerals": {"latin", "arabic"},
}


def set_available(user: User, on: bool) -> bool:
    """Take new tickets, or leave them to others. Returns whether anything changed; who asks rings the routing then."""
    with transaction.atomic():
        changed = User.objects.filter(pk=user.pk).exclude(available=on).update(available=on)
    user.available = on
    return bool(changed)


def choose(user: User, name: str, value: str) -> bool:
    """Keep one taste of a person (language, theme, density, calendar, figures). False for what is not offered."""
    if value not in CHOICES.get(name, ()):
        return False
    User.objects.filter(pk=user.pk).update(**{name: value})
    setattr(user, name, value)
    return True


def choose_contrast(user: User, value: str) -> bool:
    """Stronger lines and words on every page, or as drawn. False for what is not offered."""
    if value not in {"more", "normal"}:
        return False
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        held.preferences = held.preferences | {"contrast": value}
        held.save(update_fields=["preferences"])
    user.preferences = held.preferences
    return True


def present(user: User, name: str, time_zone: str) -> None:
    """What colleagues call somebody, and where their clock stands; both were looked at before."""
    User.objects.filter(pk=user.pk).update(name=name, time_zone=time_zone)
    user.name, user.time_zone = name, time_zone
