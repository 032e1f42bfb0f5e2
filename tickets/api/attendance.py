"""Shifts and times away in the API: of people one looks after, and away of oneself."""

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.ground import Ground
from accounts.api.problems import Problem, problems
from accounts.models import Away, User
from accounts.reckoning import zone_of
from tickets.api import refusals
from tickets.permissions import NotAllowed
from tickets.steering import attendance, standing_in
from tickets.steering.attendance import Unfit
from tickets.targets.calendars import BadHours
from tickets.targets.week_form import in_plain_words

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
SPANS = {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}
DAYS = {"type": "object", "properties": {str(day): SPANS for day in range(7)}, "additionalProperties": False}


@extend_schema_field(DAYS)
class WeekField(serializers.JSONField):
    """Spans by weekday: {"0": [["09:00", "17:00"]]}. Monday is 0, a day ends at 24:00."""


class ShiftsSerializer(serializers.Serializer[Any]):
    """A week of shifts; an empty one: whenever they are available."""

    time_zone = serializers.CharField(read_only=True, help_text="By whose clock: theirs.")
    week = WeekField()


class AwaySerializer(serializers.ModelSerializer[Away]):
    """A time away."""

    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Null: until somebody says so.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=120)
    hand_over = serializers.BooleanField(required=False, help_text="What they hold goes back when it begins.")

    class Meta:
        model = Away
        fields = ["id", "begins_at", "ends_at", "reason", "hand_over", "handed_over_at"]
        read_only_fields = ["id", "handed_over_at"]


def _answer(exc: Exception, context: Any) -> Response | None:
    if isinstance(exc, BadHours):
        exc = Problem("bad_hours", in_plain_words(exc), UNPROCESSABLE)
    elif isinstance(exc, Unfit):
        exc = Problem("bad_times", str(exc), UNPROCESSABLE)
    return refusals.answer(exc, context)


class Hours(Ground):
    """What is of one person."""

    tell = staticmethod(_answer)

    def whom(self, number: int) -> User:
        """Oneself, or somebody one supervises; nobody else exists here."""
        found = User.objects.filter(pk=number, is_active=True).first()
        if found is None:
            raise NotFound
        if found.pk != self.person.pk:
            try:
                standing_in.check_supervises_person(self.person, found)
            except NotAllowed:
                raise NotFound from None
        return found


class PersonShifts(Hours):
    """A person's week."""

    @extend_schema(operation_id="people_shifts", responses={200: ShiftsSerializer, **problems(403, 404)})
    def get(self, _request: Request, pk: int) -> Response:
        """When they work."""
        return _shifts_of(self.whom(pk))

    @extend_schema(
        operation_id="people_set_shifts",
        request=ShiftsSerializer,
        responses={200: ShiftsSerializer, **problems(400, 403, 404, 422)},
    )
    def put(self, request: Request, pk: int) -> Response:
        """Write the whole week; for supervisors."""
        given = ShiftsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        week = given.validated_data["week"]
        if not isinstance(week, dict):
            raise BadHours("no_span", str(week)[:40])
        attendance.set_shifts(self.whom(pk).pk, week, by=self.person)
        return _shifts_of(self.whom(pk))


def _shifts_of(person: User) -> Response:
    told = {"time_zone": str(zone_of(person)), "week": attendance.week_kept(person)}
    return Response(ShiftsSerializer(told).data)


class PersonAways(Hours):
    """A person's times away."""

    @extend_schema(operation_id="people_aways", responses={200: AwaySerializer(many=True), **problems(403, 404)})
    def get(self, _request: Request, pk: int) -> Response:
        """Those that are not over, the next first."""
        return Response(AwaySerializer(attendance.ahead_of(self.whom(pk), timezone.now()), many=True).data)

    @extend_schema(
        operation_id="people_go_away",
        request=AwaySerializer,
        responses={201: AwaySerializer, **problems(400, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Enter one: oneself, or for somebody one supervises."""
        given = AwaySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        usual = {"ends_at": None, "reason": "", "hand_over": False}
        made = attendance.plan_away(self.whom(pk).pk, **(usual | given.validated_data), by=self.person)
        return Response(AwaySerializer(made).data, status=HTTPStatus.CREATED)


class OneAway(Hours):
    """A time away."""

    @extend_schema(operation_id="aways_end", responses={204: None, **problems(403, 404)})
    def delete(self, _request: Request, pk: int) -> Response:
        """End it now; one that has not begun is taken back whole."""
        found = Away.objects.select_related("user").filter(pk=pk).first()
        if found is None:
            raise NotFound
        self.whom(found.user_id)
        attendance.end_away(pk, by=self.person)
        return Response(status=HTTPStatus.NO_CONTENT)
