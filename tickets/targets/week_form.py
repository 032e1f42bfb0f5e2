"""A week written as a form: a line a day, Sunday first; of a calendar's open hours, or of a person's shifts."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.dressing import dress
from tickets.targets import weeks
from tickets.targets.calendars import BadHours, Spans

TROUBLES: Mapping[str, Promise] = {
    "no_span": _("“%(word)s” is no stretch of hours. Write 09:00-17:00."),
    "no_weekday": _("“%(word)s” is no day of the week: 0 is Monday, 6 is Sunday."),
    "no_time": _("“%(word)s” is no time of day."),
    "ends_before_it_begins": _("Hours end on the day they begin: %(word)s. Go on at 00:00 the next day."),
    "no_time_zone": _("There is no time zone called “%(word)s”."),
    "no_country": _("The holidays of “%(word)s” are not known."),
    "no_first_day": _("Say which day it is."),
    "no_month_or_day": _("Say which month and day it is."),
}


def in_plain_words(trouble: BadHours) -> str:
    """Why hours cannot be read."""
    word = trouble.word.partition(":")[2] if trouble.word[1:2] == ":" else trouble.word
    return str(TROUBLES.get(trouble.code, TROUBLES["no_span"])) % {"word": word}


def lines_of(week: Spans) -> dict[str, str]:
    """A week as the fields of the form."""
    return {f"day{day}": weeks.line_of(week, day) for day in weeks.FROM_SUNDAY}


class WeekForm(forms.Form):
    """The lines; what is read of them is `spans` of the cleaned data. `idle`: what a day without hours is called."""

    idle: ClassVar[Promise | str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in weeks.FROM_SUNDAY:
            self.fields[f"day{day}"] = forms.CharField(
                label=WEEKDAYS[day], required=False, max_length=120,
                widget=forms.TextInput({"dir": "ltr", "placeholder": self.idle, "inputmode": "text"}),
            )  # fmt: skip
        dress(self, autocomplete="off")

    @classmethod
    def with_preset(cls, sent: QueryDict, wanted: str) -> Self | None:
        """The form as it was sent, with a usual week in place of its own; None where no such week is wanted."""
        if wanted not in weeks.PRESETS and wanted != "always":
            return None
        form = cls(sent)
        form.is_valid()
        told = sent.copy()
        for name, line in lines_of(weeks.preset(wanted, form.cleaned_data.get("spans", {}))).items():
            told[name] = line
        return cls(told)

    def week(self) -> list[forms.BoundField]:
        """The lines, Sunday first."""
        return [self[f"day{day}"] for day in weeks.FROM_SUNDAY]

    def clean(self) -> dict[str, Any]:
        """Each day's trouble stands at that day."""
        data = super().clean() or {}
        spans: dict[str, list[list[str]]] = {}
        for day in weeks.FROM_SUNDAY:
            try:
                spans |= weeks.week_from({day: str(data.get(f"day{day}") or "")})
            except BadHours as trouble:
                self.add_error(f"day{day}", in_plain_words(trouble))
        data["spans"] = spans
        return data
