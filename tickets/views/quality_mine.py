"""One's own work: how customers felt after it, and what was said of it in reviews. Nobody else's figures stand here."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tickets.models import Review
from tickets.permissions import NotAllowed
from tickets.quality import counts, reviews
from tickets.quality.marks import MARKS
from tickets.views.people import me
from tickets.views.quality import asked, why

SHOWN = 30


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Own lift and own reviews."""
    return _page(request)


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    user, now = me(request), timezone.now()
    rows = list(reviews.of_mine(user)[: SHOWN + 1])
    mean, marked = counts.marked(user, now)
    context = {
        "here": "my-quality",
        "now": now,
        "lift": counts.own_lift(user, now),
        "mean": mean,
        "marked": marked,
        "marks": MARKS,
        "rows": [(row, asked(row.questions, row.marks), why(row)) for row in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "shown": SHOWN,
    } | more
    return render(request, "quality/mine.html", context, status=422 if more else 200)


@require_POST
def see(request: HttpRequest, pk: int) -> HttpResponse:
    """I have read it."""
    return _done(request, pk, lambda: reviews.see(pk, by=me(request)))


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What I say to it."""
    text = str(request.POST.get("text", ""))
    return _done(request, pk, lambda: reviews.answer(pk, text=text, by=me(request)), _("Your reviewer is told."), text)


def _done(request: HttpRequest, pk: int, verb: Callable[[], Review], said: str = "", text: str = "") -> HttpResponse:
    get_object_or_404(reviews.of_mine(me(request)), pk=pk)
    try:
        verb()
    except NotAllowed as refusal:
        return _page(request, problem=str(refusal), problem_pk=pk, text=text)
    if said:
        messages.success(request, said)
    return redirect(f"{reverse('my-quality')}#review-{pk}")
