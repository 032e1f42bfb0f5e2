"""A picture of an answer: kept here from the moment it is put into the answer box."""

import uuid
from collections.abc import Sequence
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from ingest.models.channel import Channel
from ingest.models.conversation import Conversation
from ingest.models.message import Message


class OutgoingImageQuerySet(models.QuerySet["OutgoingImage"]):
    """Reads that name their intention."""

    def unsent(self) -> Self:
        """Those that belong to no answer yet."""
        return self.filter(message=None)

    def in_draft(self, draft: str, by: User) -> Self:
        """What this person has put into this answer box, in order."""
        return self.unsent().filter(draft=draft, uploaded_by=by).order_by("place", "id")

    def of(self, message: Message) -> Self:
        """The pictures of an answer, in order."""
        return self.filter(message=message).order_by("place")

    def without_content(self) -> Self:
        """All but the bytes."""
        return self.defer("content")

    def named(self, keys: Sequence[uuid.UUID]) -> Self:
        """Those with these keys, in any order."""
        return self.filter(key__in=keys)


class OutgoingImage(models.Model):
    """First part of a draft (`message` null), seen by who uploaded it alone; then of the answer it was sent with.

    It goes with its answer, its conversation and its channel; what is never sent is swept after a day. The bytes never
    change once there, so every attempt to send the answer carries the same pictures.
    """

    # Names it in addresses and forms, and cannot be guessed.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    # The box it was put into, as its owner calls it.
    draft = models.CharField(max_length=40)
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="pictures", db_index=False
    )
    uploaded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    content = models.BinaryField()
    media_type = models.CharField(max_length=20, choices=[("image/jpeg", "JPEG"), ("image/png", "PNG")])
    alt = models.TextField(blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    # From 1; among the pictures of its answer once it has one.
    place = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OutgoingImageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "place"], name="picture_in_its_place", condition=Q(message__isnull=False)
            ),
            models.CheckConstraint(name="picture_media_type", condition=Q(media_type__in=["image/jpeg", "image/png"])),
        ]
        indexes = [
            models.Index(fields=["uploaded_by", "draft"], name="picture_draft", condition=Q(message=None)),
            models.Index(fields=["created_at"], name="picture_unsent", condition=Q(message=None)),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.media_type}"
