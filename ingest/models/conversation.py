"""Messages between one contact and one channel, threaded as on the platform."""

from django.db import models

from ingest.models.channel import Channel
from ingest.models.contact import Contact


class Conversation(models.Model):
    """One thread with one contact. `key` is the platform's thread id, or the root post's id where it has none."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="conversations")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="conversations")
    key = models.CharField(max_length=512)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "contact", "key"], name="conversation_once"),
        ]

    def __str__(self) -> str:
        return self.key
