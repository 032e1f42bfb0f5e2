"""Who looked at what triage had set aside, what they said to it, and what the message was before."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingest.models import Correction, Message
from tickets.models.ticket import Ticket


class Examination(models.Model):
    """One look at one message (tickets.incoming.examine). What was taken back stays on record, with its time."""

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        OVERTURNED = "overturned", _("Overturned")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    # Null once that person's account is gone.
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    verdict = models.CharField(max_length=10, choices=Verdict)
    at = models.DateTimeField()
    # The person's word as it is kept for training; null once it was taken back.
    correction = models.OneToOneField(Correction, null=True, on_delete=models.SET_NULL, related_name="+")
    # The ticket an overturned message went to, and whether it was opened or reopened for it.
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.SET_NULL, related_name="+")
    opened = models.BooleanField(default=False)
    # The message's columns as the model and triage had left them: taking back restores them, and how sure the model was
    # when a person agreed or did not is worth knowing later.
    before = models.JSONField(default=dict)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message"], name="examined_once", condition=Q(taken_back_at=None)),
        ]
        indexes = [models.Index(fields=["user", "-at"], name="examination_mine")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.verdict}"
