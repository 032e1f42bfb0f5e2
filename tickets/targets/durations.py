"""Minutes as people write and read them: "1 h 30 m", "90", "2 d", «1 س 30 د». Pure."""

import re

from django.utils.translation import gettext as _

HOUR, DAY = 60, 24 * 60
UNITS = {
    1: ("m", "min", "mins", "minute", "minutes", "د", "دقيقة", "دقائق", "دقيقه"),
    HOUR: ("h", "hr", "hrs", "hour", "hours", "س", "ساعة", "ساعات", "ساعه"),
    DAY: ("d", "day", "days", "ي", "يوم", "أيام", "ايام"),
}
LENGTHS = {word: minutes for minutes, words in UNITS.items() for word in words}
PART = re.compile(r"(\d+)\s*([^\W\d_]*)")


class NoDuration(ValueError):
    """Words that are no stretch of time."""


def minutes_of(words: str) -> int:
    """The minutes that somebody wrote; a bare number is minutes, and h:mm hours and minutes. Raises NoDuration."""
    words = words.strip().casefold()
    if clock := re.fullmatch(r"(\d{1,4}):(\d{2})", words):
        return int(clock[1]) * HOUR + int(clock[2])
    parts = PART.findall(words)
    rest = re.sub(r"[\s,،و]+", "", PART.sub("", words))
    if not parts or rest or any(unit and unit.lstrip("و") not in LENGTHS for _number, unit in parts):
        raise NoDuration(words)
    return sum(int(number) * LENGTHS.get(unit.lstrip("و"), 1) for number, unit in parts)


def in_words(minutes: int) -> str:
    """As "1 h 30 m". Days are not said: a day of open time is no day on the wall."""
    hours, rest = divmod(minutes, HOUR)
    if not hours:
        return _("%(m)d m") % {"m": rest}
    return _("%(h)d h %(m)d m") % {"h": hours, "m": rest} if rest else _("%(h)d h") % {"h": hours}
