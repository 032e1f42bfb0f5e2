"""Pages and API: WSGI, where synchronous pages are several times cheaper than under ASGI."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from care.warm import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "care.settings")
application = get_wsgi_application()
warm()
if settings.TRUSTED_PROXIES:
    # Otherwise every visitor comes from the proxy's address, and one wrong password counts against all.
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.TRUSTED_PROXIES)
