"""One platform account that writes to us, or about us."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from accounts.names import plain


class Contact(models.Model):
    """A platform account as one brand meets it, whichever of the brand's channels it came through."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="contacts")
    platform = models.CharField(max_length=24)
    external_id = models.CharField(max_length=255)
    handle = models.CharField(_("handle"), max_length=255, blank=True)
    name = models.CharField(_("name"), max_length=255, blank=True)
    avatar_url = models.TextField(blank=True)
    followers = models.IntegerField(null=True, blank=True)
    # One of the brand's own accounts: what it posts is never a customer's message.
    is_own = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "platform", "external_id"], name="contact_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.handle or self.external_id

    @property
    def display_name(self) -> str:
        """A name to show: the person's own, else the handle, else the platform's id."""
        return plain(self.name) or plain(self.handle) or self.external_id
