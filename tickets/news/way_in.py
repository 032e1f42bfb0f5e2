"""The way from a mail to the page it speaks of. A mail has no visitor whose address bar could be read."""

from django.conf import settings


def link_to(path: str) -> str:
    """The page's whole address on a line of its own; empty where no address of the desk is set."""
    home = next((origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin), "")
    return f"\n{home}{path}" if home else ""
