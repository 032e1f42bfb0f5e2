"""The follow-up work for one customer's problem, and the messages that belong to it."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, Team, User
from accounts.permissions import brand_ids
from ingest.models import Channel, Contact, Message

LIVE = ("new", "open", "pending", "snoozed")
NEEDS_US = ("new", "open")


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Reads that name their intention and carry their joins."""

    def visible_to(self, user: User) -> Self:
        """Of the brands this person may see."""
        allowed = brand_ids(user)
        return self if allowed is None else self.filter(brand_id__in=allowed)

    def live(self) -> Self:
        return self.filter(status__in=LIVE)

    def mine(self, user: User) -> Self:
        return self.live().filter(assignee=user)

    def unassigned(self) -> Self:
        return self.live().filter(assignee=None)

    def waiting_for_us(self) -> Self:
        return self.filter(status__in=NEEDS_US)

    def waiting_in(self, team: Team) -> Self:
        """A team's queue: nobody's yet, in the order they came."""
        return self.filter(team=team, assignee=None, status__in=NEEDS_US).order_by("opened_at", "id")


class Ticket(models.Model):
    """The list row needs nothing but this row, its contact, its channel and its assignee."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        PENDING = "pending", _("Waiting for customer")
        SNOOZED = "snoozed", _("Snoozed")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    class Urgency(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("Urgent")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="tickets")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="tickets")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="tickets")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    assignee = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="later")
    status = models.CharField(max_length=8, choices=Status, default=Status.NEW)
    urgency = models.CharField(max_length=6, choices=Urgency, default=Urgency.NORMAL)
    # A person split it off: it may live beside another live ticket of the same contact.
    split_off = models.BooleanField(default=False)

    subject = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=8, blank=True)
    # The newest customer message, for the list row.
    preview = models.CharField(max_length=240, blank=True)
    preview_language = models.CharField(max_length=8, blank=True)
    why = models.JSONField(default=list, blank=True)

    opened_at = models.DateTimeField()
    # When it next wants a person: the answer's target while a customer waits, the look-again time once answered.
    due_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    first_answered_at = models.DateTimeField(null=True, blank=True)
    last_answered_at = models.DateTimeField(null=True, blank=True)
    last_customer_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()
    reopened = models.PositiveSmallIntegerField(default=0)
    # How many messages it holds. An answer names the count it was written at: a higher one means things moved on.
    position = models.PositiveIntegerField(default=0)

    # Valences from -1 to 1: the customer's first message, the last before our first answer, the last after it.
    first_valence = models.FloatField(null=True, blank=True)
    before_valence = models.FloatField(null=True, blank=True)
    after_valence = models.FloatField(null=True, blank=True)
    latest_valence = models.FloatField(null=True, blank=True)
    lift = models.GeneratedField(
        expression=F("after_valence") - F("before_valence"), output_field=models.FloatField(null=True), db_persist=True
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "contact"],
                name="one_live_ticket",
                condition=Q(status__in=LIVE, split_off=False),
            ),
            models.CheckConstraint(
                name="live_ticket_has_due_time", condition=~Q(status__in=LIVE) | Q(due_at__isnull=False)
            ),
        ]
        indexes = [
            # One for each view people open, with the condition the view's query carries. What is included lets the
            # rail count from the index alone.
            models.Index(
                fields=["assignee", "due_at", "id"],
                name="ticket_mine",
                condition=Q(status__in=LIVE),
                include=["brand", "status"],
            ),
            models.Index(
                fields=["due_at", "id"],
                name="ticket_unassigned",
                condition=Q(status__in=LIVE, assignee=None),
                include=["brand"],
            ),
            models.Index(
                fields=["due_at", "id"], name="ticket_live", condition=Q(status__in=LIVE), include=["brand", "team"]
            ),
            models.Index(fields=["-updated_at", "-id"], name="ticket_all"),
            models.Index(
                fields=["team", "opened_at", "id"],
                name="ticket_waiting",
                condition=Q(status__in=NEEDS_US, assignee=None),
            ),
            models.Index(fields=["assignee"], name="ticket_load", condition=Q(status__in=NEEDS_US)),
            models.Index(
                fields=["assignee", "-assigned_at"], name="ticket_given", condition=Q(assigned_at__isnull=False)
            ),
            models.Index(fields=["contact", "-opened_at"], name="ticket_contact"),
            models.Index(fields=["resolved_at"], name="ticket_resolved", condition=Q(status="resolved")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


class TicketMessage(models.Model):
    """A message's place on a ticket. The message does not know of it: links point downwards only."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="entries")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["ticket", "message"], name="entry_thread")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.message_id}"
