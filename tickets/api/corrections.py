"""Messages in the API with what may be done to them: a reading corrected, and the record of its corrections."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import problems
from ingest.api import Messages, MessageSerializer, WriterSerializer
from ingest.corrections import VALUES, Label, NoSuchValue, checked
from ingest.models import Correction
from tickets.api import refusals
from tickets.incoming import corrections

# The newest of them; nobody corrects one message more often than this.
MOST = 100


@extend_schema_field(
    {
        "nullable": True,
        "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    }
)
class Said(serializers.JSONField):
    """A name, or names for reasons."""


class CorrectSerializer(serializers.Serializer[Any]):
    """What a label is. For reasons all that hold, for trigger and aim "" for none."""

    label = serializers.ChoiceField(choices=Label.choices)  # type: ignore[assignment]  # the name in the API
    value = Said(help_text="; ".join(f"{label}: {', '.join(names)}" for label, names in VALUES.items()))
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000, help_text="Why.")

    def validate(self, attrs: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {**attrs, "value": checked(attrs["label"], attrs["value"])}
        except NoSuchValue:
            words = ", ".join(name or '""' for name in VALUES[attrs["label"]])
            raise serializers.ValidationError({"value": [f"{attrs['label']}: {words}"]}) from None


class CorrectionSerializer(serializers.ModelSerializer[Correction]):
    """One label corrected once: who, when, what stood there, and the model that had said so."""

    user = WriterSerializer(read_only=True, allow_null=True, help_text="Null once that person is gone.")
    old = Said(read_only=True, help_text="Null where nothing had been said yet.")
    new = Said(read_only=True)
    model = serializers.CharField(read_only=True, source="reader")
    version = serializers.CharField(read_only=True, source="reader_version")

    class Meta:
        model = Correction
        fields = ["id", "label", "old", "new", "user", "at", "model", "version", "note"]
        read_only_fields = fields


class CorrectableMessages(Messages):
    """Messages of my brands' channels, the newest first, and the way to correct their readings."""

    tell = staticmethod(refusals.answer)

    @extend_schema(
        operation_id="messages_correct",
        request=CorrectSerializer,
        responses={200: MessageSerializer, **problems(400, 403, 404, 422)},
    )
    @action(methods=["post"], detail=True)
    def correct(self, request: Request, **_kwargs: Any) -> Response:
        """Say what a label of a customer's message is. What it says already is left as it is, without a trace."""
        message = self.get_object()
        given = CorrectSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        corrections.correct(message.pk, by=self.person, **given.validated_data)
        return Response(MessageSerializer(self.get_object()).data)

    @extend_schema(
        operation_id="messages_corrections",
        filters=False,
        responses={200: CorrectionSerializer(many=True), **problems(404)},
    )
    @action(detail=True, pagination_class=None, filterset_class=None)
    def corrections(self, _request: Request, **_kwargs: Any) -> Response:
        """What people corrected on this message, the newest first, a hundred at most."""
        made = self.get_object().corrections.select_related("user").order_by("-id")[:MOST]
        return Response(CorrectionSerializer(made, many=True).data)
