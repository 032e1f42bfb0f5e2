"""One post, comment, DM or mail, in or out, with its reading and with what became of it."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest, NullIf
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingest.models.channel import Channel
from ingest.models.contact import Contact
from ingest.models.conversation import Conversation

# A flat tone counts as this much of a follow_up that stands at its threshold: with no class above one half it is as
# doubtful as a follow_up at a third of its threshold (`Message.doubt`).
TONE = 2 / 3
# No longer owed anything, by triage alone: nobody has looked at these yet. What its author deleted cannot be looked at.
UNEXAMINED = Q(
    state="triaged", disposition__in=["no_answer", "spam"], decided_by=None, examined_at=None, deleted_at=None
)


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads that name their intention."""

    def unread(self) -> Self:
        """Waiting for the reader."""
        return self.filter(state=Message.State.NEW)

    def unread_at(self, now: datetime) -> Self:
        """Waiting for the reader, in nobody's hands and not resting after a failure."""
        return self.unread().filter(Q(lease_until=None) | Q(lease_until__lt=now))

    def untriaged_at(self, now: datetime) -> Self:
        """Read (or given up on), not yet triaged, and not resting after a failure."""
        return self.filter(state=Message.State.SCORED).filter(Q(lease_until=None) | Q(lease_until__lt=now))

    def unreadable(self) -> Self:
        """Those no reading could be had of; each says why, and may be replayed."""
        return self.exclude(read_error="")

    def with_parents(self) -> Self:
        """Each with `parent_text`: the text it replies to, None where that message is not known."""
        above = Message.objects.filter(channel=OuterRef("channel_id"), external_id=OuterRef("parent_external_id"))
        return self.annotate(parent_text=Subquery(above.exclude(external_id="").values("text")[:1]))

    def unexamined(self) -> Self:
        """Set aside by triage, and no person has looked at them."""
        return self.filter(UNEXAMINED)


class Message(models.Model):
    """The states tell which stage comes next; `decision` and `disposition` tell what became of it.

    new --reader--> scored --triage--> triaged;  held: triage itself failed again and again, a person must look.
    """

    class Direction(models.TextChoices):
        IN = "in", _("From a customer")
        OUT = "out", _("From us")

    class State(models.TextChoices):
        NEW = "new", _("Unread")
        SCORED = "scored", _("Read")
        TRIAGED = "triaged", _("Triaged")
        HELD = "held", _("Set aside")

    class Decision(models.TextChoices):
        """What triage decided."""

        TICKET = "ticket", _("Ticket")
        JOIN = "join", _("Joined a ticket")
        NO_ANSWER = "no_answer", _("No answer needed")
        SPAM = "spam", _("Spam")
        FOLDED = "folded", _("Folded into its original")
        OURS = "ours", _("Our own post")
        CONTEXT = "context", _("Kept to understand others")

    class Disposition(models.TextChoices):
        """How it ended. `awaiting` is the only one that still owes somebody something."""

        AWAITING = "awaiting", _("Awaiting an answer")
        ANSWERED = "answered", _("Answered")
        ANSWERED_OUTSIDE = "answered_outside", _("Answered outside Radd")
        NO_ANSWER = "no_answer", _("No answer needed")
        SPAM = "spam", _("Spam")
        MERGED = "merged", _("Folded into its original")
        OURS = "ours", _("Our own words")
        CONTEXT = "context", _("Other people's words")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="messages")
    # Both have an index of their own below, which begins with them.
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="messages", verbose_name=_("author"), db_index=False
    )
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.IN)
    kind = models.CharField(max_length=8)
    # The platform's id; empty only for an answer of ours that the platform has not taken yet.
    external_id = models.CharField(max_length=512, blank=True)
    parent_external_id = models.CharField(max_length=512, blank=True)
    root_external_id = models.CharField(max_length=512, blank=True)
    ref_external_id = models.CharField(max_length=512, blank=True)
    url = models.TextField(blank=True)
    text = models.TextField(blank=True)
    lang_hint = models.CharField(max_length=16, blank=True)
    media = models.JSONField(default=list, blank=True)
    metrics = models.JSONField(default=dict, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    # When it was said, as far as can be believed (ingest.times); what its author claims instead, where that is not.
    posted_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    # Since when the platform had it, where somebody vouches for that.
    reachable_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Who wrote it here, for answers of ours.
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    # The reading. Probabilities are null while unread, and stay null where no reading could be had.
    language = models.CharField(max_length=8, blank=True)
    negative = models.FloatField(null=True, blank=True)
    neutral = models.FloatField(null=True, blank=True)
    positive = models.FloatField(null=True, blank=True)
    # The reasons read, names of sentiment.reading.REASONS.
    cues = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    urgency = models.CharField(max_length=6, blank=True)
    # Null, and empty, from a reader that knows sentiment only.
    follow_up = models.FloatField(null=True, blank=True)
    threshold = models.FloatField(null=True, blank=True)
    trigger = models.CharField(max_length=16, blank=True)
    aim = models.CharField(max_length=12, blank=True)
    # The words that carried the decision: [[start, end, weight], ...] into `text` as it was when it was read.
    evidence = models.JSONField(default=list, blank=True)
    # Labels that a person corrected ("sentiment", "follow_up", "reasons", "urgency", "trigger", "aim", "language").
    person_said = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    reader = models.CharField(max_length=80, blank=True)
    reader_version = models.CharField(max_length=40, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    read_error = models.TextField(blank=True)

    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    # Why triage decided so: codes that tickets.reasons turns into words.
    reasons = models.JSONField(default=list, blank=True)
    disposition = models.CharField(max_length=16, choices=Disposition, blank=True)
    # Who gave the disposition; null stands for triage itself.
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions")
    decided_at = models.DateTimeField(null=True, blank=True)
    # When the platform was last asked how it stands: edited, deleted, how far it reaches.
    looked_up_at = models.DateTimeField(null=True, blank=True)
    # When a person looked at what triage had set aside (tickets.incoming.examine): a tickets.Examination says who, how.
    examined_at = models.DateTimeField(null=True, blank=True)
    # How unsure the reading leaves us that nobody is owed an answer: follow_up as a share of its threshold, or how flat
    # the tone is, whichever is more; 1 where nothing could be read. From 0 to 1, and above it where follow_up is.
    doubt = models.GeneratedField(
        expression=Case(
            When(negative=None, then=Value(1.0)),
            default=Greatest(
                Coalesce(F("follow_up") / NullIf(F("threshold"), Value(0.0)), Value(0.0)),
                (Value(1.0) - Greatest(F("negative"), F("neutral"), F("positive"))) * Value(TONE),
            ),
        ),
        output_field=models.FloatField(),
        db_persist=True,
    )

    # Only on rows that `with_parents` fetched.
    parent_text: str | None

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"], name="message_once", condition=~Q(external_id="")
            ),
            models.CheckConstraint(
                name="triaged_has_disposition",
                condition=~Q(state="triaged") | (~Q(decision="") & ~Q(disposition="") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(name="inbound_has_external_id", condition=Q(direction="out") | ~Q(external_id="")),
        ]
        indexes = [
            models.Index(fields=["id"], name="message_new", condition=Q(state="new")),
            models.Index(fields=["id"], name="message_scored", condition=Q(state="scored")),
            models.Index(fields=["id"], name="message_held", condition=Q(state="held")),
            models.Index(fields=["id"], name="message_unreadable", condition=~Q(read_error="")),
            models.Index(
                fields=["channel", "parent_external_id"], name="message_parent", condition=~Q(parent_external_id="")
            ),
            models.Index(fields=["channel", "ref_external_id"], name="message_ref", condition=~Q(ref_external_id="")),
            models.Index(fields=["conversation", "posted_at"], name="message_thread"),
            models.Index(fields=["contact", "-posted_at"], name="message_contact"),
            # What to examine, most doubtful first; channel by channel, so that a person's brands cost what they hold.
            models.Index(fields=["channel", "-doubt", "-id"], name="message_unexamined", condition=UNEXAMINED),
            # For figures by week. Posts come in about the order of their time, so a summary of blocks is enough.
            BrinIndex(fields=["posted_at"], name="message_posted", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.external_id or self.pk}"

    @property
    def waits_from(self) -> datetime:
        """When its clocks start: since when it could have been read, else when it came."""
        return self.reachable_at or self.received_at

    @property
    def valence(self) -> float | None:
        """positive - negative, from -1 to 1; None without a reading."""
        if self.positive is None or self.negative is None:
            return None
        return self.positive - self.negative

    @property
    def sentiment(self) -> str:
        """The likeliest of negative, neutral, positive; empty without a reading."""
        scores = {"negative": self.negative, "neutral": self.neutral, "positive": self.positive}
        known = {name: value for name, value in scores.items() if value is not None}
        return max(known, key=known.__getitem__) if known else ""
