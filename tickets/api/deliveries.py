"""Answers on their way, in the API: how one stands, trying again what was not sent, saying that it is there."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.ground import Ground
from accounts.api.problems import Problem, problems
from ingest.api import DeliverySerializer, channels_of
from ingest.models import Delivery
from tickets.answering import outcomes
from tickets.api import refusals

NOT_SO = _("It is not in a state in which this can be done: look at `state`.")


class ThereSerializer(serializers.Serializer[Any]):
    """That the answer was seen on the platform."""

    link = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=2000, help_text="Where it stands, http or https."
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

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return refusals.answer

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

    def _key(self) -> UUID:
        return self.get_object().key

    def _done(self, done: bool) -> Response:
        if not done:
            raise Problem("not_so", NOT_SO, HTTPStatus.CONFLICT)
        return Response(StandingSerializer(self.get_object()).data)
