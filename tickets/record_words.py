"""The record of changes in words: what was done, and what it was before. Only what has a name here is shown."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.models import AuditEntry, Role
from tickets.channels.channel_words import moment
from tickets.channels.connect_words import FIELDS, GUIDES

WEEK, NO_BREAK = "0123456", "\u2011"

# What was done, as the start of a line; the name of what it was done to stands behind it.
WORDS: Mapping[str, Promise] = {
    "person.added": gettext_lazy("Person added"),
    "person.changed": gettext_lazy("Person changed"),
    "person.left": gettext_lazy("Account closed"),
    "person.back": gettext_lazy("Account opened again"),
    "person.password": gettext_lazy("First password made anew"),
    "person.second_step_on": gettext_lazy("Two-step sign-in turned on"),
    "person.second_step_off": gettext_lazy("Two-step sign-in turned off"),
    "person.second_step_reset": gettext_lazy("Two-step sign-in reset"),
    "person.recovery_codes": gettext_lazy("Recovery codes made anew"),
    "sign_in.changed": gettext_lazy("Sign-in policy changed"),
    "shifts.changed": gettext_lazy("Shifts changed"),
    "away.planned": gettext_lazy("Absence entered"),
    "away.ended": gettext_lazy("Absence ended"),
    "away.cancelled": gettext_lazy("Absence taken back"),
    "team.made": gettext_lazy("Team made"),
    "team.changed": gettext_lazy("Team changed"),
    "team.removed": gettext_lazy("Team removed"),
    "brand.made": gettext_lazy("Brand made"),
    "brand.renamed": gettext_lazy("Brand renamed"),
    "tag.made": gettext_lazy("Tag made"),
    "tag.renamed": gettext_lazy("Tag renamed"),
    "tag.merged": gettext_lazy("Tag merged into another"),
    "tag.removed": gettext_lazy("Tag removed"),
    "tier.made": gettext_lazy("Tier made"),
    "tier.changed": gettext_lazy("Tier changed"),
    "tier.moved": gettext_lazy("Tier moved"),
    "tier.removed": gettext_lazy("Tier removed"),
    "policy.made": gettext_lazy("Target made"),
    "policy.changed": gettext_lazy("Target changed"),
    "policy.moved": gettext_lazy("Target moved"),
    "policy.removed": gettext_lazy("Target removed"),
    "calendar.made": gettext_lazy("Calendar made"),
    "calendar.changed": gettext_lazy("Calendar changed"),
    "calendar.removed": gettext_lazy("Calendar removed"),
    "calendar.days": gettext_lazy("Special days changed"),
    "rule.made": gettext_lazy("Rule made"),
    "rule.changed": gettext_lazy("Rule changed"),
    "rule.moved": gettext_lazy("Rule moved"),
    "rule.removed": gettext_lazy("Rule removed"),
    "rule.put_back": gettext_lazy("Rule put back"),
    "chain.made": gettext_lazy("Chain made"),
    "chain.changed": gettext_lazy("Chain changed"),
    "chain.moved": gettext_lazy("Chain moved"),
    "chain.removed": gettext_lazy("Chain removed"),
    "chain.put_back": gettext_lazy("Chain put back"),
    "channel.connected": gettext_lazy("Channel connected"),
    "channel.settings": gettext_lazy("Channel settings changed"),
    "channel.keys": gettext_lazy("New keys for a channel"),
    "channel.paused": gettext_lazy("Channel paused"),
    "channel.resumed": gettext_lazy("Channel resumed"),
    "channel.removed": gettext_lazy("Channel removed, its data kept"),
    "channel.erased": gettext_lazy("Channel removed, its data erased"),
    "channel.past_read": gettext_lazy("Reading of a channel's past begun"),
    "channel.past_stopped": gettext_lazy("Reading of a channel's past stopped"),
    "scorecard.made": gettext_lazy("Scorecard made"),
    "scorecard.changed": gettext_lazy("Scorecard changed"),
    "scorecard.removed": gettext_lazy("Scorecard removed"),
    "incident.opened": gettext_lazy("Incident opened"),
    "incident.changed": gettext_lazy("Incident changed"),
    "surge.dismissed": gettext_lazy("Suggested incident dismissed"),
    "surge.brought_back": gettext_lazy("Suggested incident brought back"),
    "incident.closed": gettext_lazy("Incident closed"),
    "incident.reopened": gettext_lazy("Incident opened again"),
    "incident.told": gettext_lazy("Update sent to an incident's customers"),
}
# The policy of answers is written with the brand it holds for.
OF_KIND: Mapping[tuple[str, str], Promise] = {("policy.changed", "brand"): gettext_lazy("Policy of answers changed")}

_ANSWERS = Q(kind="brand", verb="policy.changed")
# What one may narrow the record to.
AREAS: Mapping[str, tuple[Promise, Q]] = {
    "people": (gettext_lazy("People"), Q(kind="user")),
    "sign-in": (gettext_lazy("Signing in"), Q(kind="signinpolicy")),
    "teams": (gettext_lazy("Teams"), Q(kind="team")),
    "brands": (gettext_lazy("Brands"), Q(kind="brand") & ~Q(verb="policy.changed")),
    "tags": (gettext_lazy("Tags"), Q(kind="tag")),
    "tiers": (gettext_lazy("Tiers"), Q(kind="tier")),
    "rules": (gettext_lazy("Routing rules"), Q(kind="routingrule")),
    "targets": (gettext_lazy("Targets"), Q(kind="slapolicy")),
    "calendars": (gettext_lazy("Calendars"), Q(kind="calendar")),
    "answers": (gettext_lazy("Answers"), _ANSWERS),
    "channels": (gettext_lazy("Channels"), Q(kind="channel")),
    "chains": (gettext_lazy("Escalation"), Q(kind="escalationchain")),
    "incidents": (gettext_lazy("Incidents"), Q(kind__in=["incident", "surge"])),
    "scorecards": (gettext_lazy("Scorecards"), Q(kind="scorecard")),
}

NAMES: Mapping[str, Promise] = {
    **FIELDS,
    "email": gettext_lazy("work e-mail"),
    "role": gettext_lazy("role"),
    "capacity": gettext_lazy("tickets at once"),
    "skills": gettext_lazy("skills"),
    "languages": gettext_lazy("languages"),
    "time_zone": gettext_lazy("time zone"),
    "interface_language": gettext_lazy("interface language"),
    "teams": gettext_lazy("teams"),
    "brands": gettext_lazy("brands"),
    "members": gettext_lazy("people"),
    "name_ar": gettext_lazy("Arabic name"),
    "is_default": gettext_lazy("takes what no rule sends elsewhere"),
    "second_step_roles": gettext_lazy("who must sign in with two steps"),
    "shifts": gettext_lazy("shifts"),
    "begins": gettext_lazy("from"),
    "ends": gettext_lazy("until"),
    "reason": gettext_lazy("reason"),
    "platform": gettext_lazy("platform"),
    "handle": gettext_lazy("handle"),
    "place": gettext_lazy("place"),
    "rank": gettext_lazy("place"),
    "version": gettext_lazy("version"),
    "into": gettext_lazy("into"),
    "added": gettext_lazy("added"),
    "removed": gettext_lazy("removed"),
    "country": gettext_lazy("country"),
    "hand_over": gettext_lazy("hands over what they hold"),
    "on": pgettext_lazy("rule", "in use"),
    "options": gettext_lazy("settings"),
    "given": gettext_lazy("keys entered"),
    "spans": gettext_lazy("hours"),
    "first_answer": gettext_lazy("first answer"),
    "next_answer": gettext_lazy("next answers"),
    "resolution": gettext_lazy("resolution"),
    "warn_at": gettext_lazy("warning at, %"),
    "is_on": pgettext_lazy("rule", "in use"),
    "priority": gettext_lazy("priority"),
    "tier": gettext_lazy("tier"),
    "calendar": gettext_lazy("calendar"),
    "canned_counts": gettext_lazy("canned answers count"),
    "own_domains": gettext_lazy("own domains"),
    "approval_minutes": gettext_lazy("minutes for an approval"),
    "guard": gettext_lazy("guard"),
    "questions": gettext_lazy("questions"),
}


ORDER: Mapping[str, int] = {name: place for place, name in enumerate(NAMES)}


def what(entry: AuditEntry) -> str:
    """What was done; the code itself for what a later version of Radd wrote."""
    words = OF_KIND.get((entry.verb, entry.kind)) or WORDS.get(entry.verb)
    return str(words) if words else entry.verb


def who(entry: AuditEntry) -> str:
    """The name of who did it, as it was that day."""
    return entry.actor_name or _("The server's console")


def details(entry: AuditEntry) -> list[str]:
    """What it was about, a phrase each: what changed from what to what, and what else there is to know."""
    data: Mapping[str, Any] = entry.data
    changed = data.get("changed")
    pairs = changed.items() if isinstance(changed, dict) else ()
    found = [_turned(name, *pair) for name, pair in pairs if isinstance(pair, list) and len(pair) == 2]
    # The database keeps names in an order of its own.
    for name, value in sorted(data.items(), key=lambda pair: ORDER.get(pair[0], len(ORDER))):
        if name in OWN:
            found.append(OWN[name](value))
        elif name in NAMES and value not in (None, "", []):
            found.append(_("%(field)s: %(value)s") % {"field": NAMES[name], "value": _value(name, value)})
    return [words for words in found if words]


def _turned(name: str, was: Any, now: Any) -> str:
    if name not in NAMES:
        return ""
    told = {"field": NAMES[name], "was": _value(name, was), "now": _value(name, now)}
    return _("%(field)s: from %(was)s to %(now)s") % told


def _value(name: str, value: Any) -> str:
    """A value of the record, kept in one piece inside words of the other direction."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(_value(name, one) for one in value) or _("nothing")
    if value is None or value == "":
        return _("nothing")
    if name == "shifts":
        return _day_line(str(value))
    if name in {"begins", "ends"}:
        return _isolated(_moment(str(value)))
    if name in {"role", "second_step_roles"} and value in Role.values:
        return str(Role(value).label)
    if name in {"options", "given"}:
        return _isolated(_option_word(str(value)))
    return _isolated(str(value))


def _isolated(text: str) -> str:
    return f"\u2068{text}\u2069"


def _day_line(told: str) -> str:
    """A line of a week, whose first word is the number of its day."""
    day, _space, hours = told.partition(" ")
    # A line breaks between spans, never within one.
    return f"{WEEKDAYS[int(day)]} {_isolated(hours.replace('-', NO_BREAK))}" if day in WEEK else _isolated(told)


def _moment(told: str) -> str:
    try:
        return moment(datetime.fromisoformat(told))
    except ValueError:
        return told


def _option_word(name: str) -> str:
    asked = (one for guide in GUIDES.values() for one in guide.asked if one.name == name)
    return next((str(one.label) for one in asked), name)


def _was(value: Any) -> str:
    """The names or the place there were before; a channel's state before new keys says nothing to people."""
    if isinstance(value, list):
        return _("before: %(names)s") % {"names": _value("name", [name for name in value if name])}
    return _("before: place %(n)d") % {"n": value} if isinstance(value, int) else ""


def _tickets(value: Any) -> str:
    return ngettext("%(n)d ticket had it", "%(n)d tickets had it", value) % {"n": value} if value else ""


def _days(value: Any) -> str:
    return ngettext("%(n)d day back", "%(n)d days back", value) % {"n": value}


OWN: Mapping[str, Callable[[Any], str]] = {"was": _was, "tickets": _tickets, "days": _days}
