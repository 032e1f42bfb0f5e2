"""The append-only record of who did what to a ticket, and when. It is also what the live stream reads."""

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.models.ticket import Ticket


class Activity(models.Model):
    """One thing that happened. `actor` null stands for Radd itself.

    `xact` is the id of the writing transaction. Row ids become visible out of order (a slow transaction may commit a
    lower id later), so whoever follows this table resumes from the oldest transaction that was still running when
    they last looked (see tickets/news/live.py).
    """

    class Verb(models.TextChoices):
        OPENED = "opened", _("opened")
        JOINED = "joined", _("a message joined")
        ASSIGNED = "assigned", _("assigned")
        UNASSIGNED = "unassigned", _("put back in the queue")
        ANSWERED = "answered", _("answered")
        DELIVERED = "delivered", _("sent")
        NOT_DELIVERED = "not_delivered", _("not sent")
        TAKEN_BACK = "taken_back", _("took the answer back")
        NOTED = "noted", _("noted")
        RESOLVED = "resolved", _("resolved")
        REOPENED = "reopened", _("reopened")
        CLOSED = "closed", _("closed")
        CORRECTED = "corrected", _("corrected")
        CHANGED = "changed", _("changed")
        SNOOZED = "snoozed", _("snoozed")
        WOKEN = "woken", _("woken")
        TAGGED = "tagged", _("changed the tags")
        PRIORITISED = "prioritised", _("changed the priority")
        MERGED = "merged", _("merged")
        UNMERGED = "unmerged", _("undid the merge")
        SPLIT = "split", _("split off")
        LINKED = "linked", _("linked")
        UNLINKED = "unlinked", _("unlinked")
        SPAM = "spam", _("marked as spam")
        NO_ANSWER = "no_answer", _("no answer needed")
        ROUTED = "routed", _("routed")
        WARNED = "warned", _("a clock runs out soon")
        BREACHED = "breached", _("a clock ran out")
        ESCALATED = "escalated", _("escalated")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        ASKED = "asked", _("asked for a second person")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned the answer")
        WITHDRAWN = "withdrawn", _("withdrew the answer")
        REVIEWED = "reviewed", _("reviewed")
        INCIDENT = "incident", _("put into an incident")
        UNDONE = "undone", _("undid")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="activities")
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="activities")
    verb = models.CharField(max_length=16, choices=Verb)
    # Details by verb: {"to": name}, {"text": note}, {"message": id}, {"error": words} ...
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    xact = models.BigIntegerField(db_default=RawSQL("(pg_current_xact_id()::text)::bigint", []), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "at"], name="activity_ticket"),
            models.Index(fields=["xact"], name="activity_xact"),
        ]
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.verb}"
