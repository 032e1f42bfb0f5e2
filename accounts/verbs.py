"""What people decide about themselves."""

from django.db import transaction

from accounts.models import User

CHOICES = {
    "interface_language": {"en", "ar"},
    "theme": {"auto", "light", "dark"},
    "density": {"compact", "normal", "roomy"},
}


def set_available(user: User, on: bool) -> bool:
    """Take new tickets, or leave them to others. Returns whether anything changed; who asks rings the routing then."""
    with transaction.atomic():
        changed = User.objects.filter(pk=user.pk).exclude(available=on).update(available=on)
    user.available = on
    return bool(changed)


def choose(user: User, name: str, value: str) -> bool:
    """Keep one taste of a person (language, theme, density). False for what is not offered."""
    if value not in CHOICES.get(name, ()):
        return False
    User.objects.filter(pk=user.pk).update(**{name: value})
    setattr(user, name, value)
    return True
