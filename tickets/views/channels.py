"""The channels: are they well, and what of theirs could not be understood, read or triaged."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import brand_ids
from ingest import readers, scoring
from ingest.models import BadItem, Channel, Message
from tickets import intake
from tickets.filters import channels_of
from tickets.permissions import NotAllowed, check_supervises
from tickets.views.drift import drifted
from tickets.views.people import me

SHOWN = 50

# What is wrong with a channel, by the code that its adapter or the collector gave.
CHANNEL_ERRORS: dict[str, Promise] = {
    "bad_credentials": gettext_lazy("The platform no longer accepts our keys. An admin must enter new ones."),
    "sealed_credentials": gettext_lazy("The stored keys cannot be opened. An admin must enter them again."),
    "not_allowed": gettext_lazy("The platform does not allow this access. Check the account's plan and rights."),
    "out_of_credit": gettext_lazy("The account's credit with the platform is used up."),
    "rate_limited": gettext_lazy("The platform asked us to wait. Reading goes on by itself."),
    "unreachable": gettext_lazy("The platform could not be reached. We try again by ourselves."),
    "garbled_answer": gettext_lazy("The platform answered with something that is not its format. We try again."),
    "not_connected": gettext_lazy("No keys have been entered yet."),
    "unknown_platform": gettext_lazy("This version of Radd does not know that platform."),
}


@dataclass(frozen=True, slots=True)
class Health:
    """One line of the page."""

    channel: Channel
    well: bool
    words: str


def health_of(channel: Channel) -> Health:
    """Well, or what is wrong in words."""
    if channel.state == Channel.State.PAUSED:
        return Health(channel, well=True, words=_("Paused by a person"))
    if channel.error_code:
        known = CHANNEL_ERRORS.get(channel.error_code)
        return Health(channel, well=False, words=str(known) if known else channel.last_error or channel.error_code)
    words = _("Healthy") if channel.last_ok_at else _("Not looked at yet")
    return Health(channel, well=channel.state == Channel.State.ACTIVE, words=words)


def troubled(user: User) -> dict[str, QuerySet[Message]]:
    """Messages that the model could not read, and those that triage gave up on: newest first, bounded."""
    allowed = brand_ids(user)
    seen = Message.objects.all() if allowed is None else Message.objects.filter(channel__brand_id__in=allowed)
    shown = seen.select_related("channel").defer("raw", "metrics").order_by("-id")
    return {"unreadable": shown.unreadable()[:SHOWN], "held": shown.filter(state=Message.State.HELD)[:SHOWN]}


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """All channels of this person's brands with their troubles."""
    user = me(request)
    mine = channels_of(request).select_related("brand")
    bad = BadItem.objects.filter(channel__in=mine, replayed_at=None).select_related("channel")[:SHOWN]
    context = {
        "channels": [health_of(channel) for channel in mine],
        "bad_items": bad,
        "champion": readers.champion(),
        "drifted": drifted(request),
        "now": timezone.now(),
        "here": "channels",
        **troubled(user),
    }
    return render(request, "monitor/channels.html", context)


@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Send messages that were set aside through the same stage again."""
    user = me(request)
    try:
        check_supervises(user)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None
    kind = request.POST.get("kind", "")
    rows = troubled(user).get(kind)
    chosen = {int(pk) for pk in request.POST.getlist("message") if pk.isascii() and pk.isdecimal() and len(pk) < 19}
    ids = [row.pk for row in rows if not chosen or row.pk in chosen] if rows is not None else []
    done = intake.replay_held(ids) if kind == "held" else scoring.replay(ids)
    words = ngettext("%(n)d message is on its way again.", "%(n)d messages are on their way again.", done) % {"n": done}
    messages.info(request, words)
    return redirect("channels")
