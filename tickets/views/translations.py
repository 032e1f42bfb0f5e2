"""What a customer wrote, in the language of whoever reads: on a click, under the message."""

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from accounts.permissions import may_see
from ingest.models import Message
from tickets.translating.base import Trouble
from tickets.translating.translations import translated
from tickets.views.people import me

log = structlog.get_logger(__name__)


@require_POST
def translation(request: HttpRequest, pk: int) -> HttpResponse:
    """One message, translated by machine; or that it cannot be had now."""
    message = get_object_or_404(Message.objects.select_related("channel").defer("raw", "channel__secrets"), pk=pk)
    if not may_see(me(request), message.channel.brand_id):
        raise Http404
    context: dict[str, object] = {"message": message}
    try:
        context["translated"] = translated(message, (get_language() or "en")[:2])
    except Trouble as trouble:
        log.warning("translation failed", message=pk, error=str(trouble))
    template = "customers/translated.html" if request.headers.get("HX-Request") else "customers/translated_page.html"
    return render(request, template, context)
