"""Incidents in the API: run by supervisors, seen by everybody of their brand; and what is told to everybody in one."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.ground import Ground
from accounts.api.problems import problems
from accounts.models import Brand
from accounts.permissions import brands_seen
from ingest.api import BrandSerializer, WriterSerializer
from tickets.api import refusals
from tickets.incidents import audience, figures, keeping, terms, updates
from tickets.incidents.keeping import Told
from tickets.models import Incident, IncidentUpdate, Ticket
from tickets.permissions import check_supervises
from tickets.steering.case import in_force

MOST_LISTED = 200


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """Something outside care that many customers write about."""

    brand = BrandSerializer(read_only=True)
    terms = serializers.ListField(child=serializers.CharField(), read_only=True)
    tickets = serializers.IntegerField(source="held", read_only=True, help_text="How many tickets it holds.")
    waiting = serializers.IntegerField(read_only=True, help_text="How many of them wait for an answer of ours.")
    in_force = serializers.SerializerMethodField(help_text="Whether it is going on now.")

    class Meta:
        model = Incident
        fields = [
            "id", "brand", "name", "kind", "valence", "terms", "begins_at", "ends_at", "closed_at", "created_at",
            "tickets", "waiting", "in_force",
        ]  # fmt: skip
        read_only_fields = fields

    def get_in_force(self, incident: Incident) -> bool:
        return in_force(incident, timezone.now())


class SayIncidentSerializer(serializers.Serializer[Any]):
    """What is said of an incident."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=Incident.Kind.choices, default=Incident.Kind.OTHER)
    valence = serializers.ChoiceField(choices=Incident.Valence.choices, default=Incident.Valence.NEGATIVE)
    terms = serializers.ListField(
        child=serializers.CharField(max_length=terms.LONGEST), default=list, max_length=terms.MOST,
        help_text="Words by which its posts are known: new tickets that hold one join by themselves.",
    )  # fmt: skip
    begins_at = serializers.DateTimeField(required=False, help_text="Now, if none is given.")
    ends_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_terms(self, value: list[str]) -> list[str]:
        try:
            return terms.split("\n".join(value))
        except terms.BadTerm as bad:
            raise serializers.ValidationError(_("“%(word)s” is no word.") % {"word": bad.word}) from None


class OpenIncidentSerializer(SayIncidentSerializer):
    """A new incident."""

    brand = serializers.PrimaryKeyRelatedField(queryset=Brand.objects.none())
    ticket = serializers.IntegerField(required=False, min_value=1, help_text="A ticket to begin it with.")

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        # The schema is drawn for nobody.
        person = self.context.get("person")
        if person is not None:
            fields["brand"].queryset = brands_seen(person)
        return fields


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class Texts(serializers.DictField):
    """Words by two-letter language."""

    child = serializers.CharField(max_length=updates.LONGEST)


class TellSerializer(serializers.Serializer[Any]):
    """An update, to be looked at beforehand."""

    texts = Texts(help_text="Words by two-letter language, as en and ar: each customer gets those of their own.")
    resolve = serializers.BooleanField(default=False, help_text="Resolve the tickets it is told on.")


class SendUpdateSerializer(TellSerializer):
    """An update, to be sent."""

    number = serializers.IntegerField(
        min_value=1, help_text="How many customers you know it goes to: refused where they are more."
    )
    last = serializers.IntegerField(
        required=False, min_value=0, default=0, help_text="`last` of the preview: nobody who came later is told."
    )
    key = serializers.UUIDField(required=False, help_text="The same key sends the same update once.")


class RefusalSerializer(serializers.Serializer[Any]):
    """Tickets that are not told, and why."""

    text = serializers.CharField()
    tickets = serializers.ListField(child=serializers.IntegerField())


class PreviewGroupSerializer(serializers.Serializer[Any]):
    """Customers who get the same words in the same way."""

    channel = serializers.IntegerField()
    language = serializers.CharField()
    number = serializers.IntegerField()
    posts = serializers.IntegerField(help_text="How many posts the words go out as there.")
    findings = serializers.ListField(child=serializers.CharField(), help_text="What the guard finds in them.")


class PreviewSerializer(serializers.Serializer[Any]):
    """Who would get an update, and who not."""

    number = serializers.IntegerField()
    last = serializers.IntegerField()
    groups = PreviewGroupSerializer(many=True)
    refused = RefusalSerializer(many=True)
    stay_open = serializers.IntegerField(help_text="Of those, how many it would not resolve though it is to.")


class UpdateSerializer(serializers.ModelSerializer[IncidentUpdate]):
    """News told to everybody in an incident."""

    texts = serializers.SerializerMethodField()
    by = WriterSerializer(read_only=True, allow_null=True)
    left = serializers.SerializerMethodField(help_text="How many are still to be told.")
    refused = serializers.SerializerMethodField()

    class Meta:
        model = IncidentUpdate
        fields = ["key", "texts", "by", "at", "total", "sent", "left", "refused", "finished_at"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_texts(self, update: IncidentUpdate) -> dict[str, str]:
        return updates.words_of(update)

    def get_left(self, update: IncidentUpdate) -> int:
        return len(update.left)

    @extend_schema_field(RefusalSerializer(many=True))
    def get_refused(self, update: IncidentUpdate) -> list[dict[str, Any]]:
        return [{"text": words, "tickets": [pk]} for pk, words in update.refused]


SEEN = {200: IncidentSerializer, **problems(403, 404)}


@extend_schema_view(
    list=extend_schema(responses={200: IncidentSerializer(many=True)}),
    retrieve=extend_schema(responses={200: IncidentSerializer, **problems(404)}),
)
class Incidents(Ground, ListModelMixin, RetrieveModelMixin, GenericViewSet[Incident]):
    """Incidents of my brands, the newest first."""

    queryset = Incident.objects.none()
    serializer_class = IncidentSerializer
    filter_backends = []
    pagination_class = None
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[Incident]:
        rows = figures.counted(keeping.visible(self.person)).order_by("-begins_at", "-id")
        return rows[:MOST_LISTED] if self.action == "list" else rows

    @extend_schema(
        operation_id="incidents_open",
        request=OpenIncidentSerializer,
        responses={201: IncidentSerializer, **problems(400, 403, 404)},
    )
    def create(self, _request: Request) -> Response:
        """Open an incident."""
        check_supervises(self.person)
        given = self.given(OpenIncidentSerializer)
        brand, ticket = given.pop("brand"), given.pop("ticket", None)
        try:
            made = keeping.begin(_told(given), brand=brand, by=self.person, ticket=ticket)
        except Ticket.DoesNotExist:
            raise NotFound(_("That ticket is not there. Choose another.")) from None
        return Response(IncidentSerializer(self.get_queryset().get(pk=made.pk)).data, status=HTTPStatus.CREATED)

    @extend_schema(
        operation_id="incidents_change",
        request=SayIncidentSerializer(partial=True),
        responses={200: IncidentSerializer, **problems(400, 403, 404)},
    )
    def partial_update(self, _request: Request, **_kwargs: Any) -> Response:
        """Say something else of it; what is not given stays."""
        found = self.get_object()
        check_supervises(self.person)
        shape = SayIncidentSerializer(data=self.request.data, partial=True)
        shape.is_valid(raise_exception=True)
        stands = {name: getattr(found, name) for name in ("name", "kind", "valence", "terms", "begins_at", "ends_at")}
        keeping.change(found.pk, _told(stands | shape.validated_data), by=self.person)
        return self.as_it_stands()

    @extend_schema(operation_id="incidents_close", request=None, responses=SEEN)
    @action(methods=["post"], detail=True)
    def close(self, _request: Request, **_kwargs: Any) -> Response:
        """It is over."""
        keeping.close(self.get_object().pk, by=self.person)
        return self.as_it_stands()

    @extend_schema(operation_id="incidents_reopen", request=None, responses=SEEN)
    @action(methods=["post"], detail=True)
    def reopen(self, _request: Request, **_kwargs: Any) -> Response:
        """It goes on."""
        keeping.reopen(self.get_object().pk, by=self.person)
        return self.as_it_stands()

    @extend_schema(
        operation_id="incidents_preview",
        request=TellSerializer,
        responses={200: PreviewSerializer, **problems(400, 403, 404)},
    )
    @action(methods=["post"], detail=True)
    def preview(self, _request: Request, **_kwargs: Any) -> Response:
        """Who would get an update, and who not. Nothing is sent."""
        found = self.get_object()
        keeping.check_runs(self.person, found.brand_id)
        given = self.given(TellSerializer)
        return Response(_preview(audience.plan(found, given["texts"], resolve=given["resolve"])))

    @extend_schema(
        methods=["GET"],
        operation_id="incidents_updates",
        responses={200: UpdateSerializer(many=True), **problems(404)},
    )
    @extend_schema(
        methods=["POST"],
        operation_id="incidents_tell",
        request=SendUpdateSerializer,
        responses={201: UpdateSerializer, **problems(400, 403, 404)},
    )
    @action(methods=["get", "post"], detail=True)
    def updates(self, request: Request, **_kwargs: Any) -> Response:
        """What was told to everybody in it; posting tells them something, in the background."""
        found = self.get_object()
        if request.method == "GET":
            told = found.updates.select_related("by").order_by("-id")[:MOST_LISTED]
            return Response(UpdateSerializer(told, many=True).data)
        keeping.check_runs(self.person, found.brand_id)
        given = self.given(SendUpdateSerializer)
        key: UUID = given.pop("key", None) or uuid4()
        made = updates.begin(found.pk, by=self.person, key=key, **given)
        return Response(UpdateSerializer(made).data, status=HTTPStatus.CREATED)

    @extend_schema(operation_id="incidents_stop", request=None, responses={200: UpdateSerializer, **problems(403, 404)})
    @action(methods=["post"], detail=True, url_path="updates/<uuid:key>/stop")
    def stop(self, _request: Request, key: UUID, **_kwargs: Any) -> Response:
        """Tell it to nobody else."""
        update = self.get_object().updates.filter(key=key).first()
        if update is None:
            raise Http404
        return Response(UpdateSerializer(updates.stop(update.pk, by=self.person)).data)

    def given(self, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The body of the request in this shape. Raises ValidationError."""
        found = shape(data=self.request.data, context={"person": self.person})
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def as_it_stands(self) -> Response:
        """The incident, read again."""
        return Response(IncidentSerializer(self.get_object()).data)


def _told(given: Mapping[str, Any]) -> Told:
    begins: datetime = given.get("begins_at") or timezone.now()
    said = {name: given[name] for name in ("name", "kind", "valence", "ends_at")}
    return Told(**said, begins_at=begins, terms=tuple(given["terms"]))


def _preview(plan: audience.Plan) -> dict[str, Any]:
    groups = [
        {"channel": one.channel.pk, "language": one.language, "number": len(one.tickets), "posts": one.posts,
         "findings": one.looked.codes if one.looked else []}
        for one in plan.groups
    ]  # fmt: skip
    refused = [{"text": words, "tickets": list(ids)} for words, ids in plan.refused.items()]
    return {"number": plan.number, "last": plan.last, "groups": groups, "refused": refused, "stay_open": plan.stay}
