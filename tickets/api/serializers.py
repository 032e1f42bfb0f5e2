"""Shapes of the work: what tickets look like from outside, and what the verbs want to be told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Team, User
from ingest.api import (
    BrandSerializer,
    ContactSerializer,
    DeliverySerializer,
    MessageSerializer,
    WriterSerializer,
)
from ingest.models import Channel
from tickets import reasons
from tickets.forms import LATEST
from tickets.models import Activity, Incident, Ticket
from tickets.verbs.lifecycle import LONGEST_NOTE


class TeamSerializer(serializers.ModelSerializer[Team]):
    """People who share a queue."""

    class Meta:
        model = Team
        fields = ["id", "name"]
        read_only_fields = fields


class SourceSerializer(serializers.ModelSerializer[Channel]):
    """The channel a ticket came in by."""

    class Meta:
        model = Channel
        fields = ["id", "name", "platform"]
        read_only_fields = fields


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["code", "text"],
            "properties": {"code": {"type": "string"}, "text": {"type": "string"}},
        },
    }
)
class Why(serializers.Field[Any, Any, Any, Any]):
    """Reasons by their code and in words."""

    def to_representation(self, value: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        words = reasons.words(value)
        return [{"code": str(one.get("code", "")), "text": text} for one, text in zip(value, words, strict=True)]


class IncidentOfSerializer(serializers.ModelSerializer[Incident]):
    """The incident a ticket belongs to."""

    class Meta:
        model = Incident
        fields = ["id", "name", "closed_at"]
        read_only_fields = fields


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """The follow-up work for one customer's problem. Valences run from -1 to 1."""

    brand = BrandSerializer(read_only=True)
    channel = SourceSerializer(read_only=True)
    contact = ContactSerializer(read_only=True)
    team = TeamSerializer(read_only=True, allow_null=True)
    assignee = WriterSerializer(read_only=True, allow_null=True)
    incident = IncidentOfSerializer(read_only=True, allow_null=True)
    why = Why(read_only=True, help_text="Why it became a ticket.")
    lift = serializers.FloatField(
        read_only=True, allow_null=True, help_text="The customer's sentiment after care minus before care."
    )
    position = serializers.IntegerField(
        read_only=True, help_text="How many messages it holds; an answer names the position it was written at."
    )

    class Meta:
        model = Ticket
        fields = ["id", "status", "urgency", "priority", "tags", "snoozed_until", "merged_into", "subject", "brand",
                  "channel", "contact", "team", "assignee", "incident", "language", "preview", "preview_language",
                  "why", "position", "opened_at", "due_at", "waiting_since", "assigned_at", "first_answered_at",
                  "last_answered_at", "last_customer_at", "resolved_at", "updated_at", "reopened", "previous",
                  "first_valence", "before_valence", "after_valence", "latest_valence", "lift"]  # fmt: skip
        read_only_fields = fields


@extend_schema_field({"type": "object", "additionalProperties": {}})
class Details(serializers.JSONField):
    """Details whose names depend on the verb."""


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """Who did what, and when. Without an actor it was Radd itself."""

    actor = WriterSerializer(read_only=True, allow_null=True)
    data = Details(read_only=True)  # type: ignore[assignment]  # the name of the column

    class Meta:
        model = Activity
        fields = ["id", "verb", "actor", "at", "data"]
        read_only_fields = fields


class StorySerializer(serializers.Serializer[Any]):
    """A ticket with its thread and its record, each in the order of time."""

    ticket = TicketSerializer(read_only=True)
    messages = MessageSerializer(many=True, read_only=True)
    activities = ActivitySerializer(many=True, read_only=True)
    truncated = serializers.BooleanField(read_only=True, help_text="Older messages or activities were left out.")


class AnswerSerializer(serializers.Serializer[Any]):
    """An answer to the customer."""

    text = serializers.CharField(help_text="At most what the platform takes, as the platform counts.")
    seen = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The ticket's `position` as you saw it."
    )
    key = serializers.UUIDField(
        required=False,
        help_text="Yours, one for each answer: sent twice with the same key, it goes out once. "
        "The header `Idempotency-Key` does as well.",
    )
    resolve = serializers.BooleanField(default=False, help_text="Resolve the ticket with this answer.")
    pictures = serializers.ListField(
        child=serializers.UUIDField(),
        default=list,
        max_length=20,
        help_text="Keys of pictures in your box on this ticket, in the order they are to be shown. "
        "Where the answer goes out as several posts, they go with the first.",
    )
    private = serializers.BooleanField(
        default=False, help_text="To the customer alone, where the platform has a way; else refused."
    )
    at = serializers.DateTimeField(
        required=False, help_text="Not before then: within the next 30 days. Until it has gone out nobody is answered."
    )

    def validate_at(self, at: datetime) -> datetime:
        """A time to come, and not too far."""
        if not timezone.now() < at <= timezone.now() + LATEST:
            raise serializers.ValidationError(_("Choose a time within the next 30 days."))
        return at


class OutsideSerializer(serializers.Serializer[Any]):
    """That the customer was answered elsewhere."""

    seen = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The ticket's `position` as you saw it."
    )
    link = serializers.CharField(
        required=False, allow_blank=True, max_length=2000, help_text="Where the answer stands, http or https."
    )
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=10_000, help_text="Its words, as far as you know them."
    )
    key = serializers.UUIDField(required=False, help_text="As for an answer: told twice with one key, it counts once.")


class AnsweredSerializer(serializers.Serializer[Any]):
    """The answer on its way, and the ticket as it stands now."""

    delivery = DeliverySerializer(read_only=True, help_text="Of its first post.")
    message = MessageSerializer(read_only=True, help_text="Its first post.")
    posts = MessageSerializer(
        many=True, read_only=True, help_text="All it goes out as, in order: one, unless it is longer than a post."
    )
    ticket = TicketSerializer(read_only=True)


class AssignSerializer(serializers.Serializer[Any]):
    """Whom to give the ticket to."""

    to = serializers.PrimaryKeyRelatedField[User](
        queryset=User.objects.filter(is_active=True),
        allow_null=True,
        help_text="Somebody of /api/people; null puts it back in the queue.",
    )


class NoteSerializer(serializers.Serializer[Any]):
    """A note for the team, never shown to the customer."""

    text = serializers.CharField(max_length=LONGEST_NOTE)


class MovedOnSerializer(serializers.Serializer[Any]):
    """Refused: messages came since the position that was seen."""

    code = serializers.CharField(help_text="moved_on")
    detail = serializers.CharField()
    newer = MessageSerializer(many=True, help_text="What came since, the oldest first.")


class UnsendableSerializer(serializers.Serializer[Any]):
    """Refused: it cannot be sent as it stands."""

    code = serializers.CharField(help_text="too_long, unsendable, empty, stopped, key_used, bad_picture or bad_link")
    detail = serializers.CharField()
    used = serializers.IntegerField(required=False, help_text="too_long: its length, as the platform counts.")
    limit = serializers.IntegerField(required=False, help_text="too_long: the most the platform takes.")
    findings = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="stopped: codes of what the guard found."
    )
    reason = serializers.CharField(
        required=False,
        help_text="unsendable: not_summoned, gone, closed, automatic, no_account. "
        "bad_picture: gone, too_many, too_large, too_many_pixels, not_a_picture, moving.",
    )
