"""Signing in at a platform: out of the door with a state of ours, and back in by one address for all of them.

What the person entered waits in their own web session meanwhile, sealed: keys of an app may be among it.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ingest import connecting, envelope, rekeying
from ingest.connecting import Wish
from ingest.models import Channel
from ingest.platforms.base import Json, PlatformError
from ingest.platforms.entering import Begun
from ingest.platforms.registry import SIGN_INS, adapter_of
from ingest.rekeying import Keys
from tickets.channels.connect_forms import ConnectForm, KeysForm
from tickets.channels.connect_words import trouble
from tickets.views.connect import carried_out, for_admins, form_page, welcome
from tickets.views.connect_bridge import back_url
from tickets.views.connect_keys import keys_page
from tickets.views.people import me

SESSION_KEY = "connecting"


@for_admins
@require_POST
def leave(request: HttpRequest, platform: str) -> HttpResponse:
    """Begin a sign-in for a channel to be. The form is checked first: afterwards there is no form any more."""
    if platform not in SIGN_INS:
        raise Http404
    form = ConnectForm(platform, request.POST)
    if not form.is_valid():
        return form_page(request, form, status=422)
    begun = carried_out(form, lambda: connecting.begin_sign_in(form.wish(), back_url(request), by=me(request)))
    if begun is None:
        return form_page(request, form, status=422)
    return _sent_away(request, begun, {"platform": platform, "form": request.POST.urlencode()})


@for_admins
@require_POST
def leave_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a sign-in for a channel that is there."""
    channel = get_object_or_404(Channel.objects.exclude(state=Channel.State.ERASING), pk=pk)
    if channel.platform not in SIGN_INS:
        raise Http404
    form = KeysForm(channel, request.POST)
    if not form.is_valid():
        return keys_page(request, channel, form, status=422)
    begun = carried_out(form, lambda: connecting.begin_sign_in(_wish(channel, form), back_url(request), by=me(request)))
    if begun is None:
        return keys_page(request, channel, form, status=422)
    return _sent_away(request, begun, {"channel": pk, "form": request.POST.urlencode()})


@for_admins
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Where platforms send people back to. A sign-in that was begun here, by this person, is brought to its end."""
    # Once: whoever comes by this address a second time finds nothing that waits.
    waiting, told = request.session.pop(SESSION_KEY, ""), request.GET.dict()
    try:
        kept = envelope.opened(str(waiting))
    except envelope.Stale:
        messages.error(request, trouble(PlatformError("state_mismatch")))
        return redirect("connect")
    data = QueryDict(kept["form"])
    if "channel" in kept:
        return _keys_came(request, kept, data, told)
    form = ConnectForm(kept["platform"], data)
    if not form.is_valid():
        return form_page(request, form, status=422)

    def connected() -> Channel:
        wish = connecting.finish_sign_in(form.wish(), back_url(request), kept["keep"], told)
        return connecting.connect(form.brand_wished(), wish, by=me(request))

    channel = carried_out(form, connected)
    return welcome(request, channel) if channel else form_page(request, form, status=422)


def _keys_came(request: HttpRequest, kept: Json, data: QueryDict, told: dict[str, str]) -> HttpResponse:
    channel = get_object_or_404(Channel.objects.exclude(state=Channel.State.ERASING), pk=kept["channel"])
    form = KeysForm(channel, data)
    if not form.is_valid():
        return keys_page(request, channel, form, status=422)

    def entered() -> Channel:
        wish = connecting.finish_sign_in(_wish(channel, form), back_url(request), kept["keep"], told)
        given = form.keys()
        return rekeying.reconnect(channel.pk, Keys(given.given, given.options, wish.tokens), by=me(request))

    done = carried_out(form, entered)
    if done is None:
        return keys_page(request, channel, form, status=422)
    messages.success(request, _("%(name)s has new keys and is read again.") % {"name": done.name})
    return redirect("channel", pk=done.pk)


def _wish(channel: Channel, form: KeysForm) -> Wish:
    """What a sign-in needs to know of a channel that is there: its server, and the keys of its app."""
    return rekeying.wish_of(channel, form.keys())


def _sent_away(request: HttpRequest, begun: Begun, what: dict[str, Any]) -> HttpResponse:
    """A page with the way out: our forms may not lead elsewhere by themselves (CSP form-action)."""
    request.session[SESSION_KEY] = envelope.seal({**what, "keep": begun.keep})
    platform = what.get("platform") or Channel.objects.get(pk=what["channel"]).platform
    context = {"url": begun.url, "label": adapter_of(platform).label, "platform": platform, "here": "channels"}
    return render(request, "connect/away.html", context)
