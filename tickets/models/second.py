"""A second pair of eyes: answers that wait for one, tickets that were escalated, reviews of work that was done."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.models.rule import ApprovalRule, EscalationChain
from tickets.models.ticket import Ticket
from tickets.models.version import Saved


class Approval(models.Model):
    """An answer that waits for a second person. It becomes a message only when they let it go out.

    asked -> approved | returned | withdrawn. Approving sends it by `key`, so that it is sent once.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for a second person")
        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Returned")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="approvals")
    rule = models.ForeignKey(ApprovalRule, null=True, on_delete=models.SET_NULL, related_name="+")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    # What was asked for, as tickets.answering.replies.send takes it: text, pictures, private, resolve.
    text = models.TextField()
    wish = models.JSONField(default=dict)
    # Why it waits: codes of rules and of the guard.
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    # The approver's words when it is returned, and what they made of it when they changed it.
    note = models.TextField(blank=True)
    text_after = models.TextField(blank=True)
    alarmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], name="one_answer_waits", condition=Q(state="asked")),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="approval_waiting", condition=Q(state="asked"))]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class Escalation(models.Model):
    """One ticket on its way up one chain. `step` is the last one taken, from 1; `next_at` when the next is due."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="escalations")
    chain = models.ForeignKey(EscalationChain, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    reasons = models.JSONField(default=list)
    step = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "chain"], name="one_way_up", condition=Q(ended_at=None)),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], name="escalation_due", condition=Q(ended_at=None, acknowledged_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} step {self.step}"


class Scorecard(Saved):
    """The questions a team asks of its own work: [{"id", "en", "ar", "weight"}], each answered from 0 to 4 or left."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    questions = models.JSONField(_("questions"), default=list)
    is_on = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Review(models.Model):
    """One ticket sampled for review; whose work is looked at sees it, and may answer."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Reviewed")
        SKIPPED = "skipped", _("Skipped")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="reviews")
    agent = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # Why this one: by chance, a poor guard score, lift below zero, reopened.
    why = models.CharField(max_length=16)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    scorecard = models.ForeignKey(Scorecard, null=True, on_delete=models.SET_NULL, related_name="+")
    # The questions as they stood, and the marks by question id.
    questions = models.JSONField(default=list)
    marks = models.JSONField(default=dict)
    score = models.FloatField(null=True, blank=True)
    words = models.TextField(blank=True)
    reviewer = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    sampled_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    # What the agent says to it.
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "agent"], name="review_once")]
        indexes = [
            models.Index(fields=["sampled_at", "id"], name="review_waiting", condition=Q(state="waiting")),
            models.Index(fields=["agent", "-reviewed_at"], name="review_of_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} of {self.agent_id}"
