"""Whose what people keep is, in the API: one person's own, a team's or everyone's; of one brand, or of all."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.models import Brand, Team, User
from accounts.permissions import brands_seen
from tickets.answering.saved_replies import Scope, may_change
from tickets.models.saved import Shared

WHOSE = ("own", "team", "everyone")


class KeptSerializer(serializers.Serializer[Any]):
    """What each kind shows of whose it is."""

    whose = serializers.SerializerMethodField(help_text="own, team or everyone.")
    team = serializers.IntegerField(source="team_id", read_only=True, allow_null=True)
    brand = serializers.IntegerField(
        source="brand_id", read_only=True, allow_null=True, help_text="Null: for all brands."
    )
    may_change = serializers.SerializerMethodField(help_text="Whether I may change and remove it.")

    def get_whose(self, row: Shared) -> str:
        return whose_of(row)

    def get_may_change(self, row: Shared) -> bool:
        # It goes by whose they are: many of one team ask once.
        known: dict[tuple[int | None, ...], bool] = self.context.setdefault("may_change", {})
        place = (row.owner_id, row.team_id, row.brand_id)
        if place not in known:
            known[place] = may_change(row, self.context["person"])
        return known[place]


class SayKeptSerializer(serializers.Serializer[Any]):
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


def read_in(shape: type[serializers.Serializer[Any]], data: Any, person: User, *, partial: bool) -> dict[str, Any]:
    """The body of a request in this shape. Raises ValidationError."""
    found = shape(data=data, partial=partial, context={"person": person})
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)
