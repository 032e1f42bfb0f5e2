"""The models that read: the one in charge, the one tried beside it, what that one read, and re-readings of the past."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingest.models.message import Message


class ReaderModelQuerySet(models.QuerySet["ReaderModel"]):
    """Reads that name their intention."""

    def in_use(self) -> Self:
        """The champion and the challenger, where there are any."""
        return self.filter(role__in=[ReaderModel.Role.CHAMPION, ReaderModel.Role.CHALLENGER])


class ReaderModel(models.Model):
    """A model that was added here. At most one is in charge and at most one is tried in its shadow.

    added as challenger -> champion -> retired; a person may promote a retired one again. Without a champion the model
    of the settings reads.
    """

    class Role(models.TextChoices):
        CHAMPION = "champion", _("In charge")
        CHALLENGER = "challenger", _("In the shadow")
        RETIRED = "retired", _("Retired")

    # What people call it; `model` and `version` are what the model itself writes on its readings.
    name = models.CharField(_("name"), max_length=80)
    model = models.CharField(max_length=80)
    version = models.CharField(_("version"), max_length=40)
    # As sentiment.engine.read takes it.
    spec = models.CharField(max_length=500)
    role = models.CharField(max_length=10, choices=Role, default=Role.CHALLENGER)
    # What was measured when it was added, and what the comparison said when it was promoted.
    metrics = models.JSONField(default=dict, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    promoted_at = models.DateTimeField(null=True, blank=True)
    promoted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    # Every message up to this id has been dealt with in the shadow; at first, what was read before it was added.
    shadow_after = models.BigIntegerField(default=0)
    # Batches begun since the last one that ended: a process that dies over a model leaves it counted.
    tries = models.PositiveIntegerField(default=0)
    # Why it cannot read now, in the words of the error; empty while it can.
    trouble = models.TextField(blank=True)
    trouble_at = models.DateTimeField(null=True, blank=True)

    objects = ReaderModelQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["role"], name="one_champion", condition=Q(role="champion")),
            models.UniqueConstraint(fields=["role"], name="one_challenger", condition=Q(role="challenger")),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class ShadowReading(models.Model):
    """What a challenger reads of a live message, beside what the model in charge had read of it. Nobody acts on it.

    The live answers are copied, so that a comparison neither joins a large table nor changes when a person corrects
    the message or it is read again. `at` is null while the row is only a claim; `error` tells why there is no answer.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    reader = models.ForeignKey(ReaderModel, on_delete=models.CASCADE, related_name="shadow_readings", db_index=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    # Seconds a message of its batch took.
    seconds = models.FloatField(null=True, blank=True)
    language = models.CharField(max_length=8, blank=True)

    negative = models.FloatField(null=True, blank=True)
    neutral = models.FloatField(null=True, blank=True)
    positive = models.FloatField(null=True, blank=True)
    sentiment = models.CharField(max_length=8, blank=True)
    reasons = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    urgency = models.CharField(max_length=6, blank=True)
    follow_up = models.FloatField(null=True, blank=True)
    threshold = models.FloatField(null=True, blank=True)
    # Whether a person should see it: by follow_up and threshold, else as triage goes by tone and reasons.
    needs_person = models.BooleanField(null=True, blank=True)
    trigger = models.CharField(max_length=16, blank=True)
    aim = models.CharField(max_length=12, blank=True)

    live_model = models.CharField(max_length=80, blank=True)
    live_version = models.CharField(max_length=40, blank=True)
    live_negative = models.FloatField(null=True, blank=True)
    live_neutral = models.FloatField(null=True, blank=True)
    live_positive = models.FloatField(null=True, blank=True)
    live_sentiment = models.CharField(max_length=8, blank=True)
    live_reasons = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    live_urgency = models.CharField(max_length=6, blank=True)
    live_follow_up = models.FloatField(null=True, blank=True)
    live_threshold = models.FloatField(null=True, blank=True)
    live_needs_person = models.BooleanField(null=True, blank=True)
    live_trigger = models.CharField(max_length=16, blank=True)
    live_aim = models.CharField(max_length=12, blank=True)
    # The labels on which the two differ.
    differs = ArrayField(models.CharField(max_length=16), default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "reader"], name="shadow_once")]
        indexes = [
            models.Index(fields=["reader", "at"], name="shadow_window"),
            models.Index(fields=["reader", "lease_until"], name="shadow_claimed", condition=Q(at=None)),
            models.Index(fields=["reader", "-id"], name="shadow_differs", condition=~Q(differs=[])),
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} on {self.message_id}"


class Reread(models.Model):
    """One run of `manage.py reread`: how far it has come is written with each batch, so that another start goes on."""

    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    spec = models.CharField(max_length=500)
    model = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    # Read up to here; and the newest message there was when it began.
    after = models.BigIntegerField(default=0)
    last = models.BigIntegerField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    # Starts of the batch that comes next: a text that kills the process must not stop the run for ever.
    tries = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["since", "until", "spec", "model", "version"],
                name="one_unfinished_reread",
                condition=Q(finished_at=None),
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.version} since {self.since:%Y-%m-%d}"
