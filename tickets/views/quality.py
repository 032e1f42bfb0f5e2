"""Quality review for supervisors: what waits, one review beside its thread, what was reviewed. Worked by keys.

Without a script the marks are plain choices and every button a form; the next review comes with the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from tickets.answering.guard.findings import Code
from tickets.answering.guard_words import brief_of
from tickets.models import Review, Scorecard, Ticket
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.quality import counts, reviews, sampling, scorecards
from tickets.quality.drawing import Why
from tickets.quality.marks import MARKS, Question, wording
from tickets.thread import Said, Story, story_of
from tickets.views.people import me
from tickets.views.settings_tags import supervises

SHOWN = 50
WHY: Mapping[str, Promise] = {
    Why.HARM: gettext_lazy("felt worse after the answer"),
    Why.GUARD: gettext_lazy("the guard found something in an answer"),
    Why.REOPENED: gettext_lazy("was reopened"),
    Why.CHANCE: gettext_lazy("by chance"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page shows it, with the mark it has; None: left."""

    id: str
    words: str
    weight: int
    mark: int | None = None


def asked(questions: list[Question], marks: Mapping[str, Any]) -> list[Asked]:
    """The questions in the reader's language."""
    language = get_language() or "en"
    return [Asked(one["id"], wording(one, language), one["weight"], marks.get(one["id"])) for one in questions]


def why(review: Review) -> str:
    """Why this ticket was drawn, in words."""
    return str(WHY.get(review.why, ""))


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, or what was reviewed; how far it has come; whose work was looked at how often."""
    user, now = supervises(request), timezone.now()
    part = "done" if request.GET.get("list") == "done" else "waiting"
    rows = reviews.done(user) if part == "done" else reviews.to_review(user)
    context = {
        "here": "quality",
        "now": now,
        "part": part,
        "rows": [(row, why(row)) for row in rows[:SHOWN]],
        "progress": counts.progress(user, now),
        "people": counts.by_person(user, now),
        "has_card": scorecards.in_use().exists(),
        "per_week": settings.REVIEWS_PER_WEEK,
        "done": _done_before(user, request.GET.get("done", "")),
    }
    return render(request, "quality/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One review: the thread beside the scorecard. Saved, the next one comes."""
    user = supervises(request)
    row = get_object_or_404(reviews.seen_by(user), pk=pk)
    problem = ""
    if request.method == "POST":
        try:
            reviews.review(
                pk, scorecard=whole(request.POST.get("scorecard"), digits=9) or 0, marks=_marks(request),
                words=str(request.POST.get("words", "")), by=user,
            )  # fmt: skip
            return _on(user, f"?done={pk}")
        except NotAllowed as refusal:
            problem = str(refusal)
        except Scorecard.DoesNotExist:
            problem = _("That scorecard is not in use any more. Choose another.")
    return render(request, "quality/review.html", _review(request, row, problem), status=422 if problem else 200)


def _review(request: HttpRequest, row: Review, problem: str = "") -> dict[str, Any]:
    user, now = me(request), timezone.now()
    cards = list(scorecards.in_use())
    wish = whole(request.POST.get("scorecard") or request.GET.get("scorecard"), digits=9)
    card = next((one for one in cards if one.pk == wish), cards[0] if cards else None)
    is_waiting = row.state == Review.State.WAITING
    given = {name: whole(mark) for name, mark in _marks(request).items()} if problem else {}
    questions = asked(card.questions if card else [], given) if is_waiting else asked(row.questions, row.marks)
    story = story_of(row.ticket)
    return {
        "here": "quality",
        "now": now,
        "row": row,
        "why": why(row),
        "story": story,
        "found": _found(story),
        "ticket": row.ticket,
        "cards": cards,
        "card": card,
        "questions": questions,
        "marks": MARKS,
        "words": str(request.POST.get("words", "")) if problem else row.words,
        "problem": problem,
        "left": reviews.to_review(user).count(),
        "done": _done_before(user, request.GET.get("done", "")),
        "is_waiting": is_waiting,
        "may_think_again": row.state != Review.State.WAITING and row.seen_at is None and row.reviewer_id == user.pk,
    }


def _found(story: Story) -> dict[str, list[str]]:
    """What the guard found in each answer when it was sent, in words, by the entry's id."""
    said = [entry for entry in story.entries if isinstance(entry, Said) and entry.ours and entry.care.guard]
    return {entry.id: [_words(code, entry) for code in entry.care.guard if code in set(Code)] for entry in said}


def _words(code: str, entry: Said) -> str:
    return brief_of(Code(code), canned=entry.care.canned)


def _marks(request: HttpRequest) -> dict[str, object]:
    return {name.removeprefix("mark-"): value for name, value in request.POST.items() if name.startswith("mark-")}


def _on(user: User, query: str = "") -> HttpResponse:
    """To the next that waits, else to the queue."""
    following = reviews.to_review(user).values_list("pk", flat=True).first()
    return redirect((reverse("quality-review", args=[following]) if following else reverse("quality")) + query)


def _done_before(user: User, pk: str) -> Review | None:
    """What the page before this one did, so that it can be undone."""
    rows = Review.objects.filter(pk=whole(pk) or 0, reviewer=user).exclude(state=Review.State.WAITING)
    return rows.select_related("agent").first() if pk else None


@require_POST
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    """Not worth a look: the next one."""
    return _decided(request, pk, reviews.skip)


@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo: it waits again."""
    return _decided(request, pk, reviews.put_back)


def _decided(request: HttpRequest, pk: int, verb: Any) -> HttpResponse:
    user = supervises(request)
    if not Review.objects.filter(pk=pk, ticket__in=Ticket.objects.visible_to(user)).exists():
        raise Http404
    try:
        row = verb(pk, by=user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("quality")
    if row.state == Review.State.WAITING:
        return redirect("quality-review", pk)
    return _on(user, f"?done={pk}")


@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    """Draw at once: for everybody, or more of one person's."""
    user = supervises(request)
    drawn = sampling.sample_now(by=user, agent_id=whole(request.POST.get("agent"), digits=9) or None)
    if drawn:
        words = ngettext("%(n)d ticket was drawn.", "%(n)d tickets were drawn.", drawn) % {"n": drawn}
        messages.success(request, words)
    else:
        messages.info(request, _("Nothing to draw: all have their number, or nothing was solved lately."))
    return redirect("quality")


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """The usual questions, where there is no scorecard yet."""
    scorecards.begin(by=supervises(request))
    messages.success(request, _("The usual questions are your scorecard now; admins change them in Settings."))
    return redirect("quality")
