"""An answer that waits for a second person, as the API tells it."""

from rest_framework import serializers

from tickets.models import Approval


class ApprovalSerializer(serializers.ModelSerializer[Approval]):
    """An answer that waits, or waited, for a second person."""

    reasons = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="Why: `rule` by its name, or a `code` of the guard."
    )

    class Meta:
        model = Approval
        fields = [
            "key", "ticket", "author", "text", "reasons", "state", "asked_at", "due_at", "decided_by", "decided_at",
            "note", "text_after",
        ]  # fmt: skip
        read_only_fields = fields
