"""What went wrong on a channel and is tried again from its page: items, events told by webhook, answers not sent."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ingest.models import BadItem, Delivery
from tickets.answering import outcomes, unsent
from tickets.channels import told, upkeep
from tickets.listing.filters import channels_of
from tickets.permissions import NotAllowed
from tickets.views.doors import done
from tickets.views.people import me


@require_POST
def item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Try again to take in an item that nobody understood."""
    get_object_or_404(BadItem, pk=item, channel=pk, channel__in=channels_of(request))
    try:
        upkeep.replay_item(item, by=me(request))
    except NotAllowed as refusal:
        if not me(request).is_supervisor:
            raise PermissionDenied(str(refusal)) from None
        messages.warning(request, str(refusal))
        return redirect("channel", pk=pk)
    messages.info(request, _("It was taken in."))
    return redirect("channel", pk=pk)


@require_POST
def event(request: HttpRequest, pk: int, event: int) -> HttpResponse:
    """Try again to take in one event."""
    return _events(request, pk, lambda: told.replay(pk, event, by=me(request)))


@require_POST
def events(request: HttpRequest, pk: int) -> HttpResponse:
    """Try again to take in all events that were not understood."""
    return _events(request, pk, lambda: told.replay(pk, by=me(request)))


def _events(request: HttpRequest, pk: int, verb: Callable[[], int]) -> HttpResponse:
    count = done(verb)
    messages.info(
        request,
        ngettext("%(n)d event is read again.", "%(n)d events are read again.", count) % {"n": count}
        if count
        else _("None waits for it any more."),
    )
    return redirect("channel", pk=pk)


@require_POST
def answer(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """Put one answer that was not sent back in the outbox."""
    get_object_or_404(Delivery, key=key, channel=pk, channel__in=channels_of(request))
    return _answers(request, pk, lambda: int(outcomes.try_again(key, by=me(request))))


@require_POST
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Put all answers that were not sent, and are still owed, back in the outbox."""
    return _answers(request, pk, lambda: unsent.try_all_again(pk, by=me(request)))


def _answers(request: HttpRequest, pk: int, verb: Callable[[], int]) -> HttpResponse:
    count = done(verb)
    messages.info(
        request,
        ngettext("%(n)d answer is on its way again.", "%(n)d answers are on their way again.", count) % {"n": count}
        if count
        else _("None waits for it any more."),
    )
    return redirect("channel", pk=pk)
