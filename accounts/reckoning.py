"""How a person reads time: their zone, their calendar, their figures. Set for the length of a request.

Pages that know no person (mails, tasks) have the desk's zone, the Gregorian calendar and the figures 0 to 9.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from hijridate import Gregorian

from accounts.models import User

ARABIC_FIGURES = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


class Reckoning(NamedTuple):
    """As User.calendar and User.numerals have it."""

    calendar: str = "gregorian"
    numerals: str = "latin"


_now = ContextVar("reckoning", default=Reckoning())  # noqa: B039  (a tuple: nobody changes it)


class PersonalTimeMiddleware:
    """Behind authentication: times are told as the person who asks reads them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        with timezone.override(zone_of(user)), reckoned(Reckoning(user.calendar, user.numerals)):
            return self.get_response(request)


@contextmanager
def reckoned(way: Reckoning) -> Iterator[None]:
    """Days and figures are told this way inside."""
    token = _now.set(way)
    try:
        yield
    finally:
        _now.reset(token)


def zone_of(person: User) -> ZoneInfo:
    """A person's time zone; the desk's where they named none, or none that is known."""
    try:
        return ZoneInfo(person.time_zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def day(local: datetime, today: datetime) -> str:
    """A day and its month, and the year where that is another than today's; both moments in the person's zone."""
    if _now.get().calendar == "hijri":
        return figures(_hijri(local, today))
    return figures(date_format(local, "j M" if local.year == today.year else "j M Y"))


def _hijri(local: datetime, today: datetime) -> str:
    """By Umm al-Qura; beyond the years it is reckoned for (1343 to 1500), the Gregorian day."""
    try:
        then, now = (Gregorian(at.year, at.month, at.day).to_hijri() for at in (local, today))
    except OverflowError:
        return date_format(local, "j M Y")
    language: Literal["ar", "en"] = "ar" if (get_language() or "").startswith("ar") else "en"
    named = f"{then.day} {then.month_name(language)}"
    return named if then.year == now.year else f"{named} {then.year} {then.notation(language)}"


def figures(text: str) -> str:
    """The text with the person's figures."""
    return text.translate(ARABIC_FIGURES) if _now.get().numerals == "arabic" else text
