"""The channels: are they well, and what of theirs could not be understood, read or triaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import brand_ids, may_run_channels
from ingest import health, readers, scoring
from ingest.health import Health
from ingest.models import BadItem, Channel, Message
from tickets.channels.channel_words import STATES, words_of
from tickets.incoming import intake
from tickets.listing.filters import channels_of
from tickets.numbers import wholes
from tickets.views.doors import supervisor
from tickets.views.drift import drifted
from tickets.views.people import me

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page: the channel, its state, and the gravest reason in words."""

    channel: Channel
    health: Health
    state: str
    words: str


def lines_of(rows: Sequence[Channel], now: datetime) -> list[Line]:
    """As many queries for many channels as for one."""
    found = health.of_channels(rows, now)
    lines = []
    for channel in rows:
        well = found[channel.pk]
        words = words_of(well.reasons[0]) if well.reasons else ""
        lines.append(Line(channel, well, str(STATES[well.state]), words))
    return lines


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
    seen = list(channels_of(request).select_related("brand"))
    mine = [channel for channel in seen if channel.state not in Channel.GONE]
    now = timezone.now()
    bad = BadItem.objects.filter(channel__in=mine, replayed_at=None).select_related("channel")[:SHOWN]
    context = {
        "channels": lines_of(mine, now),
        "removed": [channel for channel in seen if channel.state in Channel.GONE],
        "may_connect": may_run_channels(user),
        "bad_items": bad,
        "champion": readers.champion(),
        "drifted": drifted(request),
        "now": now,
        "here": "channels",
        **troubled(user),
    }
    return render(request, "monitor/channels.html", context)


@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Send messages that were set aside through the same stage again."""
    user = supervisor(request)
    kind = request.POST.get("kind", "")
    rows = troubled(user).get(kind)
    chosen = {*wholes(request.POST.getlist("message"))}
    ids = [row.pk for row in rows if not chosen or row.pk in chosen] if rows is not None else []
    done = intake.replay_held(ids) if kind == "held" else scoring.replay(ids)
    words = ngettext("%(n)d message is on its way again.", "%(n)d messages are on their way again.", done) % {"n": done}
    messages.info(request, words)
    return redirect("channels")
