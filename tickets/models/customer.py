"""One person behind several accounts, as far as a person of ours has said so."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, User
from ingest.models import Contact


class Tier(models.Model):
    """How dear a customer's plan is: targets and routing may differ by it. Rank 1 is the dearest."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="tiers")
    name = models.CharField(_("name"), max_length=60)
    name_ar = models.CharField(_("Arabic name"), max_length=60, blank=True)
    rank = models.PositiveSmallIntegerField(_("rank"))
    # Whoever has no tier of their own has this one.
    is_default = models.BooleanField(_("for customers nobody has placed"), default=False)

    class Meta:
        ordering = ["brand", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "rank"], name="tier_rank_once"),
            models.UniqueConstraint(fields=["brand"], name="tier_default_once", condition=models.Q(is_default=True)),
        ]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """Made when a person links accounts, or first says something of a customer: a tier, a note."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="customers")
    name = models.CharField(_("name"), max_length=255, blank=True)
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers")
    notes = models.TextField(_("notes"), blank=True, max_length=10_000)
    # Who wrote the notes as they stand, and when; empty where there are none, or were before this was kept.
    notes_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    notes_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name or f"customer {self.pk}"


class CustomerContact(models.Model):
    """That this account is this customer's, who said so and when. Unlinking removes the row; the record keeps both."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="accounts")
    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="+")
    linked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    linked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.contact_id}"
