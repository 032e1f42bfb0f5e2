"""Addresses of incidents, under /monitor/incidents/."""

from django.urls import path

from tickets.views import incident_updates, incidents, surges

urlpatterns = [
    path("", incidents.incidents, name="incidents"),
    path("new", incidents.new, name="incident-new"),
    path("matches", incidents.would_match, name="incident-matches"),
    path("suggested/<int:pk>/open", surges.open_with, name="surge-open"),
    path("suggested/<int:pk>/dismiss", surges.dismiss, name="surge-dismiss"),
    path("suggested/<int:pk>/suggest", surges.bring_back, name="surge-bring-back"),
    path("<int:pk>/", incidents.incident, name="incident"),
    path("<int:pk>/change", incidents.change, name="incident-change"),
    path("<int:pk>/close", incidents.close, name="incident-close"),
    path("<int:pk>/reopen", incidents.reopen, name="incident-reopen"),
    path("<int:pk>/gather", incidents.gather, name="incident-gather"),
    path("<int:pk>/tell", incident_updates.write, name="incident-write"),
    path("<int:pk>/tell/send", incident_updates.send, name="incident-send"),
    path("<int:pk>/updates/<uuid:key>/", incident_updates.progress, name="incident-update"),
    path("<int:pk>/updates/<uuid:key>/stop", incident_updates.stop, name="incident-update-stop"),
    path("<int:pk>/updates/<uuid:key>/go-on", incident_updates.go_on, name="incident-update-go-on"),
]
