"""Lists page by page. A page is found by where the last one ended, never by counting rows away."""

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.problems import Problem

SIZE, MOST = 50, 100


def bad_cursor() -> Problem:
    """The refusal of an `after` that this list did not hand out."""
    return Problem("bad_cursor", _("This list never gave out that `after`; begin without it."), HTTPStatus.BAD_REQUEST)


class Keyset(BasePagination, ABC):
    """The ground of page by page: subclasses say how a page is found."""

    next = ""

    @abstractmethod
    def find(self, queryset: QuerySet[Any], after: str, size: int, view: APIView) -> tuple[Sequence[Any], str]:
        """The rows behind `after`, and the `after` of the next page ("" at the end)."""

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        if view is None:
            raise TypeError("a page belongs to a view")
        rows, self.next = self.find(queryset, request.query_params.get("after", ""), size_of(request), view)
        return list(rows)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next or None, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        follow = "Give it as `after` to get the next page; null on the last one."
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "nullable": True, "description": follow},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE}
        return [
            _parameter("after", "The `next` of the page before.", {"type": "string"}),
            _parameter("limit", "How many to a page.", size),
        ]


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "required": False, "in": "query", "description": description, "schema": schema}


def size_of(request: Request) -> int:
    """How many rows the request wants."""
    given = request.query_params.get("limit", "")
    if not given:
        return SIZE
    if not (given.isascii() and given.isdecimal() and len(given) < 6 and 1 <= int(given) <= MOST):
        raise ValidationError({"limit": [_("Give a whole number from 1 to %(most)s.") % {"most": MOST}]})
    return int(given)


class NewestFirst(Keyset):
    """By id, the newest first."""

    def find(self, queryset: QuerySet[Model], after: str, size: int, view: APIView) -> tuple[Sequence[Model], str]:
        if after:
            queryset = queryset.filter(pk__lt=read(after))
        rows = list(queryset.order_by("-pk")[: size + 1])
        if len(rows) <= size:
            return rows, ""
        return rows[:size], token(rows[size - 1].pk)


def token(pk: int) -> str:
    """Opaque text for an id."""
    return base64.urlsafe_b64encode(f"id:{pk}".encode()).decode().rstrip("=")


def read(text: str) -> int:
    """The id of a token. Raises Problem for what is none of ours."""
    try:
        kind, _colon, number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(":")
    except (ValueError, binascii.Error) as error:
        raise bad_cursor() from error
    if kind != "id" or not number.isdecimal() or len(number) > 18:
        raise bad_cursor()
    return int(number)
