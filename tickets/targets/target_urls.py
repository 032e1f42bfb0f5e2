"""Addresses of targets and calendars in the Settings area."""

from django.urls import path

from tickets.views import calendars, chains, targets

urlpatterns = [
    path("targets/", targets.policies, name="sla-policies"),
    path("targets/new", targets.policy, name="sla-policy-new"),
    path("targets/<int:pk>/", targets.policy, name="sla-policy"),
    path("targets/<int:pk>/move", targets.move, name="sla-policy-move"),
    path("targets/<int:pk>/remove", targets.remove, name="sla-policy-remove"),
    path("escalation/", chains.chains, name="chains"),
    path("escalation/new", chains.chain, name="chain-new"),
    path("escalation/<int:pk>/", chains.chain, name="chain"),
    path("escalation/<int:pk>/move", chains.move, name="chain-move"),
    path("escalation/<int:pk>/versions", chains.versions, name="chain-versions"),
    path("escalation/<int:pk>/versions/<int:version>/restore", chains.restore, name="chain-restore"),
    path("escalation/<int:pk>/remove", chains.remove, name="chain-remove"),
    path("escalation/<int:pk>/put-back", chains.put_back, name="chain-put-back"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/new", calendars.calendar, name="calendar-new"),
    path("calendars/<int:pk>/", calendars.calendar, name="calendar"),
    path("calendars/<int:pk>/remove", calendars.remove, name="calendar-remove"),
    path("calendars/<int:pk>/days/add", calendars.add_days, name="calendar-days-add"),
    path("calendars/<int:pk>/days/<int:days>/remove", calendars.remove_days, name="calendar-days-remove"),
    path("calendars/<int:pk>/holidays", calendars.holidays, name="calendar-holidays"),
    path("calendars/<int:pk>/ramadan", calendars.ramadan, name="calendar-ramadan"),
]
