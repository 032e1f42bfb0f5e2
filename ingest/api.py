"""The outside world in the API, to be read: channels with their health, messages with their readings."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.filtering import of_whoever_asks
from accounts.api.ground import Ground
from accounts.api.pages import NewestFirst
from accounts.api.problems import problems
from accounts.models import Brand, User
from accounts.permissions import brand_ids
from ingest.models import Channel, Contact, Delivery, Message


class BrandSerializer(serializers.ModelSerializer[Brand]):
    """The company cared for."""

    class Meta:
        model = Brand
        fields = ["id", "name"]
        read_only_fields = fields


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """A connected account and how it fares. Its credentials never leave the server."""

    brand = BrandSerializer(read_only=True)

    class Meta:
        model = Channel
        fields = ["id", "name", "brand", "platform", "handle", "state", "poll_seconds", "last_polled_at", "last_ok_at",
                  "last_new_at", "error_code"]  # fmt: skip
        read_only_fields = fields


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """One account that writes to us."""

    class Meta:
        model = Contact
        fields = ["id", "platform", "external_id", "handle", "name", "followers", "is_own"]
        read_only_fields = fields


class WriterSerializer(serializers.ModelSerializer[User]):
    """Somebody who works here."""

    class Meta:
        model = User
        fields = ["id", "name"]
        read_only_fields = fields


@extend_schema_field({"type": "array", "items": {"type": "array", "items": {"type": "number"}}})
class Evidence(serializers.JSONField):
    """Marks in a text: [start, end, weight] each."""


class ReadingSerializer(serializers.ModelSerializer[Message]):
    """What the model says of the text, or a person instead. The numbers are null while it is unread, or where no
    reading could be had; `follow_up` and `threshold` also from a model that knows sentiment only.
    """

    valence = serializers.FloatField(read_only=True, allow_null=True, help_text="positive - negative, from -1 to 1")
    sentiment = serializers.CharField(read_only=True, help_text="negative, neutral, positive; empty while unread")
    reasons = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        source="cues",
        help_text="Names such as complaint or question, those that call for a person first.",
    )
    follow_up = serializers.FloatField(
        read_only=True, allow_null=True, help_text="Calibrated probability that a person owes this message an answer."
    )
    threshold = serializers.FloatField(
        read_only=True, allow_null=True, help_text="The model's own follow_up from which a person is called."
    )
    trigger = serializers.CharField(read_only=True, help_text="What set a complaint off; empty where there is none.")
    aim = serializers.CharField(read_only=True, help_text="What a complaint is after; empty where there is none.")
    evidence = Evidence(
        read_only=True,
        help_text="The words that carried the decision: [start, end, weight] in characters of `text`, end exclusive.",
    )
    corrected = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        source="person_said",
        help_text="What of this a person said instead of the model: sentiment, follow_up, reasons, ...",
    )
    model = serializers.CharField(read_only=True, source="reader")
    version = serializers.CharField(read_only=True, source="reader_version")
    error = serializers.CharField(read_only=True, source="read_error")

    class Meta:
        model = Message
        fields = ["language", "negative", "neutral", "positive", "valence", "sentiment", "follow_up", "threshold",
                  "reasons", "urgency", "trigger", "aim", "evidence", "corrected", "cues", "model", "version",
                  "read_at", "error"]  # fmt: skip
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """An answer on its way to the platform."""

    class Meta:
        model = Delivery
        fields = ["key", "state", "due_at", "attempts", "finished_at", "error_code"]
        read_only_fields = fields


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": {}}})
class Objects(serializers.JSONField):
    """A list of objects whose names vary."""


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One post, comment, direct message or mail, theirs or ours."""

    contact = ContactSerializer(read_only=True)
    author = WriterSerializer(read_only=True, allow_null=True, help_text="Who wrote it here; null for customers.")
    reading = ReadingSerializer(read_only=True, source="*")
    delivery = DeliverySerializer(read_only=True, allow_null=True)
    reasons = Objects(read_only=True, help_text="Why triage decided so: objects with a `code`.")
    media = Objects(read_only=True)

    class Meta:
        model = Message
        fields = ["id", "channel", "direction", "kind", "external_id", "parent_external_id", "url", "contact", "author",
                  "text", "media", "posted_at", "received_at", "edited_at", "deleted_at", "state", "reading",
                  "decision", "reasons", "disposition", "decided_at", "delivery"]  # fmt: skip
        read_only_fields = fields


def channels_of(request: Any) -> QuerySet[Channel]:
    """The channels this person may see."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Channel.objects.none()
    allowed = brand_ids(user)
    return Channel.objects.all() if allowed is None else Channel.objects.filter(brand__in=allowed)


class MomentField(django_filters.fields.IsoDateTimeField):
    """A moment in UTC: PostgreSQL takes no offset beyond a few hours, and ISO 8601 nearly a day."""

    def to_python(self, value: Any) -> datetime | None:
        """Raises ValidationError also for what no calendar holds in UTC."""
        moment: datetime | None = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(django_filters.IsoDateTimeFilter):
    """By a moment, as `MomentField` reads it."""

    field_class = MomentField


class MessageFilter(django_filters.FilterSet):
    """Narrow messages down."""

    channel = django_filters.ModelChoiceFilter(queryset=of_whoever_asks(channels_of), label=_("Channel"))
    decision = django_filters.ChoiceFilter(choices=Message.Decision.choices)
    disposition = django_filters.ChoiceFilter(choices=Message.Disposition.choices)
    language = django_filters.CharFilter(label=_("Language"))
    since = MomentFilter(field_name="received_at", lookup_expr="gte")

    class Meta:
        model = Message
        fields = ["channel", "decision", "disposition", "language"]


@extend_schema_view(
    list=extend_schema(responses={200: ChannelSerializer(many=True), **problems(400)}),
    retrieve=extend_schema(responses={200: ChannelSerializer, **problems(404)}),
)
class Channels(Ground, ReadOnlyModelViewSet[Channel]):
    """The channels of my brands and how they fare; by id also one that was removed."""

    queryset = Channel.objects.none()
    serializer_class = ChannelSerializer
    pagination_class = NewestFirst
    filter_backends = []
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Channel]:
        rows = channels_of(self.request).select_related("brand").defer("secrets", "options", "cursor")
        # By its id one that was removed is still found: tickets and messages name it.
        return rows.exclude(state__in=Channel.GONE) if self.action == "list" else rows


@extend_schema_view(
    list=extend_schema(responses={200: MessageSerializer(many=True), **problems(400)}),
    retrieve=extend_schema(responses={200: MessageSerializer, **problems(404)}),
)
class Messages(Ground, ReadOnlyModelViewSet[Message]):
    """Messages of my brands' channels, the newest first."""

    queryset = Message.objects.none()
    serializer_class = MessageSerializer
    pagination_class = NewestFirst
    filterset_class = MessageFilter
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Message]:
        of_mine = Message.objects.filter(channel__in=channels_of(self.request))
        return of_mine.select_related("contact", "author", "delivery").defer("raw", "metrics")
