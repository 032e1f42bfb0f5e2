"""SLA policies, in the API: what is owed to which tickets. For admins, by the verbs and the form of their page."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import problems
from tickets.api.ids import an_id
from tickets.api.kept_rules import OrderSerializer, PlaceSerializer
from tickets.api.whole import SeenSerializer, Whole, operations
from tickets.models import Incident, SlaPolicy
from tickets.permissions import check_sets_targets
from tickets.targets import policy_events, target_changes
from tickets.targets.clocks import ANY
from tickets.targets.target_forms import LONGEST, PolicyForm

EVENTS = (ANY, *Incident.Kind.values)


def _id(column: str, help_text: str) -> serializers.IntegerField:
    return an_id(help_text, source=column, allow_null=True, default=None)


def _minutes(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=LONGEST, help_text=help_text)


class SlaPolicySerializer(SeenSerializer, serializers.ModelSerializer[SlaPolicy]):
    """For which tickets, and in how many minutes of the calendar's open time something is owed to them."""

    name = serializers.CharField(max_length=80)
    is_on = serializers.BooleanField(default=True)
    brand = _id("brand_id", "Null: any.")
    tier = _id("tier_id", "Of the customer. Null: any.")
    priority = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, max_value=3, help_text="This or a higher one; 1 is the highest."
    )
    event = serializers.ChoiceField(
        choices=EVENTS, allow_blank=True, default="", help_text="Tickets of any incident, or of one kind, alone."
    )
    incident = _id("incident_id", "Tickets of this incident alone.")
    calendar = _id("calendar_id", "Null: around the clock.")
    first_answer = _minutes("Minutes; null: none.")
    next_answer = _minutes("Minutes; null: none.")
    resolution = _minutes("Minutes; null: none.")
    warn_at = serializers.IntegerField(
        default=25, min_value=1, max_value=99, help_text="Warn when this share of the time is left, in per cent."
    )

    class Meta:
        model = SlaPolicy
        fields = [
            "id", "name", "is_on", "brand", "tier", "priority", "event", "incident", "calendar", "first_answer",
            "next_answer", "resolution", "warn_at", "position", "version", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "position", "updated_at"]


@extend_schema_view(
    **operations(SlaPolicySerializer),
    move=extend_schema(request=PlaceSerializer, responses={200: OrderSerializer, **problems(400, 403, 404)}),
)
class SlaPolicies(Whole[SlaPolicy]):
    """SLA policies in their order: the first that fits a ticket is its own. One is turned off before it is removed."""

    queryset = SlaPolicy.objects.none()
    serializer_class = SlaPolicySerializer

    def get_queryset(self) -> QuerySet[SlaPolicy]:
        self.check()
        return SlaPolicy.objects.order_by("position", "id")

    def check(self) -> None:
        check_sets_targets(self.person)

    def saved(self, pk: int | None, told: dict[str, Any]) -> SlaPolicy:
        policy = SlaPolicy.objects.get(pk=pk) if pk else SlaPolicy()
        try:
            return target_changes.save_policy(policy_in(told, policy), by=self.person, version=told.get("version"))
        except IntegrityError:
            raise ValidationError({"name": [_("There is one of this name already.")]}) from None

    def removed(self, pk: int) -> None:
        target_changes.remove_policy(pk, by=self.person)

    @action(detail=True, methods=["post"])
    def move(self, request: Request, **_kwargs: Any) -> Response:
        """To another place of the list."""
        pk = self.mine()
        given = PlaceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response({"order": target_changes.place_policy(pk, to=given.validated_data["to"], by=self.person)})


def policy_in(told: Mapping[str, Any], policy: SlaPolicy) -> SlaPolicy:
    """The policy as a request tells it, checked as its page checks it, not kept yet. Raises ValidationError."""
    incident, event = told["incident_id"], told["event"]
    if incident and event:
        raise ValidationError({"event": [_("Give one incident or a kind of them, not both.")]})
    written = {name.removesuffix("_id"): value for name, value in told.items()}
    of = policy_events.told_of(SlaPolicy(incident_id=incident, event=event))
    form = PolicyForm({**written, "of": of}, instance=policy)
    if not form.is_valid():
        names = {"of": "incident" if incident else "event", "__all__": "request"}
        raise ValidationError(
            {names.get(name, name): [str(word) for word in words] for name, words in form.errors.items()}
        )
    return policy
