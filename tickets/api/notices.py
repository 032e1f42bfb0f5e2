"""Notices in the API: what I was told, and that I have read it."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.pages import Keyset, bad_cursor
from accounts.api.problems import problems
from ingest.api import WriterSerializer
from tickets.api import refusals
from tickets.models import Notice
from tickets.news import bell

UNREAD = OpenApiParameter("unread", enum=["yes", "no"], description="yes: only what I have not read.")


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """Something I was told."""

    kind = serializers.CharField(read_only=True)
    title = serializers.SerializerMethodField(help_text="What happened, in the language of the request.")
    words = serializers.SerializerMethodField(help_text="What was said, in the language it was said in.")
    actor = WriterSerializer(read_only=True, allow_null=True)
    address = serializers.SerializerMethodField(help_text="The page it is about.")

    class Meta:
        model = Notice
        fields = ["id", "kind", "title", "words", "ticket", "actor", "at", "read_at", "address"]
        read_only_fields = fields

    def get_title(self, notice: Notice) -> str:
        return bell.line_of(notice).title

    def get_words(self, notice: Notice) -> str:
        return bell.line_of(notice).words

    def get_address(self, notice: Notice) -> str:
        return bell.where(notice)


class ReadSerializer(serializers.Serializer[Any]):
    """How many were unread until now."""

    read = serializers.IntegerField()


class ByTime(Keyset):
    """In the order of time, the newest first."""

    def find(self, queryset: QuerySet[Notice], after: str, size: int, view: APIView) -> tuple[Sequence[Notice], str]:
        if after:
            at, pk = _place(after)
            queryset = queryset.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
        rows = list(queryset[: size + 1])
        if len(rows) <= size:
            return rows, ""
        last = rows[size - 1]
        return rows[:size], base64.urlsafe_b64encode(f"{last.at.isoformat()}|{last.pk}".encode()).decode().rstrip("=")


def _place(token: str) -> tuple[datetime, int]:
    """The moment and the id of a token. Raises Problem for what is none of ours."""
    try:
        told, _bar, number = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii").partition("|")
        at = parse_datetime(told)
    except (ValueError, binascii.Error) as error:
        raise bad_cursor() from error
    if at is None or at.tzinfo is None or not number.isdecimal() or len(number) > 18:
        raise bad_cursor()
    return at, int(number)


@extend_schema_view(
    list=extend_schema(parameters=[UNREAD], responses={200: NoticeSerializer(many=True), **problems(400)}),
    retrieve=extend_schema(responses={200: NoticeSerializer, **problems(404)}),
)
class Notices(Ground, ReadOnlyModelViewSet[Notice]):
    """What I was told and want to see within Radd, the newest first."""

    queryset = Notice.objects.none()
    serializer_class = NoticeSerializer
    filter_backends = []
    pagination_class = ByTime
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[Notice]:
        told = bell.told(self.person)
        if self.action != "list":
            return told
        unread = self.request.query_params.get("unread", "no")
        if unread not in {"yes", "no"}:
            raise ValidationError({"unread": [_("Choose one of: %(views)s.") % {"views": "yes, no"}]})
        return told.filter(read_at=None) if unread == "yes" else told

    @extend_schema(operation_id="notices_read", request=None, responses={200: NoticeSerializer, **problems(404)})
    @action(methods=["post"], detail=True)
    def read(self, _request: Request, **_kwargs: Any) -> Response:
        """I have read this one. Twice is the same as once."""
        bell.read(self.person, notice=self.get_object().pk)
        return Response(NoticeSerializer(self.get_object()).data)

    @extend_schema(operation_id="notices_read_all", request=None, responses={200: ReadSerializer, **problems()})
    @action(methods=["post"], detail=False, url_path="read-all", pagination_class=None)
    def read_all(self, _request: Request, **_kwargs: Any) -> Response:
        """I have read all of them."""
        return Response({"read": bell.read(self.person)})
