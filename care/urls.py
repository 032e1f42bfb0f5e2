"""All addresses."""

from django.urls import include, path

from care import furniture, health
from ingest import views as outside

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("furniture/<slug:language>.<slug:digest>.js", furniture.furniture, name="furniture"),
    path("hooks/<uuid:hook>/", outside.hook, name="hook"),
    path("api/", include("tickets.api.urls")),
    path("", include("accounts.urls")),
    path("settings/", include("tickets.settings_urls")),
    path("", include("tickets.urls")),
]
