"""One channel: how it is and why, whether everything is here, what it costs, its past, and what went wrong."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ingest import health, prices, spending
from ingest.models import Channel, Message
from tickets.answering import unsent
from tickets.channels import told, troubles, upkeep
from tickets.channels.channel_words import STATES, words_of
from tickets.listing.filters import channels_of
from tickets.views import channel_charts
from tickets.views.channel_hours import duration, hours_of
from tickets.views.channel_past import past_of
from tickets.views.doors import done
from tickets.views.people import me

DAYS = 14
SHOWN = 50


@require_safe
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one channel, for everybody who sees its brand."""
    found = get_object_or_404(channels_of(request).select_related("brand", "default_team"), pk=pk)
    now = timezone.now()
    well = health.of_channels([found], now)[found.pk]
    context = {
        "channel": found,
        "health": well,
        "state": STATES[well.state],
        "reasons": [(reason.state, words_of(reason)) for reason in well.reasons],
        "lag": duration(well.facts.lag),
        "alarm": duration(well.facts.late_after.total_seconds()),
        "received": _received_today(found, now),
        "interval": duration(found.poll_seconds),
        "bad_items": found.bad_items.filter(replayed_at=None)[:SHOWN],
        "unsent": unsent.of_channel(found, SHOWN),
        "may_replay": me(request).is_supervisor,
        "now": now,
        "here": "channels",
        **hours_of(found, now),
        **_money(found, well, now),
        **past_of(request, found),
        **_told(request, found, now),
    }
    return render(request, "monitor/channel.html", context)


@require_safe
def trouble(request: HttpRequest, pk: int) -> HttpResponse:
    """What went wrong in the last week: the end of the channel's page, fetched after it; else a page of its own."""
    found = get_object_or_404(channels_of(request), pk=pk)
    now = timezone.now()
    context = {"channel": found, "troubles": troubles.of_week(found, now), "now": now, "here": "channels"}
    part = bool(request.headers.get("HX-Request"))
    return render(request, "monitor/channel_troubles.html" if part else "monitor/channel_troubles_page.html", context)


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _told(request: HttpRequest, found: Channel, now: datetime) -> dict[str, Any]:
    """Where its platform calls us, and what became of the calls: nothing where it cannot call."""
    if not told.can_call(found):
        return {}
    address = request.build_absolute_uri(reverse("hook", args=[found.hook]))
    return {
        "hook": address if me(request).is_supervisor else "",
        "events": told.counts(found, _midnight(now)),
        "failed_events": told.with_words(found, SHOWN),
    }


def _received_today(found: Channel, now: datetime) -> int:
    today = Message.objects.filter(channel=found, posted_at__gte=_midnight(now), direction=Message.Direction.IN)
    return today.exclude(decision=Message.Decision.CONTEXT).count()


def _money(found: Channel, well: health.Health, now: datetime) -> dict[str, Any]:
    days = spending.by_day(found, DAYS, now)
    known = prices.price_list(found.platform)
    budget = well.facts.budget
    if budget is None or (known is None and not any(day.total for day in days)):
        return {"charges": False}
    return {
        "charges": True,
        "price_list": known,
        "spent_today": dollars(days[-1].total),
        "spent": dollars(budget.spent),
        "projected": dollars(budget.projected),
        "cap": dollars(budget.cap) if budget.cap is not None else "",
        "reading": dollars(sum((day.reading for day in days), Decimal(0))),
        "answers": dollars(sum((day.answers for day in days), Decimal(0))),
        "money": channel_charts.money(days, budget.cap),
        "daily": dollars(budget.cap / 30) if budget.cap else "",
    }


def dollars(amount: Decimal) -> str:
    """US dollars, as platforms charge; kept in one piece inside right-to-left words."""
    told = f"${amount:,.2f}"
    return f"\u2066{told}\u2069" if get_language_bidi() else told


# --- verbs ----------------------------------------------------------------------------------------------------------
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop reading a channel for now."""
    paused = done(lambda: upkeep.pause(pk, by=me(request)))
    messages.info(request, _("%(name)s is paused. Answers still go out.") % {"name": paused.name})
    return redirect("channel", pk=pk)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a channel again."""
    resumed = done(lambda: upkeep.resume(pk, by=me(request)))
    messages.info(request, _("%(name)s is read again.") % {"name": resumed.name})
    return redirect("channel", pk=pk)


@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a channel now."""
    done(lambda: upkeep.look_now(pk, by=me(request)))
    messages.info(request, _("A look is on its way. New posts show up in the inbox by themselves."))
    return redirect("channel", pk=pk)
