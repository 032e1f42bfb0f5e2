"""The ground every view of the API stands on: who asks, how it refuses, how long a request may be."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import problems
from accounts.models import User


class Ground(APIView):
    """A view that refuses by problems. Views of Django REST framework ask for no sign-in page; they answer 401."""

    # Bytes of a request's body; None for what Django takes of any.
    longest: int | None = None
    # How what is raised is told.
    tell: Callable[..., Response | None] = staticmethod(problems.answer)

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return self.tell

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """REST framework reads bodies past Django's own limit, so the limit is held here."""
        longest = self.longest or settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        if int(request.META.get("CONTENT_LENGTH") or 0) > longest > 0:
            raise problems.Problem("too_large", _("The request is too large."), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        super().initial(request, *args, **kwargs)
        user = request.user
        if isinstance(user, User) and user.owes_second_step:
            words = _("Your role signs in with two steps. Set them up on the pages first.")
            raise problems.Problem("second_step_owed", words, HTTPStatus.FORBIDDEN)

    @property
    def person(self) -> User:
        """Who asks. Views without permission classes never ask."""
        user = self.request.user
        if not isinstance(user, User):
            raise TypeError("this view is for people who are signed in")
        return user


@extend_schema(exclude=True)
class Nowhere(Ground):
    """Every other address of the API."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound
