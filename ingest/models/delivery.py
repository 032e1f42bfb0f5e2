"""The outbox row of one answer on its way to the platform."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ingest.models.channel import Channel
from ingest.models.conversation import Conversation
from ingest.models.message import Message


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Reads that name their intention."""

    def unfinished(self) -> Self:
        """Those that still owe the platform something."""
        return self.filter(state__in=Delivery.UNFINISHED)

    def due_at(self, now: datetime) -> Self:
        """Ready for an attempt, and not in another worker's hands."""
        return self.unfinished().filter(due_at__lte=now).filter(Q(lease_until=None) | Q(lease_until__lt=now))


class Delivery(models.Model):
    """Written in the transaction of the answer itself. `key` is the same at every attempt.

    waiting -> sending -> sent | unknown | failed | waiting (to be tried again);  waiting -> cancelled.
    A row found in `sending` whose lease ran out was being sent by a process that died: its outcome is unknown, and
    the platform is asked before anything is posted again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        UNKNOWN = "unknown", _("Outcome unknown")
        FAILED = "failed", _("Not sent")
        CANCELLED = "cancelled", _("Taken back")

    UNFINISHED = (State.WAITING, State.SENDING, State.UNKNOWN)
    FINISHED = (State.SENT, State.FAILED, State.CANCELLED)

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="delivery")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="deliveries")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    first_tried_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # False until the ticket has taken note of how it ended.
    settled = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="delivery_due", condition=Q(state__in=["waiting", "sending", "unknown"])
            ),
            models.Index(
                fields=["conversation", "id"],
                name="delivery_in_order",
                condition=Q(state__in=["waiting", "sending", "unknown"]),
            ),
            models.Index(fields=["id"], name="delivery_failed", condition=Q(state="failed")),
            models.Index(
                fields=["id"],
                name="delivery_unsettled",
                condition=Q(state__in=["sent", "failed", "cancelled"], settled=False),
            ),
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.key} {self.state}"
