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

from accounts.api.problems import Problem, problems
from tickets.api.ids import an_id
from tickets.api.trees import CONDITIONS, Tree
from tickets.api.whole import SeenSerializer, Whole, operations
from tickets.models import RuleVersion
from tickets.models.rule import Rule
from tickets.steering.kept_rules import Keeping
from tickets.steering.rule_trial import too_slow_words

R = TypeVar("R", bound=Rule)
View = TypeVar("View", bound=type)


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
    return extend_schema_view(
        **operations(rule, 404, 422),
        move=extend_schema(request=PlaceSerializer, responses={200: OrderSerializer, **problems(400, 403, 404)}),
        turn=extend_schema(request=TurnSerializer, responses={200: rule, **problems(400, 403, 404)}),
        put_back=extend_schema(request=None, responses={200: rule, **problems(403, 404)}),
        versions=extend_schema(responses={200: VersionSerializer(many=True), **problems(403, 404)}),
        restore=extend_schema(request=None, responses={200: rule, **problems(403, 404, 422)}),
    )


def too_slow() -> Problem:
    """A dry run that would have held up the desk."""
    return Problem("too_long", too_slow_words(), HTTPStatus.SERVICE_UNAVAILABLE)


class KeptRules(Whole[R], ABC):
    """Rules of one kind. A kind names its `keeping`, and says how one is read from a request and restored.

    Each change is a version, and `put-back` undoes a removal.
    """

    keeping: ClassVar[Keeping[Any]]

    def get_queryset(self) -> QuerySet[R]:
        self.keeping.check(self.person)
        rules: QuerySet[R] = self.keeping.rules()
        return rules

    def check(self) -> None:
        self.keeping.check(self.person)

    def removed(self, pk: int) -> None:
        self.keeping.remove(pk, by=self.person)

    @abstractmethod
    def restored(self, pk: int, version: int) -> R:
        """Make an earlier version the newest. Raises as `saved`, and RuleVersion.DoesNotExist."""

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"name": " ".join(told["name"].split())}

    @action(detail=True, methods=["post"])
    def move(self, request: Request, **_kwargs: Any) -> Response:
        """To another place of the list."""
        pk = self.mine()
        given = PlaceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response({"order": self.keeping.move(pk, to=given.validated_data["to"], by=self.person)})

    @action(detail=True, methods=["post"])
    def turn(self, request: Request, **_kwargs: Any) -> Response:
        """On or off; twice is the same as once."""
        pk = self.mine()
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
        return Response(self.get_serializer(self.restored(self.mine(), version)).data)
