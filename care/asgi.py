"""The live stream's own small process. Pages and API are care/wsgi.py; a proxy puts both under one address."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "care.settings")
settings.ROOT_URLCONF = "care.live_urls"
application = get_asgi_application()
