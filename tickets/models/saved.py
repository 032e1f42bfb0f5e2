"""What people keep to use again: replies, macros, views; and what they have begun to write."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, Team, User
from tickets.models.ticket import Ticket
from tickets.models.version import Versioned


class Shared(Versioned, models.Model):
    """Whose it is: one person's own, a team's, or everyone's; of one brand, or of all."""

    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("own")
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("team")
    )
    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("brand")
    )
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class SavedReply(Shared):
    """Words for an answer, once in each language, with {variables}; found by typing / in the composer."""

    name = models.CharField(_("name"), max_length=80)
    # By two-letter language.
    texts = models.JSONField(_("texts"), default=dict)
    used = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "saved replies"

    def __str__(self) -> str:
        return self.name


class Macro(Shared):
    """Several actions at once, in order: [{"do": code, ...}] (tickets.answering.macros)."""

    name = models.CharField(_("name"), max_length=80)
    actions = models.JSONField(_("actions"), default=list)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class SavedView(Shared):
    """A list somebody keeps: the filters of tickets.listing.filters as an address would carry them, and an order."""

    name = models.CharField(_("name"), max_length=60)
    query = models.JSONField(_("filters"), default=dict)
    sort = models.CharField(_("order"), max_length=12, default="next")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "name", "id"]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What somebody has begun to write on a ticket. Others see that it is there, and may read it."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("Answer")
        NOTE = "note", _("Note")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.ANSWER)
    text = models.TextField(blank=True)
    # Meant for the customer alone: on no device are these words offered in public.
    private = models.BooleanField(default=False, db_default=False)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user", "kind"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.ticket_id}"


class Seen(models.Model):
    """How much of a ticket somebody has seen: its position then. A row of theirs is unread while it holds more."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ticket"], name="seen_once")]

    def __str__(self) -> str:
        return f"{self.user_id} saw {self.position} of {self.ticket_id}"


class Notice(models.Model):
    """Something one person is told: an assignment, a mention, a clock, an approval."""

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", _("A ticket was assigned to you")
        MENTIONED = "mentioned", _("Somebody mentioned you in a note")
        CUSTOMER_WROTE = "customer_wrote", _("A customer of yours wrote")
        NOT_DELIVERED = "not_delivered", _("An answer of yours was not sent")
        BREACHING = "breaching", _("A clock runs out soon")
        BREACHED = "breached", _("A clock ran out")
        ESCALATED = "escalated", _("A ticket was escalated to you")
        APPROVAL = "approval", _("An answer waits for your word")
        DECIDED = "decided", _("Your answer was decided on")
        REVIEWED = "reviewed", _("A ticket of yours was reviewed")
        CHANNEL = "channel", _("A channel is ill or well again")
        SURGE = "surge", _("Many tickets are about the same")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16, choices=Kind)
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    data = models.JSONField(default=dict, blank=True)
    # The same thing is told once, however often it comes to pass.
    key = models.CharField(max_length=80)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_newest"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at=None)),
            models.Index(fields=["user", "ticket"], name="notice_mentions", condition=Q(kind="mentioned")),
            models.Index(fields=["user", "at"], name="notice_unmailed", condition=Q(mailed_at=None, read_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"
