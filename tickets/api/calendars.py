"""Calendars, in the API: the open hours that targets follow, with their special days to read. For admins."""

from http import HTTPStatus
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.problems import problems
from accounts.models import Team
from tickets.api import refusals
from tickets.api.kept_rules import SeenSerializer
from tickets.models import Calendar, CalendarDays
from tickets.permissions import check_sets_targets
from tickets.targets import target_changes
from tickets.targets.calendars import BadHours
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


class CalendarDaysSerializer(serializers.ModelSerializer[CalendarDays]):
    """Days with other hours, or closed: by date, or each year by month and day."""

    spans = WeekField(read_only=True, help_text="As of the calendar; empty: closed.")

    class Meta:
        model = CalendarDays
        fields = ["id", "name", "reckoning", "first", "last", "month", "day", "length", "spans", "source"]
        read_only_fields = fields


class CalendarSerializer(SeenSerializer, serializers.ModelSerializer[Calendar]):
    """When clocks run."""

    name = serializers.CharField(max_length=80)
    time_zone = serializers.CharField(max_length=60, default="UTC")
    spans = WeekField(help_text=SPANS)
    teams = serializers.PrimaryKeyRelatedField(
        many=True, queryset=Team.objects.all(), default=list, help_text="Those that work by it."
    )
    days = CalendarDaysSerializer(many=True, read_only=True, help_text="Set up on the page of the calendar.")

    class Meta:
        model = Calendar
        fields = ["id", "name", "time_zone", "spans", "teams", "days", "version", "updated_at"]
        read_only_fields = ["id", "updated_at"]


@extend_schema_view(
    list=extend_schema(responses={200: CalendarSerializer(many=True), **problems(403)}),
    retrieve=extend_schema(responses={200: CalendarSerializer, **problems(403, 404)}),
    create=extend_schema(request=CalendarSerializer, responses={201: CalendarSerializer, **problems(400, 403)}),
    update=extend_schema(
        request=CalendarSerializer, responses={200: CalendarSerializer, **problems(400, 403, 404, 409)}
    ),
    destroy=extend_schema(request=None, responses={204: None, **problems(403, 404)}),
)
class Calendars(Ground, ReadOnlyModelViewSet[Calendar]):
    """Calendars by name."""

    queryset = Calendar.objects.none()
    serializer_class = CalendarSerializer
    filter_backends = []
    pagination_class = None
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[Calendar]:
        check_sets_targets(self.person)
        return Calendar.objects.prefetch_related("teams", "days")

    def create(self, _request: Request, **_kwargs: Any) -> Response:
        """Add one."""
        check_sets_targets(self.person)
        return self._saved(Calendar(), HTTPStatus.CREATED)

    def update(self, _request: Request, **_kwargs: Any) -> Response:
        """Change one whole, but for its special days. With the `version` you saw nobody's change is written over."""
        return self._saved(self.get_object(), HTTPStatus.OK)

    def _saved(self, calendar: Calendar, status: HTTPStatus) -> Response:
        given = self.get_serializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        told: dict[str, Any] = given.validated_data
        calendar.name, calendar.time_zone, calendar.spans = told["name"], told["time_zone"], told["spans"]
        try:
            target_changes.save_calendar(calendar, told["teams"], by=self.person, version=told.get("version"))
        except BadHours as trouble:
            where = "time_zone" if trouble.code == "no_time_zone" else "spans"
            raise ValidationError({where: [in_plain_words(trouble)]}) from None
        except IntegrityError:
            raise ValidationError({"name": [_("There is one of this name already.")]}) from None
        return Response(self.get_serializer(self.get_queryset().get(pk=calendar.pk)).data, status=status)

    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Remove one that no policy goes by, for good."""
        target_changes.remove_calendar(self.get_object().pk, by=self.person)
        return Response(status=HTTPStatus.NO_CONTENT)
