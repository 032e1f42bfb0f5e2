"""Saved replies and macros: who sees which, how they are found, and what stands for {variables} where they are used."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Brand, Team, User
from accounts.permissions import brand_ids, may_see
from accounts.unmoved import check_unmoved
from ingest.cleaning import clean
from sentiment.text import search_form
from tickets.models import Macro, SavedReply, Ticket
from tickets.models.saved import Shared
from tickets.permissions import NotAllowed

S = TypeVar("S", SavedReply, Macro)

LANGUAGES = ("en", "ar")
LONGEST = 5000
MOST_SEARCHED, MOST_SHOWN = 500, 8
# A variable and its names; in a saved reply any of them stands between braces.
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "customer": ("customer", "name", "العميل", "الاسم"),
    "agent": ("agent", "الموظف"),
    "brand": ("brand", "العلامة"),
    "ticket": ("ticket", "التذكرة"),
}
_BY_NAME = {name: variable for variable, names in VARIABLES.items() for name in names}
_BLANK = re.compile(r"\{\s*([\w .؀-ۿ]{1,40}?)\s*\}")


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the list that `/` opens. `text` is filled in, ready for the box; a macro has none."""

    id: int
    kind: str
    name: str
    text: str = ""
    language: str = ""
    steps: int = 0


def visible(rows: QuerySet[S], user: User) -> QuerySet[S]:
    """Of these, a person's own, their teams' and everyone's, of the brands they see."""
    teams = Team.objects.filter(members=user).values("id")
    theirs = Q(owner=user) | Q(team__in=teams) | Q(owner=None, team=None)
    seen = brand_ids(user)
    return rows.filter(theirs) if seen is None else rows.filter(theirs, Q(brand=None) | Q(brand__in=seen))


def usable(rows: QuerySet[S], ticket: Ticket, user: User) -> list[S]:
    """Those this person may use on this ticket, the most used first."""
    here = visible(rows, user).filter(Q(brand=None) | Q(brand=ticket.brand_id))
    return list(here.order_by("-used", "name", "id")[:MOST_SEARCHED])


def search(ticket: Ticket, user: User, query: str) -> list[Found]:
    """What `/query` finds in names and texts: names first, then the most used. The ticket comes with its names."""
    language = _language_of(ticket)
    replies = usable(SavedReply.objects.all(), ticket, user)
    macros = usable(Macro.objects.all(), ticket, user)
    words = search_form(query).split()
    ranked = [(_rank(words, row.name, row.texts.values()), row) for row in replies]
    found = [
        _found(row, ticket, user, language) for rank, row in sorted(ranked, key=lambda pair: pair[0]) if rank < _NONE
    ]
    steps = [
        Found(row.pk, "macro", row.name, steps=len(row.actions)) for row in macros if _rank(words, row.name, ()) < _NONE
    ]
    return [*found[: MOST_SHOWN - min(len(steps), 2)], *steps][:MOST_SHOWN]


_NONE = 9


def _rank(words: Sequence[str], name: str, texts: Iterable[str]) -> int:
    """0 where the name begins so, 1 where it holds all words, 2 where name and texts together do."""
    named = search_form(name)
    if all(word in named for word in words):
        return 0 if not words or named.startswith(words[0]) else 1
    whole = " ".join([named, *(search_form(str(text)) for text in texts)])
    return 2 if all(word in whole for word in words) else _NONE


def _language_of(ticket: Ticket) -> str:
    return (ticket.preview_language or ticket.language)[:2]


def _found(row: SavedReply, ticket: Ticket, user: User, language: str) -> Found:
    known = language if row.texts.get(language) else next((code for code, text in row.texts.items() if text), "")
    return Found(row.pk, "reply", row.name, fill(str(row.texts.get(known, "")), ticket, user), known)


def fill(text: str, ticket: Ticket, user: User) -> str:
    """The text with what is known in the place of its variables; the rest stays as blanks for a person to fill."""
    contact = ticket.contact
    arabic = _language_of(ticket) == "ar"
    known = {
        "customer": (contact.name or "").split(" ")[0] or (f"@{contact.handle}" if contact.handle else ""),
        "agent": user.get_short_name(),
        "brand": (ticket.brand.name_ar if arabic else "") or ticket.brand.name,
        "ticket": f"#{ticket.pk}",
    }

    def value(match: re.Match[str]) -> str:
        variable = _BY_NAME.get(match[1].strip().lower(), "")
        return known.get(variable, "") or match[0]

    return _BLANK.sub(value, text)


def used(pk: int, user: User) -> None:
    """It went into an answer's box. Counting loses nothing when two do so at once."""
    row = visible(SavedReply.objects.all(), user).filter(pk=pk)
    SavedReply.objects.filter(pk__in=row.values("pk")).update(used=F("used") + 1, last_used_at=timezone.now())


# --- keeping them ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Scope:
    """Whose it is: `whose` is "own", "team" or "everyone"."""

    whose: str = "own"
    team: Team | None = None
    brand: Brand | None = None


def may_change(row: Shared, user: User) -> bool:
    """One's own; what others see too is kept by supervisors, in the teams and brands they are of."""
    if row.owner_id is not None:
        return row.owner_id == user.pk
    if not user.is_supervisor:
        return False
    if row.team_id and not user.is_admin and not user.teams.filter(pk=row.team_id).exists():
        return False
    return row.brand_id is None or may_see(user, row.brand_id)


def place(row: Shared, scope: Scope, by: User) -> None:
    """Give it its place. Raises NotAllowed where this person may not keep it there."""
    row.owner = by if scope.whose == "own" else None
    row.team = scope.team if scope.whose == "team" else None
    row.brand = scope.brand
    if not may_change(row, by):
        raise NotAllowed(_("Supervisors keep what others see. Keep it as your own, or ask one."))


def keep(
    *, name: str, texts: Mapping[str, str], scope: Scope, by: User, pk: int | None = None, version: int | None = None
) -> SavedReply:
    """Make a saved reply, or change one. `version`: the one seen.

    Raises NotAllowed, SavedReply.DoesNotExist, MovedOn.
    """
    kept = {code: clean(texts.get(code, "")).replace("\r\n", "\n").strip()[:LONGEST] for code in LANGUAGES}
    if not name.strip() or not any(kept.values()):
        raise NotAllowed(_("Give it a name, and a text in one language at least."))
    with transaction.atomic():
        row = to_change(SavedReply.objects.all(), pk, by, version) or SavedReply(created_by=by)
        place(row, scope, by)
        row.name, row.texts = " ".join(name.split())[:80], {code: text for code, text in kept.items() if text}
        row.save()
    return row


def to_change(rows: QuerySet[S], pk: int | None, by: User, version: int | None = None) -> S | None:
    """The row to be changed, locked; None for a new one. Raises DoesNotExist, NotAllowed, MovedOn."""
    if pk is None:
        return None
    row = rows.select_for_update(of=("self",)).get(pk__in=visible(rows, by).values("pk"), pk=pk)
    if not may_change(row, by):
        raise NotAllowed(_("Only supervisors change what others see."))
    check_unmoved(row.version, version)
    return row


def remove(rows: QuerySet[S], pk: int, *, by: User) -> None:
    """Forget it. Raises NotAllowed, DoesNotExist."""
    with transaction.atomic():
        row = to_change(rows, pk, by)
        if row is not None:
            row.delete()
