"""Ids as requests tell them: whole numbers that an index can be asked for."""

from typing import Any

from rest_framework import serializers

LARGEST = 2**63 - 1


def an_id(help_text: str, **more: Any) -> serializers.IntegerField:
    """The id of something, which may be left out; `more` as the field takes it."""
    return serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, help_text=help_text, **more)


def ids(help_text: str, most: int = 100) -> serializers.ListField:
    """Ids of several, which may be left out."""
    child = serializers.IntegerField(min_value=1, max_value=LARGEST)
    return serializers.ListField(child=child, required=False, max_length=most, help_text=help_text)
