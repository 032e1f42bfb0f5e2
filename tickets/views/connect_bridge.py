"""Addresses of ours that others are told: where platforms send people back to, where bridges call, and their secret."""

import secrets
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ingest.connecting import Wish
from ingest.models import Channel


def back_url(request: HttpRequest) -> str:
    """Where every platform sends people back to after a sign-in."""
    return request.build_absolute_uri(reverse("connect-back"))


def a_secret() -> str:
    """A signing secret that nobody guesses."""
    return secrets.token_hex(32)


def with_secret(wish: Wish) -> tuple[Wish, str]:
    """For a bridge: the wish with a secret, and that secret if it was made here; else as it is."""
    if wish.platform != "webhook" or wish.given.get("secret"):
        return wish, ""
    made = a_secret()
    return replace(wish, given={**wish.given, "secret": made}), made


def shown_once(request: HttpRequest, channel: Channel, made: str) -> HttpResponse:
    """The channel's address, and the secret that was made for it: on this one page and never again."""
    address = request.build_absolute_uri(reverse("hook", args=[channel.hook]))
    context = {"channel": channel, "address": address, "secret": made, "here": "channels"}
    return render(request, "connect/bridge.html", context)
