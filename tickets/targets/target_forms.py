"""Forms of targets and calendars: what a person writes, checked and as the tables keep it."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.dressing import choose, dress, offer
from accounts.models import Brand, Team
from tickets.models import Calendar, CalendarDays, SlaPolicy, Tier
from tickets.targets import policy_events, weeks
from tickets.targets.calendars import BadHours, laid_out, week_of, zone_of
from tickets.targets.durations import NoDuration, in_words, minutes_of
from tickets.targets.week_form import WeekForm, in_plain_words, lines_of

Reckoning = CalendarDays.Reckoning
# A year of minutes: nobody waits longer for an answer.
LONGEST = 366 * 24 * 60
HIJRI_MONTHS = (
    gettext_lazy("Muharram"), gettext_lazy("Safar"), gettext_lazy("Rabi al-Awwal"), gettext_lazy("Rabi al-Thani"),
    gettext_lazy("Jumada al-Ula"), gettext_lazy("Jumada al-Akhira"), gettext_lazy("Rajab"), gettext_lazy("Shaban"),
    gettext_lazy("Ramadan"), gettext_lazy("Shawwal"), gettext_lazy("Dhu al-Qada"), gettext_lazy("Dhu al-Hijja"),
)  # fmt: skip


class DurationField(forms.CharField):
    """Minutes, written as a person says them; None when left empty."""

    def prepare_value(self, value: Any) -> Any:
        return in_words(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        words = super().to_python(value)
        if not words:
            return None
        try:
            minutes = minutes_of(str(words))
        except NoDuration:
            raise forms.ValidationError(_("Write a stretch of time, as 1 h 30 m.")) from None
        if not 0 < minutes <= LONGEST:
            raise forms.ValidationError(_("A target is between a minute and a year."))
        return minutes


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # the stubs' parameter is not there at run time
    """A policy, and a moment to try it at."""

    first_answer = DurationField(label=gettext_lazy("First answer"), required=False)
    next_answer = DurationField(label=gettext_lazy("Next answers"), required=False)
    resolution = DurationField(label=gettext_lazy("Resolution"), required=False)
    of = forms.ChoiceField(label=gettext_lazy("Incident"), required=False)
    weekday = forms.ChoiceField(label=gettext_lazy("Day"), required=False)
    at = forms.TimeField(
        label=gettext_lazy("Time"), required=False, input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput({"type": "time", "dir": "ltr"}, format="%H:%M"),
    )  # fmt: skip

    class Meta:
        model = SlaPolicy
        fields = (
            "name", "is_on", "brand", "tier", "priority", "calendar", "first_answer", "next_answer", "resolution",
            "warn_at",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"] = forms.TypedChoiceField(
            label=_("Priority"), required=False, coerce=int, empty_value=None,
            choices=[("", _("Any")), (1, _("Urgent")), (2, _("High or urgent")), (3, _("Normal or higher"))],
        )  # fmt: skip
        choose(self, "of", policy_events.offered(self.instance))
        self.initial.setdefault("of", policy_events.told_of(self.instance))
        choose(self, "weekday", [(n, WEEKDAYS[n]) for n in weeks.FROM_SUNDAY])
        offer(self, "brand", Brand.objects.all(), empty=_("Any"))
        offer(self, "tier", Tier.objects.select_related("brand"), empty=_("Any"))
        offer(self, "calendar", Calendar.objects.all(), empty=_("Around the clock"))
        tier: Any = self.fields["tier"]
        tier.label_from_instance = lambda one: f"{one.name} · {one.brand}"
        self.fields["warn_at"].label = _("Warn when this share is left, %")
        for name in ("first_answer", "next_answer", "resolution"):
            self.fields[name].widget.attrs |= {"placeholder": _("none"), "dir": "auto"}
        dress(self, autocomplete="off")

    def clean_warn_at(self) -> int:
        """A share of the target."""
        share = int(self.cleaned_data["warn_at"])
        if not 1 <= share <= 99:
            raise forms.ValidationError(_("A share is between 1 and 99."))
        return share

    def clean(self) -> dict[str, Any]:
        """A tier is of one brand; a policy without any target is none."""
        data = super().clean() or {}
        tier, brand = data.get("tier"), data.get("brand")
        if tier and brand and tier.brand_id != brand.pk:
            self.add_error("tier", _("This tier is of another brand."))
        if "of" in data and not policy_events.put(self.instance, data["of"], brand):
            self.add_error("of", _("This incident is of another brand."))
        names = ("first_answer", "next_answer", "resolution")
        if not any(data.get(name) for name in names) and not any(name in self.errors for name in names):
            self.add_error("first_answer", _("Give one target at least."))
        return data


class CalendarForm(WeekForm):
    """A calendar's name, zone and week: a line a day."""

    idle = gettext_lazy("closed")
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"), max_length=60, widget=forms.TextInput({"dir": "ltr", "list": "zones"})
    )
    teams = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Teams that work by it"), queryset=Team.objects.all(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def clean_time_zone(self) -> str:
        """The name of a zone that there is."""
        try:
            return zone_of(str(self.cleaned_data["time_zone"]).strip()).key
        except BadHours as trouble:
            raise forms.ValidationError(in_plain_words(trouble)) from None

    @staticmethod
    def as_kept(calendar: Calendar) -> dict[str, Any]:
        """What the form shows of a calendar."""
        teams = list(calendar.teams.all()) if calendar.pk else []
        return {"name": calendar.name, "time_zone": calendar.time_zone, "teams": teams, **lines_of(calendar.spans)}


class DaysForm(forms.Form):
    """Days with other hours: by date, or each year by month and day of one of two calendars."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    reckoning = forms.ChoiceField(label=gettext_lazy("How often"), choices=Reckoning)
    first = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    month = forms.TypedChoiceField(label=gettext_lazy("Month"), coerce=int, required=False, empty_value=None)
    day = forms.IntegerField(label=gettext_lazy("Day"), min_value=1, max_value=31, required=False)
    length = forms.IntegerField(label=gettext_lazy("Days"), min_value=1, max_value=60, required=False)
    hours = forms.CharField(
        label=gettext_lazy("Hours"), max_length=120, required=False,
        help_text=gettext_lazy("Empty: closed."), widget=forms.TextInput({"dir": "ltr"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        both = [(number, f"{number} · {MONTHS[number]} / {HIJRI_MONTHS[number - 1]}") for number in range(1, 13)]
        choose(self, "month", [("", "—"), *both])
        self.fields["hours"].widget.attrs["placeholder"] = _("closed")
        dress(self, autocomplete="off")

    def clean(self) -> dict[str, Any]:
        """What is kept of it, tried once: a date that there is, hours that can be read."""
        data = super().clean() or {}
        if self.errors:
            return data
        try:
            spans = weeks.spans_of(data["hours"])
            kept = CalendarDays(
                name=data["name"], reckoning=data["reckoning"], length=data["length"] or 1,
                spans={str(day): spans for day in range(7)} if spans else {},
            )  # fmt: skip
            if data["reckoning"] == Reckoning.DATES:
                kept.first, kept.last = data["first"], data["last"]
            else:
                kept.month, kept.day = data["month"], data["day"]
            if not laid_out(kept, kept.first or timezone.localdate()):
                self.add_error("day", _("There is no such day."))
            data["kept"] = kept
        except BadHours as trouble:
            self.add_error(
                "hours" if "span" in trouble.code or "time" in trouble.code else None, in_plain_words(trouble)
            )
        return data


class RamadanForm(forms.Form):
    """The hours of Ramadan, of every day that is open otherwise."""

    hours = forms.CharField(
        label=gettext_lazy("Hours in Ramadan"), max_length=120, required=False,
        widget=forms.TextInput({"dir": "ltr", "id": "ramadan-hours", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def clean_hours(self) -> list[list[str]]:
        """As stretches of one day."""
        try:
            spans = weeks.spans_of(self.cleaned_data["hours"])
            week_of({"0": spans})
        except BadHours as trouble:
            raise forms.ValidationError(in_plain_words(trouble)) from None
        return spans
