"""How each person wants to be told: per kind by which ways, when not to be disturbed, when the daily mail comes.

Kept in User.preferences["notices"]:
    {"ways": {kind: [way, ...]}, "quiet": {"from": "22:00", "until": "07:00"} or null, "mail_hour": 8, "title": true}
What a person never chose is as USUAL says. Times are of the person's own zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from accounts.models import User
from accounts.reckoning import zone_of
from tickets.models import Notice

Kind = Notice.Kind
PAGE, BROWSER, SOUND, MAIL = "page", "browser", "sound", "mail"
WAYS = (PAGE, BROWSER, SOUND, MAIL)
GRAVE = {Kind.BREACHING, Kind.BREACHED, Kind.ESCALATED, Kind.APPROVAL, Kind.NOT_DELIVERED, Kind.SURGE}
USUAL: Mapping[str, frozenset[str]] = {
    kind: frozenset({PAGE, BROWSER, MAIL} | ({SOUND} if kind in GRAVE else set())) for kind in Kind.values
}
MAIL_HOUR = 8


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of day until another; past midnight where it ends before it begins."""

    begins: time
    ends: time

    def holds(self, at: time) -> bool:
        """Whether this time of day is quiet."""
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one person wants. `ways`: for every kind; `title`: how many are unread stands before the page's title."""

    ways: Mapping[str, frozenset[str]] = field(default_factory=lambda: USUAL)
    quiet: Quiet | None = None
    mail_hour: int = MAIL_HOUR
    title: bool = True

    def kinds(self, way: str) -> list[str]:
        """The kinds that come by this way."""
        return [kind for kind in Kind.values if way in self.ways[kind]]

    @property
    def held(self) -> list[str]:
        """The kinds that are silent in quiet hours and stand nowhere in Radd by themselves."""
        return [kind for kind in Kind.values if PAGE not in self.ways[kind] and self.ways[kind] & {BROWSER, SOUND}]

    @property
    def mail_due(self) -> int:
        """The hour of the daily mail: the one they chose, or where that begins quiet the first that does not."""
        hours = [(self.mail_hour + later) % 24 for later in range(24)]
        return next((hour for hour in hours if not (self.quiet and self.quiet.holds(time(hour)))), self.mail_hour)


def wishes_of(user: User) -> Wishes:
    """As they chose; whatever cannot be read is as usual."""
    kept = user.preferences.get("notices")
    kept = kept if isinstance(kept, dict) else {}
    chosen = kept.get("ways")
    chosen = chosen if isinstance(chosen, dict) else {}
    ways = {
        kind: frozenset(way for way in chosen[kind] if way in WAYS)
        if isinstance(chosen.get(kind), list)
        else USUAL[kind]
        for kind in Kind.values
    }
    return Wishes(ways, _quiet(kept.get("quiet")), _hour(kept.get("mail_hour")), kept.get("title") is not False)


def keep(user: User, wishes: Wishes) -> None:
    """A person's own choice; everything else they prefer stays as it is."""
    quiet = wishes.quiet and {"from": f"{wishes.quiet.begins:%H:%M}", "until": f"{wishes.quiet.ends:%H:%M}"}
    ways = {kind: sorted(chosen) for kind, chosen in wishes.ways.items()}
    told = {"ways": ways, "quiet": quiet, "mail_hour": wishes.mail_hour, "title": wishes.title}
    user.preferences = user.preferences | {"notices": told}
    user.save(update_fields=["preferences"])


def is_quiet(user: User, wishes: Wishes, now: datetime) -> bool:
    """Whether they are not to be disturbed at this moment, by their own wall clock."""
    return wishes.quiet is not None and wishes.quiet.holds(now.astimezone(zone_of(user)).time())


def read_time(text: object) -> time | None:
    """HH:MM, as browsers send it; None for anything else."""
    try:
        return time.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _quiet(kept: Any) -> Quiet | None:
    if not isinstance(kept, dict):
        return None
    begins, ends = read_time(kept.get("from")), read_time(kept.get("until"))
    return Quiet(begins, ends) if begins is not None and ends is not None and begins != ends else None


def _hour(kept: Any) -> int:
    return kept if type(kept) is int and 0 <= kept < 24 else MAIL_HOUR
