"""The API's own description: OpenAPI 3, and a page to read and try it. Nothing is fetched from elsewhere.

The page's script has an address of its own (`?script`), because our policy lets no inline script run.
"""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class Schema(SpectacularAPIView):
    """OpenAPI 3, as YAML or, by `?format=json`, as JSON."""


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own files."""

    template_name = "api/docs.html"
    url_name = "api-schema"
