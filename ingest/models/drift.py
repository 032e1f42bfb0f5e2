"""What was read in a week, in one row for each channel and language, so that a change of the readings shows."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ingest.models.channel import Channel


class ReadingWeek(models.Model):
    """Counts of the messages that customers posted in one week and a reader could read (ingest.drift writes them).

    Counts and not shares, so that rows can be added up.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="reading_weeks", db_index=False)
    language = models.CharField(max_length=8, blank=True)
    # The Monday it begins on, in the installation's time zone.
    week = models.DateField()

    messages = models.PositiveIntegerField()
    # How many of each likeliest class: {"negative": 12, ...}; so too for the urgencies and the reasons, of which a
    # message may have several.
    sentiment = models.JSONField(default=dict)
    urgency = models.JSONField(default=dict)
    reasons = models.JSONField(default=dict)
    # {"yes": 40, "no": 160}; empty from a reader that does not know of it.
    follow_up = models.JSONField(default=dict)
    # The mean of 1 less the likeliest share; null where a person said the sentiment of all of them.
    uncertainty = models.FloatField(null=True)
    # By label, how many of these messages people have corrected by now.
    corrected = models.JSONField(default=dict)
    # How many each model read, by its name and version.
    readers = models.JSONField(default=dict)

    # How far each distribution lies from the weeks before (ingest.stability), and those that gave alarm.
    shift = models.JSONField(default=dict)
    alarms = ArrayField(models.CharField(max_length=32), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "language", "week"], name="reading_week_once"),
        ]
        indexes = [models.Index(fields=["week"], name="reading_week")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.language} {self.week}"
