"""The past of a channel on its page: begun and stopped by admins, its progress kept fresh while it is read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ingest import backfilling
from ingest.models import Channel
from tickets.channels import past
from tickets.listing.filters import channels_of
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.views.people import me


def past_of(request: HttpRequest, channel: Channel) -> dict[str, Any]:
    """What the page says of it."""
    now = timezone.now()
    return {
        "channel": channel,
        "past": past.of_channel(channel, now),
        "usual_days": past.USUAL_DAYS,
        "most_days": backfilling.MOST_DAYS,
        "may_run": me(request).is_admin,
        "now": now,
    }


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """That part of the page alone, for whoever watches; the whole page for whoever comes without the script."""
    channel = get_object_or_404(channels_of(request), pk=pk)
    if not request.headers.get("HX-Request"):
        return redirect("channel", pk=pk)
    return render(request, "monitor/channel_past.html", past_of(request, channel))


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the last so many days."""
    days = whole(request.POST.get("days"), digits=5) or 0
    try:
        past.read(pk, days, by=me(request))
    except NotAllowed as refusal:
        return _refused(request, pk, refusal)
    except Channel.DoesNotExist:
        raise Http404 from None
    words = ngettext("The last day is being read.", "The last %(n)d days are being read.", days) % {"n": days}
    messages.info(request, words)
    return redirect("channel", pk=pk)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Read no more of it."""
    try:
        stopped = past.stop(pk, by=me(request))
    except NotAllowed as refusal:
        return _refused(request, pk, refusal)
    except Channel.DoesNotExist:
        raise Http404 from None
    messages.info(request, _("Stopped. What was read stays.") if stopped else _("It had ended already."))
    return redirect("channel", pk=pk)


def _refused(request: HttpRequest, pk: int, refusal: NotAllowed) -> HttpResponse:
    if not me(request).is_admin:
        raise PermissionDenied(str(refusal))
    messages.warning(request, str(refusal))
    return redirect("channel", pk=pk)
