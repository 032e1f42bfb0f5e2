"""Rules that admins write: where tickets go, which answers want a second person, whom an ill clock is told to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, User


class Rule(models.Model):
    """What all kinds of rules share. Conditions are a tree of groups (tickets.steering.conditions), read in order."""

    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("brand")
    )
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveIntegerField(default=0)
    is_on = models.BooleanField(_("on"), default=True)
    conditions = models.JSONField(_("conditions"), default=dict)
    version = models.PositiveIntegerField(default=1)
    # Why it was skipped the last time it could not be carried out; empty while it works.
    trouble = models.TextField(blank=True)
    trouble_at = models.DateTimeField(null=True, blank=True)
    updated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    updated_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class RoutingRule(Rule):
    """The first that fits a ticket is carried out: [{"do": code, ...}] (tickets.steering.rules)."""

    actions = models.JSONField(_("actions"), default=list)

    class Meta(Rule.Meta):
        indexes = [models.Index(fields=["position"], name="routing_rules_on", condition=Q(is_on=True, removed_at=None))]


class ApprovalRule(Rule):
    """Answers it fits wait for a second person, who has this many minutes."""

    minutes = models.PositiveIntegerField(_("minutes to decide"), default=30)
    # A role that may decide; people of the ticket's brand alone.
    by_role = models.CharField(_("who decides"), max_length=12, default="supervisor")


class EscalationChain(Rule):
    """Steps when a clock runs low or out, or a ticket turns grave:
    [{"after": minutes, "to": {"person": id} | {"team": id} | {"role": name}}], counted from the moment it fits.
    """

    steps = models.JSONField(_("steps"), default=list)


class RuleVersion(models.Model):
    """A rule as it stood from this moment on, and who made it so."""

    class Kind(models.TextChoices):
        ROUTING = "routing", _("Routing rule")
        APPROVAL = "approval", _("Approval rule")
        ESCALATION = "escalation", _("Escalation chain")

    kind = models.CharField(max_length=10, choices=Kind)
    rule = models.PositiveBigIntegerField()
    version = models.PositiveIntegerField()
    # Every column of the rule that a person can change.
    told = models.JSONField(default=dict)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "rule", "version"], name="rule_version_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.rule} v{self.version}"
