"""Suggested incidents in the API: alike tickets of an hour that are in none yet."""

from http import HTTPStatus

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.ground import Ground
from accounts.api.problems import problems
from ingest.api import BrandSerializer
from tickets.api import refusals
from tickets.api.incidents import IncidentSerializer
from tickets.incidents import figures, keeping, surges
from tickets.models import Surge
from tickets.permissions import check_supervises


class SurgeSerializer(serializers.ModelSerializer[Surge]):
    """Alike tickets of one hour that might be an incident."""

    brand = BrandSerializer(read_only=True)
    about = serializers.CharField(read_only=True, help_text="What the model read as the trigger of most of them.")
    words = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What they share, as people wrote it."
    )
    tickets = serializers.ListField(child=serializers.IntegerField(), read_only=True, help_text="Their numbers.")
    incident = serializers.IntegerField(
        source="incident_id", read_only=True, allow_null=True, help_text="The incident that was opened with them."
    )

    class Meta:
        model = Surge
        fields = ["id", "brand", "about", "words", "tickets", "begins_at", "seen_at", "dismissed_at", "incident"]
        read_only_fields = fields


TURNED = {200: SurgeSerializer, **problems(403, 404)}


@extend_schema_view(
    list=extend_schema(operation_id="surges_list", responses={200: SurgeSerializer(many=True), **problems(403)})
)
class Surges(Ground, ListModelMixin, GenericViewSet[Surge]):
    """Suggested incidents that are going on, those that were dismissed behind the others."""

    queryset = Surge.objects.none()
    serializer_class = SurgeSerializer
    filter_backends = []
    pagination_class = None
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[Surge]:
        check_supervises(self.person)
        rows = surges.visible(self.person)
        if self.action != "list":
            return rows
        now = timezone.now()
        return rows.filter(
            pk__in=[one.pk for one in (*surges.going_on(self.person, now), *surges.dismissed(self.person, now))]
        ).order_by("-dismissed_at", "-id")

    @extend_schema(operation_id="surges_open", request=None, responses={201: IncidentSerializer, **problems(403, 404)})
    @action(methods=["post"], detail=True)
    def open(self, _request: Request, **_kwargs: object) -> Response:
        """Open an incident with them; the tickets are put into it in the background."""
        made, _job = surges.open_with(self.get_object().pk, by=self.person)
        rows = figures.counted(keeping.visible(self.person))
        return Response(IncidentSerializer(rows.get(pk=made.pk)).data, status=HTTPStatus.CREATED)

    @extend_schema(operation_id="surges_dismiss", request=None, responses=TURNED)
    @action(methods=["post"], detail=True)
    def dismiss(self, _request: Request, **_kwargs: object) -> Response:
        """It is no incident; it stays silent while it goes on, unless it grows threefold."""
        surges.dismiss(self.get_object().pk, by=self.person)
        return self.as_it_stands()

    @extend_schema(operation_id="surges_suggest", request=None, responses=TURNED)
    @action(methods=["post"], detail=True)
    def suggest(self, _request: Request, **_kwargs: object) -> Response:
        """Suggest it again."""
        surges.bring_back(self.get_object().pk, by=self.person)
        return self.as_it_stands()

    def as_it_stands(self) -> Response:
        """The suggestion, read again."""
        return Response(SurgeSerializer(self.get_object()).data)
