"""Answers on their way, in the API: how one stands, trying again what was not sent, saying that it is there."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.ground import Ground
from accounts.api.problems import Problem, problems
from ingest.api import DeliverySerializer, MessageSerializer, channels_of
from ingest.models import Delivery
from tickets.answering import held, outcomes
from tickets.api import refusals
from tickets.api.approval_shapes import ApprovalSerializer
from tickets.api.serializers import MovedOnSerializer, UnsendableSerializer
from tickets.models import Approval

NOT_SO = _("It is not in a state in which this can be done: look at `state`.")


class NotNowSerializer(MovedOnSerializer):
    """Refused: the conversation moved on (`moved_on`), or somebody has decided already (`not_so`, without `newer`)."""

    code = serializers.CharField(help_text="moved_on or not_so")
    newer = MessageSerializer(many=True, required=False, help_text="What came since, the oldest first.")


class ThereSerializer(serializers.Serializer[Any]):
    """That the answer was seen on the platform."""

    link = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=2000, help_text="Where it stands, http or https."
    )


class SeenSerializer(serializers.Serializer[Any]):
    """How much of the ticket was seen."""

    seen = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The ticket's `position` as you saw it."
    )


class StandingSerializer(DeliverySerializer):
    """An answer on its way to the platform, and the message it is."""

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "message", "channel", "last_error"]
        read_only_fields = fields


@extend_schema_view(retrieve=extend_schema(responses={200: StandingSerializer, **problems(404)}))
class Deliveries(Ground, RetrieveModelMixin, GenericViewSet[Delivery]):
    """Answers of my brands' channels by their keys, and what may be done where one did not get through."""

    queryset = Delivery.objects.none()
    serializer_class = StandingSerializer
    filter_backends = []
    pagination_class = None
    lookup_field = "key"
    lookup_value_converter = "uuid"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(channel__in=channels_of(self.request))

    @extend_schema(
        operation_id="deliveries_try_again",
        request=None,
        responses={200: StandingSerializer, **problems(403, 404, 409)},
    )
    @action(methods=["post"], detail=True, url_path="try-again")
    def try_again(self, _request: Request, **_kwargs: Any) -> Response:
        """Put an answer that was not sent back in the outbox; it is looked for on the platform before it is posted.

        Refused (409) unless its state, or that of another part of the same answer, is `failed`.
        """
        return self._done(outcomes.try_again(self._key(), by=self.person))

    @extend_schema(
        operation_id="deliveries_there",
        request=ThereSerializer,
        responses={200: StandingSerializer, **problems(400, 403, 404, 409, 422)},
    )
    @action(methods=["post"], detail=True)
    def there(self, request: Request, **_kwargs: Any) -> Response:
        """A person has seen it on the platform: it is sent. Refused (409) unless its state is `failed` or `unknown`."""
        key = self._key()
        given = ThereSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._done(outcomes.it_is_there(key, by=self.person, link=given.validated_data["link"]))

    @extend_schema(
        operation_id="deliveries_send_anyway",
        request=SeenSerializer,
        responses={
            200: StandingSerializer,
            202: OpenApiResponse(ApprovalSerializer, "It waits for a second person: the guard or a rule wants one."),
            **problems(400, 403, 404),
            409: NotNowSerializer,
            422: UnsendableSerializer,
        },
    )
    @action(methods=["post"], detail=True, url_path="send-anyway")
    def send_anyway(self, request: Request, **_kwargs: Any) -> Response:
        """Send an answer for later that was held (`error_code` is `customer_wrote`) now, beneath what is new.

        What goes out is another delivery, the one that is returned. Done twice, it is sent once.
        """
        key = self._key()
        given = SeenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            sent = held.send_anyway(key, by=self.person, seen=given.validated_data["seen"])
        except held.Decided:
            raise Problem("not_so", NOT_SO, HTTPStatus.CONFLICT) from None
        if isinstance(sent, Approval):
            return Response(ApprovalSerializer(sent).data, status=HTTPStatus.ACCEPTED)
        return Response(StandingSerializer(sent).data)

    @extend_schema(
        operation_id="deliveries_drop", request=None, responses={200: StandingSerializer, **problems(403, 404, 409)}
    )
    @action(methods=["post"], detail=True)
    def drop(self, _request: Request, **_kwargs: Any) -> Response:
        """Do not send an answer that was held."""
        try:
            held.drop(self._key(), by=self.person)
        except held.Decided:
            raise Problem("not_so", NOT_SO, HTTPStatus.CONFLICT) from None
        return Response(StandingSerializer(self.get_object()).data)

    def _key(self) -> UUID:
        return self.get_object().key

    def _done(self, done: bool) -> Response:
        if not done:
            raise Problem("not_so", NOT_SO, HTTPStatus.CONFLICT)
        return Response(StandingSerializer(self.get_object()).data)
