"""The pictures of an answer: the box they are put into, and each opened by its address."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from ingest.models import OutgoingImage
from tickets.answering import tray
from tickets.answering.pictures import picture_for
from tickets.listing.lists import VIEWS
from tickets.models import Ticket
from tickets.views import tray as form
from tickets.views.pane import composer_of, ticket_for
from tickets.views.people import me
from tickets.views.verbs import answer_with, placed

# Nothing a picture might be taken for may do anything.
HARMLESS = "default-src 'none'; sandbox"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Put files in, keep descriptions, move one (`earlier`, `later`) or take one out (`remove`): the box as it is then.

    A plain browser gets its page again, with the words that were being written.
    """
    user = me(request)
    ticket = ticket_for(user, pk)
    form.keep_words(request, ticket, user)
    _added, problems = form.put_in(request, ticket, user)
    if key := form.key_of(request.POST.get("remove", "")):
        tray.take_out(ticket, key, by=user)
    for name, places in (("earlier", -1), ("later", 1)):
        if key := form.key_of(request.POST.get(name, "")):
            tray.move(ticket, key, places, by=user)
    return _box(request, ticket, problems)


def _box(request: HttpRequest, ticket: Ticket, problems: list[str]) -> HttpResponse:
    user, slug = me(request), placed(request)
    shown = tray.tray_on(ticket, user, problems)
    if request.headers.get("HX-Request"):
        return render(request, "inbox/pictures.html", {"tray": shown, "ticket": ticket, "view": VIEWS[slug]})
    composer = composer_of(ticket, text=str(request.POST.get("text", "")))
    # Not a redirect: the words would be lost.
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.CREATED
    return answer_with(request, ticket.pk, slug, status=status, composer=composer, more={"tray": shown})


@require_safe
def picture(request: HttpRequest, key: UUID) -> HttpResponse:
    """One picture: of an answer for who sees its brand, of a box for who put it there."""
    found = picture_for(me(request), key)
    if found is None:
        raise Http404
    etag = f'"{found.key.hex}"'
    # What changes is who may see it: asked each time, sent once.
    unchanged = get_conditional_response(request, etag=etag)
    return _guarded(unchanged if unchanged is not None else _whole(found), etag)


def _whole(found: OutgoingImage) -> HttpResponse:
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["Content-Disposition"] = f'inline; filename="{found.key}.{ENDINGS[found.media_type]}"'
    return response


def _guarded(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = HARMLESS
    return response
