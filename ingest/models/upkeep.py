"""What is kept of a channel besides its messages: what it costs, what its past was, whether everything is here."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ingest.models.channel import Channel
from ingest.models.message import Message


class Spend(models.Model):
    """How many of one thing a platform charged us for on one day (UTC)."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="spend", db_index=False)
    day = models.DateField()
    # A name of the price list (ingest.prices).
    item = models.CharField(max_length=32)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "day", "item"], name="spend_once")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day} {self.item}: {self.count}"


class Backfill(models.Model):
    """The reading of a channel's past, in the background and after live posts. At most one at work a channel."""

    class State(models.TextChoices):
        WORKING = "working", _("Reading the past")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="backfills")
    since = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State, default=State.WORKING)
    cursor = models.JSONField(default=dict, blank=True)
    pages = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    # The oldest post read so far: how far it has come.
    reached = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel"], name="one_backfill_at_work", condition=Q(state="working"))
        ]
        indexes = [models.Index(fields=["due_at"], name="backfill_due", condition=Q(state="working"))]

    def __str__(self) -> str:
        return f"{self.channel_id} since {self.since:%Y-%m-%d}: {self.state}"


class Reach(models.Model):
    """Public figures of a post at one time; two of them make a speed."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reach", db_index=False)
    at = models.DateTimeField()
    # {"likes": 3, "reposts": 1, "replies": 2, "views": 900}: what the platform tells.
    metrics = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "at"], name="reach_once")]

    def __str__(self) -> str:
        return f"{self.message_id} at {self.at:%Y-%m-%d %H:%M}"


class Tombstone(models.Model):
    """A post that was deleted before it came here: if it comes after all, out of order, it stays away."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="tombstones", db_index=False)
    external_id = models.CharField(max_length=512)
    deleted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="tombstone_once")]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.external_id}"


class ChannelHour(models.Model):
    """What the reconciler found of one hour: each post that the platform shows of it is here, came late, or missed."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    expected = models.PositiveIntegerField()
    present = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    # Not here when it was looked for; taken in by then.
    missing = models.PositiveIntegerField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "hour"], name="hour_once")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.hour:%Y-%m-%d %H}: {self.present}/{self.expected}"
