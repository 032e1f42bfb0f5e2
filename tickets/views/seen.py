"""Forms of what is saved whole: which version whoever writes has seen, and what they are told where it moved on.

A template takes `settings/seen.html` into its form, a view gives `brought` to the verb, and `drawn` draws the page.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tickets.numbers import whole

STALE = "stale"


def brought(request: HttpRequest) -> int | None:
    """The version that the form brought; None where it brings none."""
    return whole(request.POST.get("version"))


def moved_on(form: forms.BaseForm, there: Mapping[str, Any] | None = None) -> None:
    """Say on the form that somebody saved it since. `there`: what stands there now, as the form's first values.

    What was written stays in its fields, and those that differ are named: to save again is then to have been told.
    """
    words = _("Somebody saved this since you opened it. Save again to put yours in its place.")
    if there is not None:
        form.initial = dict(there)
        names = list(dict.fromkeys(str(form[name].label) for name in form.changed_data))
        if names:
            words = f"{words} {_('Theirs differs in: %(names)s.') % {'names': _(', ').join(names)}}"
    form.add_error(None, ValidationError(words, code=STALE))


def is_stale(form: forms.BaseForm) -> bool:
    """Whether it was refused because somebody saved since."""
    return form.has_error(NON_FIELD_ERRORS, STALE)


def drawn(
    request: HttpRequest, template: str, context: Mapping[str, Any], form: forms.BaseForm, version: int | None = None,
    *, wrong: bool = False,
) -> HttpResponse:  # fmt: skip
    """The page of a form that was asked for, tried or refused.

    `version`: what stands there now, None of what is new; `wrong`: something beside the form is.
    """
    stale, seen = is_stale(form), brought(request)
    wrong = wrong or bool(form.errors)
    status = HTTPStatus.CONFLICT if stale else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    seen = version if stale or seen is None else seen
    return render(request, template, {**context, "form": form, "seen": seen}, status=status)
