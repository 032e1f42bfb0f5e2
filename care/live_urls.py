"""Addresses of the live process."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from care import health
from tickets.news.stream import stream

urlpatterns = [
    path("live/", login_not_required(stream), name="live"),
    path("healthz", health.healthz, name="healthz"),
]
