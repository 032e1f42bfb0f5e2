"""Pages and API: WSGI, where synchronous pages are several times cheaper than under ASGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "care.settings")
application = get_wsgi_application()
