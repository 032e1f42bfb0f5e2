"""The live stream's own small process. Pages and API are care/wsgi.py; a proxy puts both under one address."""

import os
from typing import Any

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler

# What serves pages: a stream has no page, takes no form, shows no words, and looks up for all who come back together
# who they are. Each of the others is a wait or two for the one thread, for everybody when the line was cut for all.
OURS = ("django.middleware.security.", "django.middleware.common.")


class OneConnection(ASGIHandler):
    """Does all that touches the database in one thread, on one connection.

    Django gives each request a thread of its own for as long as it lasts, and the thread a connection. A stream lasts
    for hours: five hundred open browsers would hold five hundred connections, and come back all at once.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request; refuses what is not HTTP, as Django does."""
        if scope["type"] != "http":
            raise ValueError(f"This process speaks HTTP alone, not {scope['type']}.")
        await self.handle(scope, receive, send)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "care.settings")
settings.ROOT_URLCONF = "care.live_urls"
settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith(OURS)]
django.setup(set_prefix=False)
application = OneConnection()
