"""Connecting a channel in the browser: choose a platform, enter its keys, try them, connect. For admins."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.db import IntegrityError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ingest import connecting
from ingest.connecting import Missing, Twice
from ingest.models import Channel
from ingest.platforms.base import Author, PlatformError
from ingest.platforms.registry import SIGN_INS, adapter_of, scopes_of
from ingest.rekeying import AnotherAccount
from tickets.channels.connect_forms import ConnectForm, KeysForm, SettingsForm
from tickets.channels.connect_words import GUIDES, trouble
from tickets.permissions import check_runs_channels
from tickets.views import connect_bridge
from tickets.views.doors import Page, only
from tickets.views.people import me

T = TypeVar("T")


def for_admins(view: Page) -> Page:
    """Only for those who may look after channels; what they send is shown in no report of an error."""
    return never_cache(sensitive_post_parameters()(only(check_runs_channels)(view)))


@for_admins
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The platforms there are."""
    guides = [(guide, adapter_of(guide.platform).label) for guide in GUIDES.values()]
    return render(request, "connect/choose.html", {"guides": guides, "here": "channels"})


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def platform(request: HttpRequest, platform: str) -> HttpResponse:
    """What one platform needs; and connecting, when it is sent."""
    if platform not in GUIDES:
        raise Http404
    if request.method != "POST":
        return form_page(request, ConnectForm(platform))
    form = ConnectForm(platform, request.POST)
    if not form.is_valid():
        # Everything at once: nobody is sent back for the keys after the name.
        if missing := connecting.missing(form.wish()):
            form.note_missing(missing)
        return form_page(request, form, status=422)
    wish, made = connect_bridge.with_secret(form.wish())
    channel = carried_out(form, lambda: connecting.connect(form.brand_wished(), wish, by=me(request)))
    if channel is None:
        return form_page(request, form, status=422)
    if platform == "webhook":
        return connect_bridge.shown_once(request, channel, made)
    return welcome(request, channel)


@for_admins
@require_POST
def test(request: HttpRequest, platform: str) -> HttpResponse:
    """Who these keys are there. Nothing is kept; without a script the keys must be entered again."""
    if platform not in GUIDES:
        raise Http404
    form = ConnectForm(platform, request.POST)
    form.is_valid()
    # Names and brands may come later: only what the platform needs is looked at.
    for name in ("name", "brand", "new_brand"):
        form.errors.pop(name, None)
    wish, _made = connect_bridge.with_secret(form.wish())
    author = None if form.errors else carried_out(form, lambda: connecting.try_out(wish, by=me(request)))
    return tried(request, form, author, lambda: form_page(request, form, author=author, status=200 if author else 422))


# --- parts that other pages of connecting share -----------------------------------------------------------------------
def form_page(
    request: HttpRequest, form: ConnectForm, *, author: Author | None = None, status: int = 200
) -> HttpResponse:
    """The form of one platform, with what it needs beside it."""
    name = form.platform
    context = {
        "guide": GUIDES[name],
        "label": adapter_of(name).label,
        "form": form,
        "author": author,
        "scopes": scopes_of(name),
        "signs_in": name in SIGN_INS,
        "back_url": connect_bridge.back_url(request),
        "here": "channels",
    }
    return render(request, "connect/platform.html", context, status=status)


def tried(request: HttpRequest, form: Form, author: Author | None, page: Callable[[], HttpResponse]) -> HttpResponse:
    """What a try said: a piece of the page for the script, the page for a plain browser."""
    if not request.headers.get("HX-Request"):
        return page()
    lines = [(form[name].label, words) for name, words in form.errors.items() if name != "__all__"]
    context = {"author": author, "problems": form.non_field_errors(), "lines": lines}
    return render(request, "connect/tried.html", context, status=200 if author else 422)


def carried_out(form: ConnectForm | KeysForm | SettingsForm, verb: Callable[[], T]) -> T | None:
    """What the verb gives; None where it refused, and then the form says why."""
    try:
        return verb()
    except Missing as missing:
        form.note_missing(missing.names)
    except Twice as twice:
        words = _("This account is connected already, as %(name)s. Open that channel to give it new keys.")
        form.add_error(None, words % {"name": f"\u2068{twice.channel.name}\u2069"})
    except AnotherAccount as other:
        words = _("These keys open another account, %(who)s. Connect that one as a channel of its own.")
        form.add_error(None, words % {"who": f"\u2068@{str(other).lstrip('@')}\u2069"})
    except PlatformError as error:
        form.add_error(None, trouble(error))
    except IntegrityError:
        form.add_error(None if "name" not in form.fields else "name", _("Another channel has this name."))
    return None


def welcome(request: HttpRequest, channel: Channel) -> HttpResponse:
    """On to the page of a channel that was just connected."""
    words = _("%(name)s is connected. New posts show up in the inbox by themselves.")
    messages.success(request, words % {"name": channel.name})
    return redirect("channel", pk=channel.pk)
