"""The address that platforms call. Whoever calls learns nothing but whether the call was taken."""

from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ingest import webhooks
from ingest.platforms.base import PlatformError

log = structlog.get_logger(__name__)

# What a call is answered that an adapter refuses. All else is a trouble on our side: the platform should call again.
STATUS = {"bad_signature": 401, "replayed": 401, "bad_payload": 400, "too_large": 413}


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, hook: UUID) -> HttpResponse:
    """A channel's webhook: a challenge is answered, a call is stored and then answered 200."""
    try:
        return _challenge(request, hook) if request.method == "GET" else _take(request, hook)
    except webhooks.NoHook:
        return HttpResponse(status=404)
    except PlatformError as error:
        status = STATUS.get(error.code, 503)
        # Not the error's words: they may quote what was sent.
        log.warning("webhook call not taken", hook=str(hook)[:8], code=error.code, status=status)
        return HttpResponse(status=status)
    except Exception as error:  # noqa: BLE001  (its words may quote what was sent, so the log has only where it arose)
        # And no traceback, which would quote it too.
        log.error("webhook call failed", hook=str(hook)[:8], error=type(error).__name__, at=webhooks.origin(error))  # noqa: TRY400
        return HttpResponse(status=500)


def _challenge(request: HttpRequest, hook: UUID) -> HttpResponse:
    answer = webhooks.answer_challenge(hook, request.GET.dict())
    return HttpResponse(status=404) if answer is None else JsonResponse(answer)


def _take(request: HttpRequest, hook: UUID) -> HttpResponse:
    try:
        # Read here rather than by `request.body`: the limit is ours, and holds for calls without a length too.
        body = request.read(settings.WEBHOOK_BODY_LIMIT + 1)
    except UnreadablePostError:
        return HttpResponse(status=400)
    if len(body) > settings.WEBHOOK_BODY_LIMIT:
        return HttpResponse(status=413)
    webhooks.take(hook, request.headers, body, timezone.now())
    return HttpResponse(status=200)
