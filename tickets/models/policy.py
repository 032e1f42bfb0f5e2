"""What a brand wants of its answers: how grave each of the guard's findings is, and what canned answers are worth."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from tickets.models.version import Saved


class CarePolicy(Saved):
    """One brand's policy. A brand without a row has the fields' own defaults (tickets.answering.guarding.policy_of)."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="care_policy")
    # Levels by code of tickets.answering.guard.findings, "off" for none; what is not named has its usual level.
    guard = models.JSONField(default=dict, blank=True)
    # Domains of our own: naming an address there is no slip.
    own_domains = models.JSONField(_("our own domains"), default=list, blank=True)
    # Whether an answer that only repeats what was said before stops the answer's clock, and may resolve.
    canned_counts = models.BooleanField(_("canned answers count"), default=False)
    # How long a second person has.
    approval_minutes = models.PositiveSmallIntegerField(_("minutes for a second person"), default=30)

    class Meta:
        verbose_name_plural = "care policies"

    def __str__(self) -> str:
        return f"policy of brand {self.brand_id}"
