"""What rules of every kind have in the API: read in their order, written whole, moved, removed, put back, restored."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.problems import Problem, problems
from tickets.api import refusals
from tickets.api.ids import LARGEST, an_id
from tickets.api.trees import CONDITIONS, Tree
from tickets.models import RuleVersion
from tickets.models.rule import Rule
from tickets.steering.kept_rules import Keeping
from tickets.steering.rule_trial import too_slow_words

R = TypeVar("R", bound=Rule)
View = TypeVar("View", bound=type)
SEEN = (
    "A greater number each time it is saved. With `PUT` it says what you have seen: where somebody saved since, "
    "nothing is changed (409, code `stale`). Left out, it is not asked."
)


class SeenSerializer(serializers.Serializer[Any]):
    """What is changed whole tells which version of it the program has seen."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, help_text=SEEN)


class RuleSerializer(SeenSerializer):
    """What rules of every kind say."""

    brand = an_id("Null: all.", source="brand_id", allow_null=True, default=None)
    conditions = Tree(help_text=CONDITIONS)
    is_on = serializers.BooleanField(default=True)


class VersionSerializer(serializers.ModelSerializer[RuleVersion]):
    """A rule as it stood from a moment on, and who made it so."""

    by = serializers.IntegerField(source="by_id", allow_null=True)
    by_name = serializers.CharField(source="by.name", default="")
    told = serializers.DictField(help_text="All that a person can change of the rule.")

    class Meta:
        model = RuleVersion
        fields = ["version", "at", "by", "by_name", "told"]
        read_only_fields = fields


class PlaceSerializer(serializers.Serializer[Any]):
    """A place in the list."""

    to = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="From 1, the first that is asked.")


class TurnSerializer(serializers.Serializer[Any]):
    """Whether it is to be asked."""

    on = serializers.BooleanField()


class OrderSerializer(serializers.Serializer[Any]):
    """The rules in their order."""

    order = serializers.ListField(child=serializers.IntegerField(), help_text="Ids, the first that is asked first.")


def described(rule: type[serializers.Serializer[Any]]) -> Callable[[View], View]:
    """The schema of a kind's operations, as `rule` draws one."""
    refused = problems(400, 403, 404, 422)
    return extend_schema_view(
        list=extend_schema(responses={200: rule(many=True), **problems(403)}),
        retrieve=extend_schema(responses={200: rule, **problems(403, 404)}),
        create=extend_schema(request=rule, responses={201: rule, **refused}),
        update=extend_schema(request=rule, responses={200: rule, **refused, **problems(409)}),
        destroy=extend_schema(request=None, responses={204: None, **problems(403, 404)}),
        move=extend_schema(request=PlaceSerializer, responses={200: OrderSerializer, **problems(400, 403, 404)}),
        turn=extend_schema(request=TurnSerializer, responses={200: rule, **problems(400, 403, 404)}),
        put_back=extend_schema(request=None, responses={200: rule, **problems(403, 404)}),
        versions=extend_schema(responses={200: VersionSerializer(many=True), **problems(403, 404)}),
        restore=extend_schema(request=None, responses={200: rule, **problems(403, 404, 422)}),
    )


def too_slow() -> Problem:
    """A dry run that would have held up the desk."""
    return Problem("too_long", too_slow_words(), HTTPStatus.SERVICE_UNAVAILABLE)


class KeptRules(Ground, ReadOnlyModelViewSet[R], ABC):
    """Rules of one kind. A kind names its `keeping`, and says how one is read from a request and restored."""

    filter_backends = []
    pagination_class = None
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)
    keeping: ClassVar[Keeping[Any]]

    def get_queryset(self) -> QuerySet[R]:
        self.keeping.check(self.person)
        rules: QuerySet[R] = self.keeping.rules()
        return rules

    @abstractmethod
    def saved(self, pk: int | None, told: dict[str, Any]) -> R:
        """Keep what was told, checked by the serializer. Raises Problem where it cannot be kept, MovedOn."""

    @abstractmethod
    def restored(self, pk: int, version: int) -> R:
        """Make an earlier version the newest. Raises as `saved`, and RuleVersion.DoesNotExist."""

    def told(self) -> dict[str, Any]:
        """A rule as the request tells it, not checked beyond its shape."""
        given = self.get_serializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        told: dict[str, Any] = given.validated_data
        return told | {"name": " ".join(told["name"].split())}

    def _mine(self) -> int:
        """The id of the rule that is asked for: one of the list, for whom it may be written."""
        self.keeping.check(self.person)
        return int(self.get_object().pk)

    def create(self, _request: Request, **_kwargs: Any) -> Response:
        """Add one, at the end of the list."""
        self.keeping.check(self.person)
        return Response(self.get_serializer(self.saved(None, self.told())).data, status=HTTPStatus.CREATED)

    def update(self, _request: Request, **_kwargs: Any) -> Response:
        """Change one whole; each change is a version. With the `version` you saw nobody's change is written over."""
        pk = self._mine()
        return Response(self.get_serializer(self.saved(pk, self.told())).data)

    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Take one out of the list. `put-back` undoes it."""
        self.keeping.remove(self._mine(), by=self.person)
        return Response(status=HTTPStatus.NO_CONTENT)

    @action(detail=True, methods=["post"])
    def move(self, request: Request, **_kwargs: Any) -> Response:
        """To another place of the list."""
        pk = self._mine()
        given = PlaceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response({"order": self.keeping.move(pk, to=given.validated_data["to"], by=self.person)})

    @action(detail=True, methods=["post"])
    def turn(self, request: Request, **_kwargs: Any) -> Response:
        """On or off; twice is the same as once."""
        pk = self._mine()
        given = TurnSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(self.keeping.turn(pk, on=given.validated_data["on"], by=self.person)).data)

    @action(detail=True, methods=["post"], url_path="put-back")
    def put_back(self, _request: Request, pk: int, **_kwargs: Any) -> Response:
        """Undo of removing; one that is there stays."""
        return Response(self.get_serializer(self.keeping.put_back(pk, by=self.person)).data)

    @action(detail=True, methods=["get"])
    def versions(self, _request: Request, **_kwargs: Any) -> Response:
        """Every version with who and when, the newest first."""
        return Response(VersionSerializer(self.keeping.versions(self.get_object().pk), many=True).data)

    @action(detail=True, methods=["post"], url_path="versions/<int:version>/restore")
    def restore(self, _request: Request, version: int, **_kwargs: Any) -> Response:
        """Make an earlier version the newest."""
        return Response(self.get_serializer(self.restored(self._mine(), version)).data)
