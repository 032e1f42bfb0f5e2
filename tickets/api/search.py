"""Search in the API: what the page of search finds, and the words that fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.ground import Ground
from accounts.api.pages import Keyset, bad_cursor
from accounts.api.problems import Problem, problems
from ingest.models import Message
from tickets.api.serializers import TicketSerializer
from tickets.listing.filters import TicketFilter
from tickets.listing.search.asking import LONGEST_QUESTION, Asked, asked
from tickets.listing.search.finding import BadPlace, Hit, find, numbered
from tickets.listing.search.marking import marks
from tickets.models import Ticket
from tickets.time_limit import TooSlow

QUESTION = OpenApiParameter(
    "q",
    required=True,
    description='Words in any of their forms, the last one perhaps half typed; `"words side by side"`, `-without`, '
    f"`@customer`, `#number`, `tag:name`. At most {LONGEST_QUESTION} letters count.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """A ticket that was found, and where."""

    ticket: Ticket
    message: int | None
    at: datetime
    text: str
    marks: Sequence[tuple[int, int]]


class ToldSerializer(serializers.Serializer[Told]):
    """A ticket that was found, with the newest of its messages that fits."""

    ticket = TicketSerializer(read_only=True)
    message = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Null where the ticket was found by its number or a tag."
    )
    at = serializers.DateTimeField(read_only=True, help_text="When the message was posted.")
    text = serializers.CharField(read_only=True, help_text="What the message says; empty without one.")
    marks = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        read_only=True,
        help_text="[start, end] of each word in `text` that was asked for; none where a note or a name fits.",
    )


class FoundPages(Keyset):
    """The newest first, by the cursors of search."""

    def find(self, queryset: QuerySet[Any], after: str, size: int, view: APIView) -> tuple[Sequence[Told], str]:
        question = asked(view.request.query_params.get("q", ""))
        user = cast("Ground", view).person
        if question.is_empty:
            return [], ""
        try:
            found = find(question, user, queryset, timezone.now(), after=after, size=size)
        except BadPlace:
            raise bad_cursor() from None
        except TooSlow:
            why = _("This search took too long and was stopped. Add a word, or choose a channel.")
            raise Problem("too_slow", why, HTTPStatus.SERVICE_UNAVAILABLE) from None
        exact = None if after else numbered(question, user)
        return told(found.hits, question, exact), found.next


class Search(Ground, ListAPIView[Ticket]):
    """Tickets by what was said on them."""

    queryset = Ticket.objects.none()
    serializer_class = ToldSerializer  # type: ignore[assignment]  # what is listed is no row of a table
    pagination_class = FoundPages
    filterset_class = TicketFilter

    def get_queryset(self) -> QuerySet[Ticket]:
        return Ticket.objects.visible_to(self.person)

    @extend_schema(
        operation_id="search",
        parameters=[QUESTION],
        responses={200: ToldSerializer(many=True), **problems(400, 503)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tickets of my brands that hold these words, the newest message first, each ticket once."""
        return super().get(request, *args, **kwargs)


def told(hits: Sequence[Hit], question: Asked, exact: int | None) -> list[Told]:
    """The hits with their tickets and texts: two queries. The ticket whose number was asked for comes first."""
    if exact:
        hits = [Hit(exact, 0, timezone.now()), *(hit for hit in hits if hit.ticket != exact)]
    related = ("brand", "channel", "contact", "team", "assignee", "incident")
    rows = Ticket.objects.select_related(*related).defer("channel__secrets")
    tickets: Mapping[int, Ticket] = rows.in_bulk([hit.ticket for hit in hits])
    said = Message.objects.filter(pk__in=[hit.message for hit in hits if hit.message])
    texts = dict(said.values_list("pk", "text"))
    return [
        Told(tickets[hit.ticket], hit.message or None, hit.at, text, marks(text, question))
        for hit in hits
        if hit.ticket in tickets
        for text in [texts.get(hit.message, "")]
    ]
