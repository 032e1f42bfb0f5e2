"""Saved views: lists that somebody keeps. Each is one of the inbox's lists with filters and an order upon it.

What a view holds goes by who looks: "Mine" in a team's view is each member's own. A saved view is opened by the address
that its list would have with these filters, so everything that works on a list works on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Team, User
from accounts.permissions import brand_ids
from accounts.unmoved import check_unmoved
from ingest.cleaning import clean
from tickets.answering.saved_replies import Scope, may_change, place
from tickets.listing.filters import NAMES, SEVERAL, narrowed
from tickets.listing.lists import COUNT_CAP, VIEWS, Counted, tickets_of
from tickets.models import SavedView
from tickets.models.ticket import LIVE
from tickets.permissions import NotAllowed

# More than this nobody finds anything in.
MOST = 40
LONGEST = 60
# How long a removed view can be brought back, in seconds.
REACH = 3600
SALT = "tickets.listing.saved_views"

Query = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as filters want to know."""

    user: User


def visible(user: User) -> QuerySet[SavedView]:
    """A person's own, their teams' and everyone's, of the brands they see; in the order of the rail."""
    theirs = Q(owner=user) | Q(team__in=Team.objects.filter(members=user).values("id")) | Q(owner=None, team=None)
    seen = brand_ids(user)
    rows = SavedView.objects.filter(theirs)
    return rows if seen is None else rows.filter(Q(brand=None) | Q(brand__in=seen))


def address_of(view: SavedView) -> str:
    """Where it is opened."""
    asked = QueryDict(mutable=True)
    for name, value in filters_of(view).items():
        asked.setlist(name, value if isinstance(value, list) else [value])
    asked["sort"], asked["saved"] = view.sort, str(view.pk)
    return f"{reverse('inbox-list', args=[list_of(view)])}?{asked.urlencode()}"


def list_of(view: SavedView) -> str:
    """The list it stands upon."""
    slug = str(view.query.get("list", "all"))
    return slug if slug in VIEWS else "all"


def filters_of(view: SavedView) -> dict[str, Any]:
    """Its filters alone."""
    return {name: value for name, value in view.query.items() if name in NAMES}


def query_of(slug: str, given: QueryDict) -> dict[str, Any]:
    """What is kept of an address: its list, and the filters that stand in it."""
    kept = {name: given.getlist(name) if name in SEVERAL else given[name] for name in NAMES if given.get(name)}
    return {"list": slug if slug in VIEWS else "all", **kept}


# --- counting --------------------------------------------------------------------------------------------------------
def to_count(views: Iterable[SavedView], user: User) -> list[Counted]:
    """Those whose tickets the rail counts, as SQL: lists of live tickets.

    A view that also holds what is done has no count: over years of tickets it would cost more than it tells.
    """
    found = []
    for view in views:
        if _holds_live_alone(view):
            sql, params = _statement(Asked(view.pk, view.updated_at.isoformat(), user.pk, brand_ids(user)), view, user)
            if sql:
                found.append(Counted(view.pk, sql, params))
    return found


def _holds_live_alone(view: SavedView) -> bool:
    return list_of(view) != "all" or (bool(statuses := view.query.get("status")) and set(statuses) <= set(LIVE))


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom a view's statement was composed, and of which state of the view."""

    view: int
    state: str
    user: int
    brands: frozenset[int] | None


_statements: dict[Asked, tuple[str, tuple[Any, ...]]] = {}
_MOST_KEPT = 2000


def _statement(asked: Asked, view: SavedView, user: User) -> tuple[str, tuple[Any, ...]]:
    """Composed once for each state of a view: composing costs more than running it. Empty where nothing can fit."""
    if asked not in _statements:
        tickets = narrowed(tickets_of(VIEWS[list_of(view)], user), filters_of(view), Asker(user))
        try:
            composed = tickets.order_by().values("pk")[:COUNT_CAP].query.sql_with_params()
        except EmptyResultSet:
            composed = ("", ())
        if len(_statements) >= _MOST_KEPT:
            _statements.clear()
        _statements[asked] = composed
    return _statements[asked]


# --- keeping them ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Wish:
    """What a view is to be."""

    name: str
    query: Query
    sort: str
    scope: Scope


def keep(wish: Wish, *, by: User, pk: int | None = None, version: int | None = None) -> SavedView:
    """Save a view, or change one. `version`: the one seen. Raises NotAllowed, SavedView.DoesNotExist, MovedOn."""
    name = " ".join(clean(wish.name).split())[:LONGEST]
    if not name:
        raise NotAllowed(_("Give the view a name."))
    with transaction.atomic():
        view = SavedView(created_by=by, position=_behind(by)) if pk is None else _to_change(pk, by)
        if pk is not None:
            check_unmoved(view.version, version)
        place(view, wish.scope, by)
        view.name, view.query, view.sort = name, dict(wish.query), wish.sort
        view.save()
    return view


def _behind(user: User) -> int:
    """The place behind those this person sees. Raises NotAllowed where there is no more room."""
    seen = visible(user)
    if seen.count() >= MOST:
        raise NotAllowed(_("There are %(most)d saved views. Remove one before you save another.") % {"most": MOST})
    last: int | None = seen.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _to_change(pk: int, by: User) -> SavedView:
    """The view, locked. Raises SavedView.DoesNotExist, NotAllowed."""
    view = SavedView.objects.select_for_update(of=("self",)).get(pk__in=visible(by).values("pk"), pk=pk)
    if not may_change(view, by):
        raise NotAllowed(_("Only supervisors change what others see."))
    return view


def move(pk: int, *, up: bool, by: User) -> None:
    """One place up or down among those this person sees and may change. Raises SavedView.DoesNotExist, NotAllowed."""
    with transaction.atomic():
        moved = _to_change(pk, by)
        seen = list(visible(by).select_for_update(of=("self",)))
        at = next(i for i, view in enumerate(seen) if view.pk == moved.pk)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(seen):
            return
        seen[at], seen[to] = seen[to], seen[at]
        # Only those one may change get another number: the order of the others is not ours to touch.
        for position, view in enumerate(seen):
            if view.position != position and may_change(view, by):
                SavedView.objects.filter(pk=view.pk).update(position=position)


def remove(pk: int, *, by: User) -> tuple[SavedView, str]:
    """Forget a view; it, and a token that brings it back. Raises SavedView.DoesNotExist, NotAllowed."""
    with transaction.atomic():
        view = _to_change(pk, by)
        told = {name: getattr(view, name) for name in ("owner_id", "team_id", "brand_id", "name", "query", "sort")}
        token = signing.dumps([by.pk, {**told, "position": view.position}], salt=SALT, compress=True)
        view.delete()
    return view, token


def bring_back(token: str, *, by: User) -> SavedView:
    """Undo a removal. Raises NotAllowed where the token is not this person's, or too old."""
    try:
        user, told = signing.loads(token, salt=SALT, max_age=REACH)
    except signing.BadSignature:
        raise NotAllowed(_("This cannot be undone any more.")) from None
    if user != by.pk:
        raise NotAllowed(_("Whoever did it can undo it."))
    view = SavedView(created_by=by, **told)
    if not may_change(view, by):
        raise NotAllowed(_("Only supervisors change what others see."))
    with transaction.atomic():
        # Pressed twice, it comes back once.
        there = visible(by).filter(name=view.name, query=view.query, owner=view.owner_id, team=view.team_id).first()
        if there is None:
            view.save()
        return there or view
