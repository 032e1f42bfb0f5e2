"""A connected account or search on one platform, and the items of it that could not be understood."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField

from accounts.models import Brand, Team
from ingest.platforms.base import Account, Json, Session


class Channel(models.Model):
    """One place Radd reads and answers for a brand: credentials, cursor, health and the next time to look."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        # Only a person can mend it: wrong or expired credentials, a suspended account.
        BROKEN = "broken", _("Needs attention")
        # Gone from work for good, its keys with it; what it brought stays to be read.
        REMOVED = "removed", _("Removed")
        # Removed, and what it brought is being erased; the row goes last.
        ERASING = "erasing", _("Being erased")

    GONE = (State.REMOVED, State.ERASING)

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(_("name"), max_length=120)
    platform = models.CharField(_("platform"), max_length=24)
    # Who we are there: the platform's own id and handle of our account.
    external_id = models.CharField(_("account id"), max_length=255, blank=True)
    handle = models.CharField(_("handle"), max_length=255, blank=True)
    # JSON text, encrypted at rest.
    secrets = EncryptedTextField(_("credentials"), null=True, blank=True, default=None)
    options = models.JSONField(_("options"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)

    # Who has its tickets where no rule says another.
    default_team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("default team")
    )
    # In the address of its webhook.
    hook = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # US dollars a month; null: no bound.
    monthly_cap = models.DecimalField(_("monthly cap"), max_digits=9, decimal_places=2, null=True, blank=True)

    cursor = models.JSONField(default=dict, blank=True)
    stream_cursor = models.JSONField(default=dict, blank=True)
    # What the platform's rate limit last allowed: limit, remaining, resets_at.
    room = models.JSONField(default=dict, blank=True)
    poll_seconds = models.PositiveIntegerField(_("seconds between looks"), default=60)
    next_poll_at = models.DateTimeField(default=None, null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_polled_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_new_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["next_poll_at"], name="channel_due", condition=models.Q(state="active")),
            models.Index(fields=["id"], name="channel_erasing", condition=models.Q(state="erasing")),
        ]
        constraints = [
            # The name of one that was removed is free again.
            models.UniqueConstraint(
                fields=["name"], name="channel_name_once", condition=~models.Q(state__in=["removed", "erasing"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def account(self, credentials: Json, session: Session) -> Account:
        """What an adapter needs to know of this channel."""
        return Account(
            channel_id=self.pk,
            external_id=self.external_id,
            handle=self.handle,
            credentials=credentials,
            options=self.options,
            timeout=settings.PLATFORM_TIMEOUT,
            session=session,
        )


class ChannelSession(models.Model):
    """Tokens that a platform gives and takes back while we use it. Its own table, so that its lock holds up nothing."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="+")
    # JSON text, encrypted at rest.
    secrets = EncryptedTextField(null=True, blank=True, default=None)

    def __str__(self) -> str:
        return f"session of {self.channel_id}"


class BadItem(models.Model):
    """One item of a platform's answer that we could not understand, kept whole until a person or a fix replays it."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="bad_items")
    external_id = models.CharField(max_length=512)
    payload = models.JSONField()
    error = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="bad_item_once")]

    def __str__(self) -> str:
        return f"{self.channel}: {self.external_id}"
