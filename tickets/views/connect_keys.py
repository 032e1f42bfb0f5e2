"""New keys for a channel: the same account comes back, and all that it brought stays."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ingest import rekeying
from ingest.models import Channel
from ingest.platforms.base import Author
from ingest.platforms.registry import SIGN_INS, adapter_of, scopes_of
from ingest.rekeying import Keys
from tickets.channels.connect_forms import KeysForm
from tickets.channels.connect_words import GUIDES
from tickets.views import connect_bridge
from tickets.views.connect import carried_out, for_admins, tried
from tickets.views.people import me


def keyed(pk: int) -> Channel:
    """A channel that takes keys. Raises Http404; also for one that is being erased."""
    found = get_object_or_404(Channel.objects.exclude(state=Channel.State.ERASING), pk=pk)
    if found.platform not in GUIDES:
        raise Http404
    return found


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter new keys."""
    channel = keyed(pk)
    if request.method != "POST":
        return keys_page(request, channel, KeysForm(channel))
    form = KeysForm(channel, request.POST)
    done = None
    if form.is_valid():
        done = carried_out(form, lambda: rekeying.reconnect(pk, form.keys(), by=me(request)))
    if done is None:
        return keys_page(request, channel, form, status=422)
    messages.success(request, _("%(name)s has new keys and is read again.") % {"name": done.name})
    return redirect("channel", pk=pk)


@for_admins
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Whose these keys are. Nothing is kept."""
    channel = keyed(pk)
    form = KeysForm(channel, request.POST)
    author = None
    if form.is_valid():
        author = carried_out(form, lambda: rekeying.try_out(channel, form.keys(), by=me(request)))
    status = 200 if author else 422
    return tried(request, form, author, lambda: keys_page(request, channel, form, author=author, status=status))


@for_admins
@require_POST
def new_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A new signing secret for a bridge, shown once. The one before holds beside it until the next."""
    channel = keyed(pk)
    if channel.platform != "webhook":
        raise Http404
    made, form = connect_bridge.a_secret(), KeysForm(channel, {})
    form.is_valid()
    done = carried_out(form, lambda: rekeying.reconnect(pk, Keys({"secret": made}), by=me(request)))
    if done is None:
        return keys_page(request, channel, form, status=422)
    return connect_bridge.shown_once(request, done, made)


def keys_page(
    request: HttpRequest, channel: Channel, form: KeysForm, *, author: Author | None = None, status: int = 200
) -> HttpResponse:
    """The form of new keys, with what they need beside it."""
    context = {
        "channel": channel,
        "guide": GUIDES[channel.platform],
        "label": adapter_of(channel.platform).label,
        "form": form,
        "author": author,
        "scopes": scopes_of(channel.platform),
        "signs_in": channel.platform in SIGN_INS,
        "back_url": connect_bridge.back_url(request),
        "here": "channels",
    }
    return render(request, "connect/keys.html", context, status=status)
