"""What people keep, in the API: one person's own, a team's or everyone's; of one brand, or of all.

The frame in which saved views, saved replies and macros are listed, made, changed and forgotten.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.pages import NewestFirst
from accounts.api.problems import problems
from accounts.models import Brand, Team, User
from accounts.permissions import brands_seen
from tickets.answering.saved_replies import Scope, may_change
from tickets.api import refusals
from tickets.api.whole import SEEN, SeenSerializer
from tickets.models.saved import Shared

K = TypeVar("K", bound=Shared)
View = TypeVar("View", bound=type)
Shape = type[serializers.Serializer[Any]]
WHOSE = ("own", "team", "everyone")


class KeptSerializer(serializers.Serializer[Any]):
    """What each kind shows of whose it is."""

    whose = serializers.SerializerMethodField(help_text="own, team or everyone.")
    team = serializers.IntegerField(source="team_id", read_only=True, allow_null=True)
    brand = serializers.IntegerField(
        source="brand_id", read_only=True, allow_null=True, help_text="Null: for all brands."
    )
    may_change = serializers.SerializerMethodField(help_text="Whether I may change and remove it.")
    version = serializers.IntegerField(read_only=True, help_text=SEEN)

    def get_whose(self, row: Shared) -> str:
        return whose_of(row)

    def get_may_change(self, row: Shared) -> bool:
        # It goes by whose they are: many of one team ask once.
        known: dict[tuple[int | None, ...], bool] = self.context.setdefault("may_change", {})
        place = (row.owner_id, row.team_id, row.brand_id)
        if place not in known:
            known[place] = may_change(row, self.context["person"])
        return known[place]


class SayKeptSerializer(SeenSerializer):
    """What each kind is told of whose it is to be; supervisors keep what others see."""

    whose = serializers.ChoiceField(choices=WHOSE, required=False, help_text="Of a new one: own.")
    team = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.none(), required=False, allow_null=True, help_text="Whose it is with `whose` team."
    )
    brand = serializers.PrimaryKeyRelatedField(
        queryset=Brand.objects.none(), required=False, allow_null=True, help_text="Null, or left out: for all brands."
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        # The schema is drawn for nobody.
        person: User | None = self.context.get("person")
        if person is not None:
            fields["team"].queryset = teams_of(person)  # type: ignore[attr-defined]
            fields["brand"].queryset = brands_seen(person)  # type: ignore[attr-defined]
        return fields


def teams_of(person: User) -> QuerySet[Team]:
    """The teams for which this person may keep something."""
    return Team.objects.all() if person.is_admin else person.teams.all()


def whose_of(row: Shared) -> str:
    """As a request tells it."""
    return "own" if row.owner_id else "team" if row.team_id else "everyone"


def scope_in(given: Mapping[str, Any], row: Shared | None = None) -> Scope:
    """Where it is to be kept; what is not told stays as it is in `row`. Raises ValidationError."""
    whose = given.get("whose") or (whose_of(row) if row else "own")
    team = given.get("team", row.team if row else None)
    if whose == "team" and team is None:
        raise ValidationError({"team": [_("Choose a team.")]})
    return Scope(whose, team, given.get("brand", row.brand if row else None))


def read_in(shape: Shape, data: Any, person: User, *, partial: bool) -> dict[str, Any]:
    """The body of a request in this shape. Raises ValidationError."""
    found = shape(data=data, partial=partial, context={"person": person})
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)


def described(noun: str, shown: Shape, said: Shape) -> Callable[[View], View]:
    """The schema of a kind's operations: what it shows of one, what it is told; `noun` begins their names."""
    return extend_schema_view(
        list=extend_schema(responses={200: shown(many=True), **problems(400)}),
        retrieve=extend_schema(responses={200: shown, **problems(404)}),
        create=extend_schema(operation_id=f"{noun}_make", request=said, responses={201: shown, **problems(400, 403)}),
        partial_update=extend_schema(
            operation_id=f"{noun}_change",
            request=said(partial=True),
            responses={200: shown, **problems(400, 403, 404, 409)},
        ),
        destroy=extend_schema(operation_id=f"{noun}_remove", request=None, responses={204: None, **problems(403, 404)}),
    )


class Keepsakes(Ground, ReadOnlyModelViewSet[K], ABC):
    """My own, my teams' and everyone's, of the brands I see. A kind says how one is kept and forgotten by its verbs."""

    filter_backends = []
    pagination_class: Any = NewestFirst
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)
    said: ClassVar[Shape]

    @abstractmethod
    def keep(self, given: dict[str, Any], row: K | None) -> K:
        """Keep what was told, a new one where there is no `row`; what is not told of it stays. Raises as its verb."""

    @abstractmethod
    def forget(self, pk: int) -> None:
        """Raises as its verb."""

    def get_serializer_context(self) -> dict[str, Any]:
        # The schema is drawn for nobody.
        return {} if getattr(self, "swagger_fake_view", False) else {"person": self.person}

    def create(self, request: Request) -> Response:
        """Keep a new one."""
        given = read_in(self.said, request.data, self.person, partial=False)
        return Response(self.get_serializer(self.keep(given, None)).data, status=HTTPStatus.CREATED)

    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change one; what is not given stays. With the `version` you saw nobody's change is written over."""
        row = self.get_object()
        given = read_in(self.said, request.data, self.person, partial=True)
        return Response(self.get_serializer(self.keep(given, row)).data)

    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Forget one."""
        self.forget(self.get_object().pk)
        return Response(status=HTTPStatus.NO_CONTENT)
