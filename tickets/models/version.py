"""What is saved whole, and which save of it this is."""

from datetime import UTC, datetime, timedelta

from django.db import models

from accounts.models import User

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Versioned:
    """What keeps the moment of its last save."""

    updated_at: datetime

    @property
    def version(self) -> int:
        """Which save of it this is: the microsecond of it, so that a later one is greater. It has been saved."""
        return (self.updated_at - EPOCH) // timedelta(microseconds=1)


class Saved(Versioned, models.Model):
    """What is saved whole: by whom it was last, and when."""

    updated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
