"""JSON that is kept as it was sent: conditions and steps, which the verbs themselves read."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ingest.cleaning import clean_json

CONDITIONS = 'A tree: `{"all": [...]}`, `{"any": [...]}`, `{"none": [...]}` of `{"field": .., "op": .., "value": ..}`.'


class Tree(serializers.DictField):
    """An object of any shape that the database can keep: no null character, no half of one, no number without end."""

    default_error_messages = {"unkept": _("It holds a letter or a number that cannot be kept.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().to_internal_value(data)
        if clean_json(told) != told:
            self.fail("unkept")
        return told
