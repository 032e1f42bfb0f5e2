"""Addresses of sector packs, in the Settings area."""

from django.urls import path

from tickets.views import packs

urlpatterns = [
    path("packs/", packs.packs, name="packs"),
    path("packs/<slug:slug>/<int:brand_id>/", packs.pack, name="pack"),
    path("packs/<slug:slug>/<int:brand_id>/remove", packs.remove, name="pack-remove"),
]
