"""Calendars, in the API: the open hours that targets follow, with their special days. For admins."""

from http import HTTPStatus
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import problems
from accounts.models import Team
from tickets.api.whole import SeenSerializer, Whole, operations
from tickets.models import Calendar, CalendarDays
from tickets.permissions import check_sets_targets
from tickets.targets import target_changes
from tickets.targets.calendars import BadHours, laid_out
from tickets.targets.week_form import in_plain_words

SPANS = (
    'By weekday, "0" is Monday: `{"0": [["09:00", "13:00"], ["16:00", "20:00"]]}`, local times of `time_zone`. A day '
    'that is left out is closed; hours end on the day they begin, at "24:00" at the latest.'
)


class WeekField(serializers.DictField):
    """Stretches of hours by weekday."""

    child = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(max_length=5), min_length=2, max_length=2),
        max_length=24,
    )


def _number(most: int, help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=most, help_text=help_text)


class CalendarDaysSerializer(serializers.ModelSerializer[CalendarDays]):
    """Days with other hours, or closed: once, by `first` and `last`, or each year from `month` and `day` on."""

    name = serializers.CharField(max_length=80)
    reckoning = serializers.ChoiceField(
        choices=CalendarDays.Reckoning.choices, default=CalendarDays.Reckoning.DATES, help_text="By which years."
    )
    first = serializers.DateField(allow_null=True, default=None, help_text="Of `dates`.")
    last = serializers.DateField(allow_null=True, default=None, help_text="Of `dates`; null: the first.")
    month = _number(12, "Of `gregorian` and `hijri`.")
    day = _number(31, "Of `gregorian` and `hijri`.")
    length = serializers.IntegerField(default=1, min_value=1, max_value=60, help_text="Days, of the same two.")
    spans = WeekField(default=dict, help_text="As of the calendar; empty: closed.")

    class Meta:
        model = CalendarDays
        fields = ["id", "name", "reckoning", "first", "last", "month", "day", "length", "spans", "source"]
        read_only_fields = ["id", "source"]


class CalendarSerializer(SeenSerializer, serializers.ModelSerializer[Calendar]):
    """When clocks run."""

    name = serializers.CharField(max_length=80)
    time_zone = serializers.CharField(max_length=60, default="UTC")
    spans = WeekField(help_text=SPANS)
    teams = serializers.PrimaryKeyRelatedField(
        many=True, queryset=Team.objects.all(), default=list, help_text="Those that work by it."
    )
    days = CalendarDaysSerializer(many=True, read_only=True, help_text="Added and removed by `days` of the calendar.")

    class Meta:
        model = Calendar
        fields = ["id", "name", "time_zone", "spans", "teams", "days", "version", "updated_at"]
        read_only_fields = ["id", "updated_at"]


@extend_schema_view(**operations(CalendarSerializer))
class Calendars(Whole[Calendar]):
    """Calendars by name. A change leaves the special days; one that a policy goes by is not removed."""

    queryset = Calendar.objects.none()
    serializer_class = CalendarSerializer

    def get_queryset(self) -> QuerySet[Calendar]:
        self.check()
        return Calendar.objects.prefetch_related("teams", "days")

    def check(self) -> None:
        check_sets_targets(self.person)

    def saved(self, pk: int | None, told: dict[str, Any]) -> Calendar:
        calendar = Calendar.objects.get(pk=pk) if pk else Calendar()
        calendar.name, calendar.time_zone, calendar.spans = told["name"], told["time_zone"], told["spans"]
        try:
            target_changes.save_calendar(calendar, told["teams"], by=self.person, version=told.get("version"))
        except BadHours as trouble:
            raise _wrong(trouble) from None
        except IntegrityError:
            raise ValidationError({"name": [_("There is one of this name already.")]}) from None
        return self.get_queryset().get(pk=calendar.pk)

    def removed(self, pk: int) -> None:
        target_changes.remove_calendar(pk, by=self.person)

    @extend_schema(request=CalendarDaysSerializer, responses={201: CalendarDaysSerializer, **problems(400, 403, 404)})
    @action(detail=True, methods=["post"])
    def days(self, request: Request, **_kwargs: Any) -> Response:
        """Add days with other hours, or closed."""
        pk = self.mine()
        given = CalendarDaysSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        days = CalendarDays(**given.validated_data)
        try:
            if not laid_out(days, timezone.localdate()):
                raise ValidationError({"day": [_("There is no such day.")]})
            target_changes.add_days(pk, days, by=self.person)
        except BadHours as trouble:
            raise _wrong(trouble) from None
        return Response(CalendarDaysSerializer(days).data, status=HTTPStatus.CREATED)

    @extend_schema(request=None, responses={204: None, **problems(403, 404)})
    @action(detail=True, methods=["delete"], url_path="days/<int:days>", url_name="days-removed")
    def remove_days(self, _request: Request, days: int, **_kwargs: Any) -> Response:
        """Remove special days: the usual hours hold again."""
        if target_changes.remove_days(self.mine(), days, by=self.person) is None:
            raise NotFound
        return Response(status=HTTPStatus.NO_CONTENT)


# Where a program finds what cannot be read; anything else stands at the hours.
WHERE = {"no_time_zone": "time_zone", "no_first_day": "first", "no_month_or_day": "day"}


def _wrong(trouble: BadHours) -> ValidationError:
    return ValidationError({WHERE.get(trouble.code, "spans"): [in_plain_words(trouble)]})
