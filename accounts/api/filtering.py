"""Filters that offer what whoever asks may see."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def of_whoever_asks(rows: Callable[[Any], QuerySet[M]]) -> QuerySet[M]:
    """For a filter's `queryset`: django-filter takes a function of the request there, which its types do not know."""
    return cast("QuerySet[M]", rows)
