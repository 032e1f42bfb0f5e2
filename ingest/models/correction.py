"""What a person said a message's reading should have been. Rows are only ever added: going back is one more.

But for an undo of tickets.incoming.examine, which takes its own row back: a slip is nobody's word.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingest.models.message import Message


class Correction(models.Model):
    """One label of one message, corrected once. The message itself holds the value that counts now.

    `old` and `new` by label: a name for sentiment, urgency, trigger and aim ("" for none of them), "yes" or "no" for
    follow_up, a list of names for reasons. `old` is null where nobody and nothing had said anything yet.
    """

    class Label(models.TextChoices):
        SENTIMENT = "sentiment", _("Sentiment")
        FOLLOW_UP = "follow_up", _("Follow-up")
        REASONS = "reasons", _("Reasons")
        URGENCY = "urgency", _("Urgency")
        TRIGGER = "trigger", _("Trigger")
        AIM = "aim", _("Aim")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="corrections", db_index=False)
    label = models.CharField(max_length=16, choices=Label)
    old = models.JSONField(null=True)
    new = models.JSONField()
    # Null once that person's account is gone.
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="corrections")
    at = models.DateTimeField()
    # The model whose reading stood there; empty where none could read the message.
    reader = models.CharField(max_length=80, blank=True)
    reader_version = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = [
            # A message's newest first, and message by message for the export.
            models.Index(fields=["message", "-id"], name="correction_newest"),
            models.Index(fields=["at"], name="correction_at"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.label}: {self.old} -> {self.new}"
