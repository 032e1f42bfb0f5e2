"""Tickets in the API. Each verb is the one the pages call; what it refuses is told by tickets/api/refusals.py."""

from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.problems import problems
from accounts.models import User
from ingest import parts
from tickets.answering import approvals, outside
from tickets.answering.approvals import Wish
from tickets.api import refusals
from tickets.api.actions import Actions
from tickets.api.approval_shapes import ApprovalSerializer
from tickets.api.customers import Customers
from tickets.api.pagination import TicketPages
from tickets.api.serializers import (
    ActivitySerializer,
    AnsweredSerializer,
    AnswerSerializer,
    AssignSerializer,
    MovedOnSerializer,
    NoteSerializer,
    OutsideSerializer,
    StorySerializer,
    TicketSerializer,
    UnsendableSerializer,
)
from tickets.api.stories import story_of
from tickets.listing.filters import TicketFilter
from tickets.listing.lists import VIEWS, tickets_of
from tickets.listing.ordering import SORTS
from tickets.models import Approval, Ticket
from tickets.steering import assignment
from tickets.verbs import lifecycle

WHICH = OpenApiParameter("view", enum=list(VIEWS), default="all", description="Which list of the inbox.")
ORDER = OpenApiParameter("sort", enum=list(SORTS), description="In which order; what a list does not offer is refused.")
KEY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.UUID, OpenApiParameter.HEADER, description="The same as `key` in the body."
)
DONE = {200: TicketSerializer, **problems(403, 404)}
NOTED = {201: ActivitySerializer, **problems(400, 403, 404, 422)}


@extend_schema_view(
    list=extend_schema(parameters=[WHICH, ORDER], responses={200: TicketSerializer(many=True), **problems(400)}),
    take=extend_schema(operation_id="tickets_take", request=None, responses=DONE),
    resolve=extend_schema(operation_id="tickets_resolve", request=None, responses=DONE),
    reopen=extend_schema(operation_id="tickets_reopen", request=None, responses=DONE),
    assign=extend_schema(operation_id="tickets_assign", request=AssignSerializer, responses=DONE | problems(400)),
    note=extend_schema(
        operation_id="tickets_note",
        request=NoteSerializer,
        responses={201: ActivitySerializer, **problems(400, 403, 404, 422)},
    ),
)
class Tickets(Actions, Customers, Ground, ReadOnlyModelViewSet[Ticket]):
    """Tickets of my brands, and what may be done with them."""

    queryset = Ticket.objects.none()
    serializer_class = TicketSerializer
    pagination_class = TicketPages
    filterset_class = TicketFilter
    lookup_value_converter = "int"

    tell = staticmethod(refusals.answer)

    @property
    def slug(self) -> str:
        """The list of the inbox that is asked for."""
        slug = self.request.query_params.get("view", "all")
        if slug not in VIEWS:
            raise ValidationError({"view": [_("Choose one of: %(views)s.") % {"views": ", ".join(VIEWS)}]})
        return slug

    @property
    def sort(self) -> str:
        """The order that is asked for; empty for the list's own."""
        sort, offered = self.request.query_params.get("sort", ""), VIEWS[self.slug].sorts
        if sort and sort not in offered:
            raise ValidationError({"sort": [_("Choose one of: %(views)s.") % {"views": ", ".join(offered)}]})
        return sort

    @property
    def whole(self) -> QuerySet[Ticket]:
        """Every ticket this person may see, with all that the API shows."""
        related = ("brand", "channel", "contact", "team", "assignee", "incident")
        return Ticket.objects.visible_to(self.person).select_related(*related).defer("channel__secrets")

    def get_queryset(self) -> QuerySet[Ticket]:
        return tickets_of(VIEWS[self.slug], self.person) if self.action == "list" else self.whole

    @extend_schema(responses={200: StorySerializer, **problems(404)})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One ticket with its thread, the readings and the record of who did what."""
        return Response(StorySerializer(story_of(self.get_object())).data)

    @extend_schema(
        operation_id="tickets_reply",
        parameters=[KEY],
        request=AnswerSerializer,
        responses={
            201: AnsweredSerializer,
            202: OpenApiResponse(ApprovalSerializer, "It waits for a second person: the guard or a rule wants one."),
            **problems(400, 403, 404),
            409: MovedOnSerializer,
            422: UnsendableSerializer,
        },
    )
    @action(methods=["post"], detail=True)
    def reply(self, request: Request, **_kwargs: Any) -> Response:
        """Answer the customer. Refused (409) when the conversation has moved on since `seen`."""
        ticket = self.get_object()
        given = self.given(AnswerSerializer)
        key = key_of(request, given)
        wish = Wish(given["resolve"], given["pictures"], given["private"], given.get("at"))
        delivery = approvals.answer(
            ticket.pk, text=given["text"], seen=given["seen"], by=self.person, key=key, wish=wish
        )
        if isinstance(delivery, Approval):
            return Response(ApprovalSerializer(delivery).data, status=202)
        posts = [row.message for row in parts.of_answer(delivery).select_related("message__contact", "message__author")]
        now = {"delivery": delivery, "message": delivery.message, "posts": posts, "ticket": self.get_object()}
        return Response(AnsweredSerializer(now).data, status=201)

    @extend_schema(
        operation_id="tickets_answered_outside",
        parameters=[KEY],
        request=OutsideSerializer,
        responses={200: TicketSerializer, **problems(400, 403, 404), 409: MovedOnSerializer, 422: UnsendableSerializer},
    )
    @action(methods=["post"], detail=True, url_path="answered-outside")
    def answered_outside(self, request: Request, **_kwargs: Any) -> Response:
        """The customer was answered on the platform itself, or by other means. It counts as an answer."""
        ticket = self.get_object()
        given = self.given(OutsideSerializer)
        outside.answered_outside(
            ticket.pk,
            by=self.person,
            seen=given["seen"],
            key=key_of(request, given),
            link=given.get("link", ""),
            text=given.get("text", ""),
        )
        return self.as_it_stands()

    @action(methods=["post"], detail=True)
    def assign(self, _request: Request, **_kwargs: Any) -> Response:
        """Give the ticket to somebody, or back to its queue."""
        return self.give(self.get_object(), self.given(AssignSerializer)["to"])

    @action(methods=["post"], detail=True)
    def take(self, _request: Request, **_kwargs: Any) -> Response:
        """Give the ticket to me."""
        return self.give(self.get_object(), self.person)

    @action(methods=["post"], detail=True)
    def resolve(self, _request: Request, **_kwargs: Any) -> Response:
        """The customer's problem is solved."""
        lifecycle.resolve(self.get_object().pk, by=self.person)
        return self.as_it_stands()

    @action(methods=["post"], detail=True)
    def reopen(self, _request: Request, **_kwargs: Any) -> Response:
        """Back to work."""
        lifecycle.reopen(self.get_object().pk, by=self.person)
        return self.as_it_stands()

    @action(methods=["post"], detail=True)
    def note(self, _request: Request, **_kwargs: Any) -> Response:
        """Leave a note for the team; the customer never sees it."""
        ticket = self.get_object()
        line = lifecycle.note(ticket.pk, text=self.given(NoteSerializer)["text"], by=self.person)
        return Response(ActivitySerializer(line).data, status=201)

    def give(self, ticket: Ticket, to: User | None) -> Response:
        """Assign and tell the outcome."""
        assignment.assign(ticket.pk, to=to, by=self.person)
        return self.as_it_stands()

    def given(self, shape: type[Serializer[Any]]) -> dict[str, Any]:
        """The body of the request in this shape. Raises ValidationError."""
        found = shape(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def as_it_stands(self) -> Response:
        """The ticket, read again."""
        return Response(TicketSerializer(self.get_object()).data)


def key_of(request: Request, given: dict[str, Any]) -> UUID:
    """The key of an answer: the body's, the header's, or a new one. Raises ValidationError."""
    header = request.headers.get("Idempotency-Key", "")
    if not header:
        return given.get("key") or uuid4()
    try:
        key = UUID(header)
    except ValueError:
        raise ValidationError({"Idempotency-Key": [_("Give a UUID.")]}) from None
    if given.get("key", key) != key:
        raise ValidationError({"key": [_("The header and the body name different keys.")]})
    return key
