"""Forms of people's hours: a line a day for shifts, and a time away."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.dressing import dress
from accounts.models import User
from tickets.steering.attendance import week_kept
from tickets.targets.week_form import WeekForm, lines_of

MOMENT = "%Y-%m-%dT%H:%M"


class ShiftsForm(WeekForm):
    """A week of shifts."""

    idle = gettext_lazy("off")

    @staticmethod
    def as_kept(person: User) -> dict[str, str]:
        """What the form shows of a person."""
        return lines_of(week_kept(person))


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
        dress(self, autocomplete="off")

    def clean_begins_at(self) -> datetime:
        """Now, where nothing is said."""
        return self.cleaned_data["begins_at"] or timezone.now()
