"""The follow-up work for one customer's problem, and the messages that belong to it."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, Team, User
from accounts.permissions import brand_ids
from ingest.models import Channel, Contact, Message

LIVE = ("new", "open", "pending", "snoozed")
NEEDS_US = ("new", "open")
# In orders, above every valence: what nobody could read is not the most negative.
UNREAD_VALENCE = 2.0


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

    class Priority(models.IntegerChoices):
        """What people and rules say of a ticket; urgency is what the model reads in its words."""

        URGENT = 1, _("Urgent")
        HIGH = 2, _("High")
        NORMAL = 3, _("Normal")
        LOW = 4, _("Low")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="tickets")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="tickets")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="tickets")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    assignee = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="later")
    status = models.CharField(max_length=8, choices=Status, default=Status.NEW)
    urgency = models.CharField(max_length=6, choices=Urgency, default=Urgency.NORMAL)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    # A person split it off: it may live beside another live ticket of the same contact.
    split_off = models.BooleanField(default=False)
    # Whose accounts people have linked; null while nobody has.
    customer = models.ForeignKey(
        "tickets.Customer", null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    # The ticket that holds its messages since it was merged into it.
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    incident = models.ForeignKey(
        "tickets.Incident", null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    # Ids of tags.
    tags = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    # What a person must know to solve it, as rules say.
    needs_skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    needs_language = models.CharField(max_length=8, blank=True)

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
    # Null while snoozed: until the customer writes.
    snoozed_until = models.DateTimeField(null=True, blank=True)
    first_answered_at = models.DateTimeField(null=True, blank=True)
    last_answered_at = models.DateTimeField(null=True, blank=True)
    last_customer_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()
    reopened = models.PositiveSmallIntegerField(default=0)
    # How many messages it holds. An answer names the count it was written at: a higher one means things moved on.
    position = models.PositiveIntegerField(default=0)

    # --- clocks (tickets.targets.clocks) ---
    policy = models.ForeignKey("tickets.SlaPolicy", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # When an answer, and the solution, is owed; null while nobody waits for it or the clock stands still.
    answer_due_at = models.DateTimeField(null=True, blank=True)
    resolve_due_at = models.DateTimeField(null=True, blank=True)
    # Seconds of open time that each clock had run when it last began to run, and when that was (null: it stands still).
    answer_used = models.PositiveIntegerField(default=0)
    answer_since = models.DateTimeField(null=True, blank=True)
    resolve_used = models.PositiveIntegerField(default=0)
    resolve_since = models.DateTimeField(null=True, blank=True)
    # The next moment at which a clock wants something done: a warning, a breach.
    alarm_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)

    # An answer of it waits for a second person; it is on its way up a chain.
    awaits_approval = models.BooleanField(default=False)
    escalated = models.BooleanField(default=False)
    # How often its most seen post was seen, where the platform tells.
    reach = models.PositiveIntegerField(null=True, blank=True)

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
            models.UniqueConstraint(
                fields=["customer"],
                name="one_live_ticket_of_customer",
                condition=Q(status__in=LIVE, split_off=False, customer__isnull=False),
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
            models.Index(
                fields=["assignee", "snoozed_until", "id"],
                name="ticket_snoozed",
                condition=Q(status="snoozed"),
                include=["brand"],
            ),
            models.Index(fields=["snoozed_until"], name="ticket_to_wake", condition=Q(status="snoozed")),
            models.Index(fields=["alarm_at"], name="ticket_alarm", condition=Q(alarm_at__isnull=False)),
            models.Index(
                fields=["due_at", "id"],
                name="ticket_breaching",
                condition=Q(status__in=NEEDS_US, waiting_since__isnull=False),
                include=["brand", "team"],
            ),
            models.Index(fields=["incident", "id"], name="ticket_incident", condition=Q(incident__isnull=False)),
            models.Index(fields=["priority", "due_at", "id"], name="ticket_by_priority", condition=Q(status__in=LIVE)),
            # Orders in which a view's live tickets are walked: the place is found, nothing is sorted.
            models.Index(fields=["opened_at", "id"], name="ticket_by_age", condition=Q(status__in=LIVE)),
            models.Index(
                Coalesce("latest_valence", Value(UNREAD_VALENCE)),
                "id",
                name="ticket_by_mood",
                condition=Q(status__in=LIVE),
            ),
            # Marks that few tickets have, for those who filter by them among years of tickets.
            models.Index(fields=["-updated_at", "-id"], name="ticket_escalated", condition=Q(escalated=True)),
            models.Index(fields=["-updated_at", "-id"], name="ticket_to_approve", condition=Q(awaits_approval=True)),
            GinIndex(fields=["tags"], name="ticket_tags", condition=~Q(tags=[])),
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
    # Whether search knows its words as they stand now (tickets.listing.search.indexing).
    indexed = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "message"], name="entry_thread"),
            models.Index(fields=["-id"], name="entry_unindexed", condition=Q(indexed=False)),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.message_id}"
