"""Who may open a page: whom a check turns away gets 403 with its words, and what is not there is 404."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import User
from tickets.permissions import NotAllowed, check_supervises
from tickets.views.people import me

T = TypeVar("T")
Page = Callable[..., HttpResponse]


@contextmanager
def turned_away() -> Iterator[None]:
    """What is refused inside is answered 403."""
    try:
        yield
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None


def only(check: Callable[[User], None]) -> Callable[[Page], Page]:
    """Pages for those alone whom this check lets in."""

    def guard(view: Page) -> Page:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with turned_away():
                check(me(request))
            return view(request, *args, **kwargs)

        return guarded

    return guard


def supervisor(request: HttpRequest) -> User:
    """Who asks, where they supervise."""
    user = me(request)
    with turned_away():
        check_supervises(user)
    return user


def done(verb: Callable[[], T]) -> T:
    """What a verb gives back that is done to one row of a table; 404 where there is no such row."""
    try:
        with turned_away():
            return verb()
    except ObjectDoesNotExist:
        raise Http404 from None
