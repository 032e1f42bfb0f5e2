"""Answers that wait for a second person, in the API."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.problems import problems
from tickets.answering import approvals
from tickets.api import refusals
from tickets.api.approval_shapes import ApprovalSerializer
from tickets.api.serializers import MovedOnSerializer, UnsendableSerializer
from tickets.models import Approval, Ticket


class ApproveSerializer(serializers.Serializer[Any]):
    """Letting an answer go out."""

    seen = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The ticket's `position` as you saw it."
    )
    text = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=10_000,
        help_text="Other words for it; empty: as it is.",
    )


class ReturnSerializer(serializers.Serializer[Any]):
    """Giving it back."""

    note = serializers.CharField(max_length=approvals.LONGEST_NOTE, help_text="What should change.")


@extend_schema_view(
    list=extend_schema(responses={200: ApprovalSerializer(many=True)}),
    retrieve=extend_schema(responses={200: ApprovalSerializer, **problems(404)}),
)
class Approvals(Ground, ReadOnlyModelViewSet[Approval]):
    """Answers of my brands that wait for a second person, those due first; by key also those that were decided."""

    queryset = Approval.objects.none()
    serializer_class = ApprovalSerializer
    filter_backends = []
    pagination_class = None
    lookup_field = "key"
    lookup_value_converter = "uuid"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[Approval]:
        if self.action == "list":
            return approvals.waiting_for(self.person)[:200]
        seen = Approval.objects.filter(ticket__in=Ticket.objects.visible_to(self.person))
        return seen.select_related("author", "decided_by")

    @extend_schema(
        operation_id="approvals_approve",
        request=ApproveSerializer,
        responses={
            200: ApprovalSerializer,
            **problems(400, 403, 404),
            409: MovedOnSerializer,
            422: UnsendableSerializer,
        },
    )
    @action(methods=["post"], detail=True)
    def approve(self, request: Request, **_kwargs: Any) -> Response:
        """Let it go out, in its writer's name. Approved twice, it goes out once."""
        given = ApproveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        key = self.get_object().key
        approvals.approve(key, by=self.person, **given.validated_data)
        return self._as_it_stands()

    @extend_schema(
        operation_id="approvals_return",
        request=ReturnSerializer,
        responses={200: ApprovalSerializer, **problems(400, 403, 404)},
    )
    @action(methods=["post"], detail=True, url_path="return")
    def give_back(self, request: Request, **_kwargs: Any) -> Response:
        """Give it back to its writer with a note; its words are their draft again."""
        given = ReturnSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        approvals.give_back(self.get_object().key, note=given.validated_data["note"], by=self.person)
        return self._as_it_stands()

    @extend_schema(
        operation_id="approvals_withdraw", request=None, responses={200: ApprovalSerializer, **problems(403, 404)}
    )
    @action(methods=["post"], detail=True)
    def withdraw(self, _request: Request, **_kwargs: Any) -> Response:
        """Take it back before it was decided on."""
        approvals.withdraw(self.get_object().key, by=self.person)
        return self._as_it_stands()

    def _as_it_stands(self) -> Response:
        return Response(ApprovalSerializer(self.get_object()).data)
