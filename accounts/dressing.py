"""How forms are dressed: our classes on their controls, and what can only be chosen once it is known who asks."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

# What is ticked has the looks of a row of words, not of a box to write in.
TICKED = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)


def dress(form: forms.BaseForm, **attrs: str) -> None:
    """Our classes on the controls, and these attributes; where a control has its own, it keeps them."""
    for field in form.fields.values():
        if isinstance(field.widget, TICKED):
            continue
        shape = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        field.widget.attrs = {"class": shape, **attrs} | field.widget.attrs


def choose(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """What there is to choose in this field."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} has no choices")
    field.choices = list(choices)


def offer(form: forms.BaseForm, name: str, rows: QuerySet[Any], *, empty: str = "") -> None:
    """The rows there are to choose from in this field. `empty`: what it says where none is chosen."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{name} has no rows to choose from")
    field.queryset = rows
    field.empty_label = empty or field.empty_label
