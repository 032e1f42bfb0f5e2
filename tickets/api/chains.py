"""Escalation chains, in the API: supervisors read those of their brands, admins write them."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.problems import Problem, problems
from tickets.api import refusals
from tickets.models import EscalationChain
from tickets.permissions import check_sets_targets
from tickets.targets import chain_keeping, chain_words
from tickets.targets.chain_keeping import Told, Wrong

STEPS = (
    'In order: `{"after": minutes, "of": "wall" or "open", "to": {...}, "by": ["mail"]}`. `to` is one of '
    '`{"person": id}`, `{"team": id}` and `{"role": "assignee", "lead", "supervisor" or "admin"}`.'
)
CONDITIONS = 'A tree: `{"all": [...]}`, `{"any": [...]}`, `{"none": [...]}` of `{"field": .., "op": .., "value": ..}`.'


class ChainSerializer(serializers.ModelSerializer[EscalationChain]):
    """An escalation chain: when it begins, and whom it tells step by step."""

    brand = serializers.IntegerField(source="brand_id", allow_null=True, required=False, default=None, min_value=1)
    conditions = serializers.DictField(help_text=CONDITIONS)
    steps = serializers.ListField(child=serializers.DictField(), help_text=STEPS)
    is_on = serializers.BooleanField(default=True)

    class Meta:
        model = EscalationChain
        fields = ["id", "name", "brand", "is_on", "conditions", "steps", "position", "version", "updated_at"]
        read_only_fields = ["id", "position", "version", "updated_at"]


REFUSED = problems(400, 403, 404, 422)


@extend_schema_view(
    list=extend_schema(responses={200: ChainSerializer(many=True), **problems(403)}),
    retrieve=extend_schema(responses={200: ChainSerializer, **problems(403, 404)}),
)
class Chains(Ground, ReadOnlyModelViewSet[EscalationChain]):
    """Escalation chains in their order."""

    queryset = EscalationChain.objects.none()
    serializer_class = ChainSerializer
    filter_backends = []
    pagination_class = None
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[EscalationChain]:
        return chain_keeping.chains(self.person)

    @extend_schema(request=ChainSerializer, responses={201: ChainSerializer, **REFUSED})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Add one, at the end of the list."""
        return Response(ChainSerializer(self._saved(None, request)).data, status=HTTPStatus.CREATED)

    @extend_schema(request=ChainSerializer, responses={200: ChainSerializer, **REFUSED})
    def update(self, request: Request, **_kwargs: Any) -> Response:
        """Change one whole."""
        check_sets_targets(self.person)
        return Response(ChainSerializer(self._saved(self.get_object().pk, request)).data)

    @extend_schema(request=None, responses={204: None, **problems(403, 404)})
    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Take one out of the list. Tickets on their way up it go on."""
        check_sets_targets(self.person)
        chain_keeping.remove(self.get_object().pk, by=self.person)
        return Response(status=HTTPStatus.NO_CONTENT)

    def _saved(self, pk: int | None, request: Request) -> EscalationChain:
        check_sets_targets(self.person)
        given = ChainSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        name = " ".join(data["name"].split())
        told = Told(name, data["brand_id"], data["is_on"], data["conditions"], data["steps"])
        try:
            return chain_keeping.save(pk, told, by=self.person)
        except Wrong as error:
            words = chain_words.wrong_words(error.code)
            raise Problem(error.code, words, HTTPStatus.UNPROCESSABLE_ENTITY) from None
