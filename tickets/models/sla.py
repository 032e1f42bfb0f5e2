"""Targets, and the calendars their clocks follow. The arithmetic is tickets.targets.sla, which knows no database."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, Team
from tickets.models.customer import Tier
from tickets.models.version import Saved


class Calendar(Saved):
    """When a clock runs. Spans are local times of `time_zone`: {"0": [["09:00", "13:00"], ...]}, Monday is 0.

    A day without spans is a weekend. A span may end at "24:00"; none crosses midnight.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    spans = models.JSONField(_("hours"), default=dict)
    # Whose hours these are, for the shifts of people and the board.
    teams = models.ManyToManyField(Team, blank=True, related_name="calendars", verbose_name=_("teams"))

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CalendarDays(models.Model):
    """Days on which a calendar's usual hours do not hold: closed (no spans), or other hours, as in Ramadan.

    Given by dates, or each year by month and day of the Gregorian or the Hijri (Umm al-Qura) calendar.
    """

    class Reckoning(models.TextChoices):
        DATES = "dates", _("Once, by date")
        GREGORIAN = "gregorian", _("Every year")
        HIJRI = "hijri", _("Every Hijri year")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    name = models.CharField(_("name"), max_length=80)
    reckoning = models.CharField(_("reckoned"), max_length=9, choices=Reckoning, default=Reckoning.DATES)
    # For DATES.
    first = models.DateField(_("first day"), null=True, blank=True)
    last = models.DateField(_("last day"), null=True, blank=True)
    # For the others: from this month and day, for so many days.
    month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True)
    day = models.PositiveSmallIntegerField(_("day"), null=True, blank=True)
    length = models.PositiveSmallIntegerField(_("days"), default=1)
    # By weekday, like Calendar.spans; {} is closed.
    spans = models.JSONField(_("hours"), default=dict, blank=True)
    # The list it was taken from, as "SA" for the holidays of Saudi Arabia; empty for one's own.
    source = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["first", "month", "day", "id"]

    def __str__(self) -> str:
        return self.name


class SlaPolicy(Saved):
    """Targets in minutes of the calendar's open time; the first policy that fits a ticket is its own.

    Null in a condition means any, null in a target means none.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveIntegerField(default=0)
    is_on = models.BooleanField(_("on"), default=True)
    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("brand")
    )
    tier = models.ForeignKey(
        Tier, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("tier")
    )
    # This priority or a higher one (1 is the highest).
    priority = models.PositiveSmallIntegerField(_("priority"), null=True, blank=True)
    # Tickets of an incident alone: of any ("any"), of one kind (Incident.Kind), or of this one. Empty and null: whether
    # a ticket is of an incident does not matter.
    event = models.CharField(max_length=8, blank=True, default="", db_default="")
    incident = models.ForeignKey("tickets.Incident", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    # Null: the clock never stops.
    calendar = models.ForeignKey(
        Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="policies", verbose_name=_("calendar")
    )
    first_answer = models.PositiveIntegerField(_("first answer, minutes"), null=True, blank=True)
    next_answer = models.PositiveIntegerField(_("next answer, minutes"), null=True, blank=True)
    resolution = models.PositiveIntegerField(_("resolution, minutes"), null=True, blank=True)
    # Warn when this share of a target is left.
    warn_at = models.PositiveSmallIntegerField(_("warn when this share is left, %"), default=25)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"

    def __str__(self) -> str:
        return self.name
