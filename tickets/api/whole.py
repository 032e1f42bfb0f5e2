"""What is listed, made, changed whole and removed in the API: the frame that rules, policies and calendars share."""

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import Any, TypeVar

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.problems import problems
from tickets.api import refusals
from tickets.api.ids import LARGEST

M = TypeVar("M", bound=Model)
SEEN = (
    "A greater number each time it is saved. With a change it says what you have seen: where somebody saved since, "
    "nothing is changed (409, code `stale`). Left out, it is not asked."
)


class SeenSerializer(serializers.Serializer[Any]):
    """Who changes something tells which version of it they have seen."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, help_text=SEEN)


def operations(shape: type[serializers.Serializer[Any]], *refused: int) -> dict[str, Any]:
    """The schema of the frame's operations, as `shape` draws one; `refused`: more statuses of a save."""
    kept = problems(400, 403, *refused)
    return {
        "list": extend_schema(responses={200: shape(many=True), **problems(403)}),
        "retrieve": extend_schema(responses={200: shape, **problems(403, 404)}),
        "create": extend_schema(request=shape, responses={201: shape, **kept}),
        "update": extend_schema(request=shape, responses={200: shape, **kept, **problems(404, 409)}),
        "destroy": extend_schema(request=None, responses={204: None, **problems(403, 404)}),
    }


class Whole(Ground, ReadOnlyModelViewSet[M], ABC):
    """A kind says which there are, who may change them, and how one is saved and removed by its verbs."""

    filter_backends = []
    pagination_class = None
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)

    @abstractmethod
    def check(self) -> None:
        """Raises NotAllowed where this person may not change them."""

    @abstractmethod
    def saved(self, pk: int | None, told: dict[str, Any]) -> M:
        """Keep what was told, checked by the serializer; None: a new one. Raises ValidationError, Problem, MovedOn."""

    @abstractmethod
    def removed(self, pk: int) -> None:
        """Take it away."""

    def told(self) -> dict[str, Any]:
        """One as the request tells it, not checked beyond its shape."""
        given = self.get_serializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        told: dict[str, Any] = given.validated_data
        return told

    def mine(self) -> int:
        """The id of the one that is asked for, where this person may change it."""
        self.check()
        return int(self.get_object().pk)

    def create(self, _request: Request, **_kwargs: Any) -> Response:
        """Add one; where they have an order, at its end."""
        self.check()
        return Response(self.get_serializer(self.saved(None, self.told())).data, status=HTTPStatus.CREATED)

    def update(self, _request: Request, **_kwargs: Any) -> Response:
        """Change one whole. With the `version` you saw nobody's change is written over."""
        pk = self.mine()
        return Response(self.get_serializer(self.saved(pk, self.told())).data)

    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Remove one."""
        self.removed(self.mine())
        return Response(status=HTTPStatus.NO_CONTENT)
