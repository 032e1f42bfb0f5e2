"""Saved replies in the API: the words people keep for their answers."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.answering import saved_replies
from tickets.api.kept import Keepsakes, KeptSerializer, SayKeptSerializer, described, scope_in
from tickets.models import SavedReply


class SavedReplySerializer(KeptSerializer, serializers.ModelSerializer[SavedReply]):
    """Words for an answer, in each language that it has, with {variables}."""

    texts = serializers.SerializerMethodField(help_text="By two-letter language.")

    class Meta:
        model = SavedReply
        fields = ["id", "name", "texts", "whose", "team", "brand", "may_change", "used", "last_used_at", "version",
                  "updated_at"]  # fmt: skip
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


@described("saved_replies", SavedReplySerializer, SaySavedReplySerializer)
class SavedReplies(Keepsakes[SavedReply]):
    """My own saved replies, my teams' and everyone's, of the brands I see; the newest first."""

    queryset = SavedReply.objects.none()
    serializer_class = SavedReplySerializer
    said = SaySavedReplySerializer

    def get_queryset(self) -> QuerySet[SavedReply]:
        return saved_replies.visible(SavedReply.objects.all(), self.person)

    def keep(self, given: dict[str, Any], row: SavedReply | None) -> SavedReply:
        told = {"name": row.name, "texts": row.texts} | given if row else given
        return saved_replies.keep(
            name=told["name"], texts=told["texts"], scope=scope_in(given, row), by=self.person,
            pk=row.pk if row else None, version=given.get("version"),
        )  # fmt: skip

    def forget(self, pk: int) -> None:
        saved_replies.remove(SavedReply.objects.all(), pk, by=self.person)
