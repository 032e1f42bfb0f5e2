"""Who must set up a second step before anything else, and the door that holds them to it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import SecondStep, SignInPolicy, User

View = TypeVar("View", bound=Callable[..., Any])
# On views that somebody who owes a second step may still open.
OPEN = "open_to_those_who_owe"


def settle(people: QuerySet[User]) -> None:
    """Write down anew which of these owe a second step: their role must have one, and they have none.

    Whoever changes a role, the policy or somebody's second step calls this in the same transaction.
    """
    demanded = Exists(SignInPolicy.objects.filter(second_step_roles__contains=[OuterRef("role")]))
    has_one = Exists(SecondStep.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False))
    owes = Case(When(Q(demanded) & ~Q(has_one), then=Value(True)), default=Value(False), output_field=BooleanField())
    User.objects.filter(pk__in=people.order_by().values("pk")).update(owes_second_step=owes)


def open_to_those_who_owe(view: View) -> View:
    """Marks a page that opens before a second step is set up: setting it up, leaving, choosing a language."""
    setattr(view, OPEN, True)
    return view


class SecondStepMiddleware:
    """Behind authentication: who owes a second step is shown the way to it, whatever page they ask for.

    Pages that need no sign-in stay as they are; the API refuses by itself (accounts.api.ground).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or getattr(view, OPEN, False):
            return None
        if not (isinstance(request.user, User) and request.user.owes_second_step):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": reverse("second-step")})
        return redirect("second-step")
