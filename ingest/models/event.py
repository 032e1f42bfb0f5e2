"""What platforms told us by webhook, kept raw until it has been understood."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ingest.models.channel import Channel


class InboundEvent(models.Model):
    """One event, stored before its call was answered: whatever happens afterwards, it is not lost.

    waiting -> done | failed (again and again; kept, and may be replayed). A second call with the same key is known.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Taken in")
        FAILED = "failed", _("Not understood")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="events", db_index=False)
    key = models.CharField(max_length=255)
    payload = models.JSONField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    received_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="event_once")]
        indexes = [
            models.Index(fields=["id"], name="event_waiting", condition=Q(state="waiting")),
            models.Index(fields=["id"], name="event_failed", condition=Q(state="failed")),
            # What is done is kept for a while only: long enough to know it again.
            models.Index(fields=["received_at"], name="event_done", condition=Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.key}"
