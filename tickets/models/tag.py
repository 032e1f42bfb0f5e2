"""Words that a team puts on tickets."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand


class Tag(models.Model):
    """A tag of one brand, or of all. Tickets hold their tags' ids in an array: a list row needs no join for them."""

    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.CASCADE, related_name="tags", verbose_name=_("brand")
    )
    name = models.CharField(_("name"), max_length=40)
    name_ar = models.CharField(_("Arabic name"), max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("brand", Lower("name"), name="tag_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return self.name
