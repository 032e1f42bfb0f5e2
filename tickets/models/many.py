"""One thing done to many tickets: bulk work, incidents and what is told to everybody in them; and links between two."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, User
from tickets.models.ticket import Ticket


class BulkAction(models.Model):
    """One action on hundreds of tickets, carried out in the background, batch by batch; what it did can be undone."""

    class State(models.TextChoices):
        WORKING = "working", _("At work")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # {"do": code, ...} as macros have them.
    action = models.JSONField()
    # Ids still to be worked, in order; each batch takes from the front in the transaction of its work.
    left = models.JSONField(default=list)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    # [[ticket, words], ...]: those it could not be done to, and why.
    refused = models.JSONField(default=list)
    # [[ticket, {column: value before}], ...] for undoing.
    before = models.JSONField(default=list)
    state = models.CharField(max_length=7, choices=State, default=State.WORKING)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="bulk_at_work", condition=Q(state__in=["working", "undoing"])),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class Incident(models.Model):
    """Something outside care that many customers write about: an outage, a price rise. Tickets of it point here."""

    class Kind(models.TextChoices):
        OUTAGE = "outage", _("Outage")
        PRICE = "price", _("Price change")
        LAUNCH = "launch", _("Launch")
        BREACH = "breach", _("Data breach")
        CAMPAIGN = "campaign", _("Campaign")
        OTHER = "other", _("Other")

    class Valence(models.TextChoices):
        NEGATIVE = "negative", _("Negative")
        POSITIVE = "positive", _("Positive")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="incidents")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.OTHER)
    valence = models.CharField(_("valence"), max_length=8, choices=Valence, default=Valence.NEGATIVE)
    # Words by which its posts are known; new tickets that hold one are put into it.
    terms = models.JSONField(_("words"), default=list, blank=True)
    begins_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begins_at"]
        indexes = [models.Index(fields=["brand", "begins_at"], name="incident_open", condition=Q(closed_at=None))]

    def __str__(self) -> str:
        return self.name


class IncidentUpdate(models.Model):
    """One piece of news told to every open ticket of an incident, in each customer's language."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    # By two-letter language.
    texts = models.JSONField(default=dict)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField()
    left = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="incident_update_at_work", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return f"{self.incident_id} at {self.at:%H:%M}"


class Surge(models.Model):
    """Alike tickets of one hour that nobody has opened an incident for (tickets.incidents.surges): a suggestion."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    # What the model read as the trigger of most of them, and the words they share as people wrote them.
    about = models.CharField(max_length=20)
    words = models.JSONField(default=list)
    # Ids of tickets.
    tickets = models.JSONField(default=list)
    begins_at = models.DateTimeField()
    made_at = models.DateTimeField()
    # When it was last there; whom it was told to hear of it no second time while it goes on.
    seen_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["-seen_at"], name="surge_lately")]

    def __str__(self) -> str:
        return f"{len(self.tickets)} about {self.about}: {', '.join(self.words)}"


class TicketLink(models.Model):
    """Two tickets that have to do with each other, the lower number first."""

    first = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="link_once"),
            models.CheckConstraint(name="link_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"#{self.first_id} and #{self.second_id}"
