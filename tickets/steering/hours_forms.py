"""Forms of people's hours: a line a day for shifts, and a time away."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from tickets.steering.attendance import week_kept
from tickets.targets import weeks
from tickets.targets.calendars import BadHours, Spans
from tickets.targets.target_forms import dressed, in_plain_words

MOMENT = "%Y-%m-%dT%H:%M"


class ShiftsForm(forms.Form):
    """A week of shifts, Sunday first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in weeks.FROM_SUNDAY:
            self.fields[f"day{day}"] = forms.CharField(
                label=WEEKDAYS[day], required=False, max_length=120,
                widget=forms.TextInput({"dir": "ltr", "placeholder": _("off"), "inputmode": "text"}),
            )  # fmt: skip
        dressed(self)

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

    @staticmethod
    def as_kept(person: User) -> dict[str, str]:
        """What the form shows of a person."""
        return lines_of(week_kept(person))


def lines_of(week: Spans) -> dict[str, str]:
    """A week as the fields of the form."""
    return {f"day{day}": weeks.line_of(week, day) for day in weeks.FROM_SUNDAY}


class AwayForm(forms.Form):
    """A time away, in the zone of who writes it. Without a first moment: from now on."""

    begins_at = forms.DateTimeField(
        required=False,
        label=gettext_lazy("From"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
    ends_at = forms.DateTimeField(
        required=False, label=gettext_lazy("Until"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
        help_text=gettext_lazy("Empty: until somebody says otherwise."),
    )  # fmt: skip
    reason = forms.CharField(
        required=False, max_length=120, label=gettext_lazy("Reason"), widget=forms.TextInput({"dir": "auto"})
    )
    hand_over = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("Tickets in hand go back to their queues when it begins")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dressed(self)

    def clean_begins_at(self) -> datetime:
        """Now, where nothing is said."""
        return self.cleaned_data["begins_at"] or timezone.now()
