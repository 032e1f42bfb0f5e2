"""Scorecards: the questions a team asks of its own work. A review keeps them as they stood.

They hold for every brand, so admins keep them; the first one any supervisor may begin.
"""

from collections.abc import Sequence
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.unmoved import check_unmoved
from ingest.cleaning import clean
from tickets.models import Scorecard
from tickets.permissions import NotAllowed, check_supervises
from tickets.quality.marks import HEAVIEST, Question

MOST_QUESTIONS = 12
LONGEST_QUESTION = 160
# What a desk may begin with, and then make its own.
USUAL: Sequence[tuple[str, str, int]] = (
    ("Did the answer take up what was asked?", "هل تناول الرد ما سُئل عنه؟", 3),
    ("Was what it said right?", "هل كان ما قيل صحيحًا؟", 3),
    ("Was it written for this customer, and not canned?", "هل كُتب لهذا العميل ولم يكن مكررًا؟", 2),
    ("Was it kind and plain, in the customer’s language?", "هل كان لطيفًا واضحًا وبلغة العميل؟", 2),
    ("Did private matters stay private?", "هل بقي ما هو خاص خاصًا؟", 2),
    ("Was the problem solved, or its next step clear?", "هل حُلّت المشكلة أو اتضحت خطوتها التالية؟", 3),
)


class Wrong(Exception):
    """A scorecard that cannot be kept; the message says why, in the reader's language."""


def in_use() -> QuerySet[Scorecard]:
    """Those that reviews may be made by."""
    return Scorecard.objects.filter(is_on=True)


def keep(
    card_id: int | None, *, name: str, questions: Sequence[Question], is_on: bool = True, by: User,
    version: int | None = None,
) -> Scorecard:  # fmt: skip
    """Make a scorecard or change one; `version`: the one seen. A question without an id is new.

    Raises NotAllowed, Wrong, DoesNotExist, MovedOn.
    """
    _check_keeps(by)
    return _keep(card_id, name, questions, by, is_on=is_on, version=version)


def _check_keeps(by: User) -> None:
    if not by.is_admin:
        raise NotAllowed(_("Only admins keep scorecards: they hold for every team."))


def _keep(
    card_id: int | None, name: str, questions: Sequence[Question], by: User, *, is_on: bool, version: int | None = None
) -> Scorecard:
    name, kept = " ".join(clean(name).split())[:80], tidy(questions)
    if not name:
        raise Wrong(_("Give it a name."))
    if not kept:
        raise Wrong(_("Ask one question at least."))
    try:
        with transaction.atomic():
            card = Scorecard.objects.select_for_update(of=("self",)).get(pk=card_id) if card_id else Scorecard()
            if card_id:
                check_unmoved(card.version, version)
            before = (card.name, card.questions, card.is_on)
            card.name, card.questions, card.is_on, card.updated_by = name, kept, is_on, by
            if card_id and before == (name, kept, is_on):
                return card
            card.save()
            audit.record(by, "scorecard.changed" if card_id else "scorecard.made", card, questions=len(kept))
    except IntegrityError:
        raise Wrong(_("There is a scorecard of this name already.")) from None
    return card


def tidy(questions: Sequence[Question]) -> list[dict[str, object]]:
    """Questions as they are kept: those without words are dropped, every one has an id of its own."""
    kept: list[dict[str, object]] = []
    known: set[str] = set()
    for question in questions:
        words = {code: " ".join(clean(str(question.get(code) or "")).split()) for code in ("en", "ar")}
        if not any(words.values()):
            continue
        pk = str(question.get("id") or "")
        pk = pk if pk and len(pk) <= 12 and pk not in known else uuid4().hex[:8]
        known.add(pk)
        weight = min(max(int(question.get("weight") or 1), 1), HEAVIEST)
        kept.append({"id": pk, **{code: text[:LONGEST_QUESTION] for code, text in words.items()}, "weight": weight})
    return kept[:MOST_QUESTIONS]


def begin(*, by: User) -> Scorecard:
    """The questions a desk may begin with, where it has none; else its first scorecard. Raises NotAllowed."""
    check_supervises(by)
    first = Scorecard.objects.first()
    if first is not None:
        return first
    questions = [{"en": en, "ar": ar, "weight": weight} for en, ar, weight in USUAL]
    return _keep(None, _("How we answered"), questions, by, is_on=True)


def remove(card_id: int, *, by: User) -> None:
    """Forget a scorecard. Reviews keep the questions they were made by. Raises NotAllowed, DoesNotExist."""
    _check_keeps(by)
    with transaction.atomic():
        card = Scorecard.objects.select_for_update(of=("self",)).get(pk=card_id)
        audit.record(by, "scorecard.removed", card)
        card.delete()
