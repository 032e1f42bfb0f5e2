"""Saved replies in the API: the words people keep for their answers."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.pages import NewestFirst
from accounts.api.problems import problems
from tickets.answering import saved_replies
from tickets.api import refusals
from tickets.api.kept import KeptSerializer, SayKeptSerializer, read_in, scope_in
from tickets.models import SavedReply


class SavedReplySerializer(KeptSerializer, serializers.ModelSerializer[SavedReply]):
    """Words for an answer, in each language that it has, with {variables}."""

    texts = serializers.SerializerMethodField(help_text="By two-letter language.")

    class Meta:
        model = SavedReply
        fields = ["id", "name", "texts", "whose", "team", "brand", "may_change", "used", "last_used_at", "updated_at"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_texts(self, row: SavedReply) -> dict[str, str]:
        return {str(code): str(text) for code, text in row.texts.items()}


class TextsSerializer(serializers.Serializer[Any]):
    """The words in each language; one of the two at least."""

    en = serializers.CharField(required=False, allow_blank=True, max_length=saved_replies.LONGEST)
    ar = serializers.CharField(required=False, allow_blank=True, max_length=saved_replies.LONGEST)

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        if not any(text.strip() for text in attrs.values()):
            raise serializers.ValidationError(_("Give it a name, and a text in one language at least."))
        return attrs


class SaySavedReplySerializer(SayKeptSerializer):
    """A saved reply as it is to be."""

    name = serializers.CharField(max_length=80)
    texts = TextsSerializer(help_text="Given, they take the place of all that stood there.")


@extend_schema_view(
    list=extend_schema(responses={200: SavedReplySerializer(many=True), **problems(400)}),
    retrieve=extend_schema(responses={200: SavedReplySerializer, **problems(404)}),
)
class SavedReplies(Ground, ReadOnlyModelViewSet[SavedReply]):
    """My own saved replies, my teams' and everyone's, of the brands I see; the newest first."""

    queryset = SavedReply.objects.none()
    serializer_class = SavedReplySerializer
    filter_backends = []
    pagination_class = NewestFirst
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[SavedReply]:
        return saved_replies.visible(SavedReply.objects.all(), self.person)

    def get_serializer_context(self) -> dict[str, Any]:
        # The schema is drawn for nobody.
        return {} if getattr(self, "swagger_fake_view", False) else {"person": self.person}

    @extend_schema(
        operation_id="saved_replies_make",
        request=SaySavedReplySerializer,
        responses={201: SavedReplySerializer, **problems(400, 403)},
    )
    def create(self, request: Request) -> Response:
        """Keep a new one."""
        given = read_in(SaySavedReplySerializer, request.data, self.person, partial=False)
        made = saved_replies.keep(name=given["name"], texts=given["texts"], scope=scope_in(given), by=self.person)
        return Response(self.get_serializer(made).data, status=HTTPStatus.CREATED)

    @extend_schema(
        operation_id="saved_replies_change",
        request=SaySavedReplySerializer(partial=True),
        responses={200: SavedReplySerializer, **problems(400, 403, 404)},
    )
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change one; what is not given stays."""
        row = self.get_object()
        given = read_in(SaySavedReplySerializer, request.data, self.person, partial=True)
        name, texts = given.get("name", row.name), given.get("texts", row.texts)
        kept = saved_replies.keep(name=name, texts=texts, scope=scope_in(given, row), by=self.person, pk=row.pk)
        return Response(self.get_serializer(kept).data)

    @extend_schema(operation_id="saved_replies_remove", request=None, responses={204: None, **problems(403, 404)})
    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Forget one."""
        saved_replies.remove(SavedReply.objects.all(), self.get_object().pk, by=self.person)
        return Response(status=HTTPStatus.NO_CONTENT)
