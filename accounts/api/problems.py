"""Problems: every refusal of the API is one JSON object, {"code": ..., "detail": ...} and what more there is to say.

`code` is for programs and never translated; `detail` is for people, in the language of the request.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core import exceptions
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, ParseError, PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

INVALID = _("The request is not right as it stands; `wrong` says why.")


class Problem(APIException):
    """A refusal with a code of its own; `more` is told beside code and detail."""

    def __init__(self, code: str, detail: str | Promise, status: HTTPStatus, **more: Any) -> None:
        super().__init__(str(detail), code)
        self.status_code = status
        self.more = more


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal."""

    code = serializers.CharField(help_text="A word for programs; never translated.")
    detail = serializers.CharField(help_text="A sentence for people, in the language of the request.")


class InvalidSerializer(ProblemSerializer):
    """A request that is not right as it stands."""

    wrong = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong, by the name of the field; `request` for the request as a whole.",
    )


SHAPES: dict[int, type[serializers.Serializer[Any]]] = {400: InvalidSerializer}


def problems(*statuses: int) -> dict[int, type[serializers.Serializer[Any]]]:
    """The part of a schema that names what an operation may refuse with; 401 is always among it."""
    return {status: SHAPES.get(status, ProblemSerializer) for status in sorted({401, *statuses})}


def answer(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """The response to an exception; None where the fault is ours."""
    refusal = _refusal(exc)
    if refusal is None:
        return None
    response = exception_handler(refusal, dict(context))
    if response is not None:
        response.data = describe(refusal)
    return response


def _refusal(exc: Exception) -> APIException | None:
    if isinstance(exc, APIException):
        return exc
    if isinstance(exc, (Http404, exceptions.ObjectDoesNotExist)):
        return NotFound()
    if isinstance(exc, exceptions.PermissionDenied):
        return PermissionDenied()
    if isinstance(exc, RecursionError):
        return ParseError(_("The request is nested too deeply."))
    return None


def describe(refusal: APIException) -> dict[str, Any]:
    """The body of a refusal."""
    if isinstance(refusal, ValidationError):
        return {"code": "invalid", "detail": str(INVALID), "wrong": _wrong(refusal.detail)}
    more = refusal.more if isinstance(refusal, Problem) else {}
    return {"code": str(refusal.get_codes()), "detail": str(refusal.detail), **more}


def _wrong(detail: Any) -> dict[str, list[str]]:
    """The complaints by field; those of what a field holds say first where in it: "0.do: ..."."""
    if not isinstance(detail, Mapping):
        return {"request": list(_complaints(detail))}
    names: dict[str | None, str] = {"non_field_errors": "request"}
    return {names.get(name, str(name)): list(_complaints(parts)) for name, parts in detail.items()}


def _complaints(detail: Any, *path: object) -> Iterator[str]:
    if isinstance(detail, Mapping):
        for name, parts in detail.items():
            yield from _complaints(parts, *path, name)
    elif isinstance(detail, list):
        for place, part in enumerate(detail):
            # Words stand in the list of their field; what else stands there is of the place it stands at.
            yield from _complaints(part, *path, *([place] if isinstance(part, Mapping) else []))
    else:
        yield f"{'.'.join(map(str, path))}: {detail}" if path else str(detail)
