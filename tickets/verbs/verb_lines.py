"""What the verbs on tickets are told as in the record: one line each, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tickets.incidents.taking_back import STAYS
from tickets.models import Activity, Ticket
from tickets.verbs.dismissing import REASONS_WHY

Line = Callable[[Activity], SafeString]
Verb = Activity.Verb


def line_of(activity: Activity) -> SafeString | None:
    """The line of a verb that is told here; None for others."""
    told = LINES.get(activity.verb)
    return told(activity) if told else None


def _actor(activity: Activity) -> SafeString:
    return format_html("<bdi>{}</bdi>", activity.actor.name if activity.actor else _("Radd"))


def _said(words: str, activity: Activity, **given: Any) -> SafeString:
    return format_html(words, actor=_actor(activity), **given)


def number(pk: object) -> SafeString:
    """A ticket's number, as it is read in either direction."""
    return format_html('<a href="{}"><bdi dir="ltr">#{}</bdi></a>', reverse("inbox-ticket", args=["all", pk or 0]), pk)


def _snoozed(activity: Activity) -> SafeString:
    until = activity.data.get("until")
    if not until:
        return _said(_("{actor} snoozed it until the customer writes"), activity)
    local = timezone.localtime(datetime.fromisoformat(until))
    moment = f"{date_format(local, 'j M')} {local:%H:%M}"
    return _said(_("{actor} snoozed it until {until}"), activity, until=moment)


def _woken(activity: Activity) -> SafeString:
    if activity.data.get("why") == "customer":
        return format_html("{}", _("Woken: the customer wrote"))
    if activity.actor is None:
        return format_html("{}", _("Woken: its time has come"))
    return _said(_("{actor} woke it"), activity)


def _tagged(activity: Activity) -> SafeString:
    parts = [(sign, names) for sign, key in (("+", "added"), ("−", "removed")) if (names := _names(activity, key))]
    words = format_html_join(_(", "), '<bdi>{} <bdi dir="auto">{}</bdi></bdi>', [(s, n) for s, ns in parts for n in ns])
    return _said(_("{actor} changed the tags: {tags}"), activity, tags=words)


def _names(activity: Activity, key: str) -> list[str]:
    """Tags' names in the reader's language, where they have one in it."""
    arabic = (get_language() or "").startswith("ar")
    return [str((arabic and tag[2]) or tag[1]) for tag in activity.data.get(key, [])]


def _prioritised(activity: Activity) -> SafeString:
    to = Ticket.Priority(activity.data.get("to", Ticket.Priority.NORMAL)).label
    if activity.data.get("why") == "repeat":
        return format_html(_("Priority raised to {to}: the customer came back without an answer"), to=to)
    return _said(_("{actor} set the priority to {to}"), activity, to=to)


def _merged(activity: Activity) -> SafeString:
    if "into" in activity.data:
        return _said(_("{actor} merged it into {ticket}"), activity, ticket=number(activity.data.get("into", "")))
    return _said(_("{actor} merged {ticket} into it"), activity, ticket=number(activity.data.get("from", "")))


def _unmerged(activity: Activity) -> SafeString:
    return _said(_("{actor} took it out of {ticket} again"), activity, ticket=number(activity.data.get("out", "")))


def _split(activity: Activity) -> SafeString:
    if "from" in activity.data:
        return _said(_("{actor} split it off from {ticket}"), activity, ticket=number(activity.data.get("from", "")))
    return _said(_("{actor} split messages off to {ticket}"), activity, ticket=number(activity.data.get("to", "")))


def _linked(activity: Activity) -> SafeString:
    return _said(_("{actor} linked it with {ticket}"), activity, ticket=number(activity.data.get("other", "")))


def _unlinked(activity: Activity) -> SafeString:
    return _said(_("{actor} removed the link with {ticket}"), activity, ticket=number(activity.data.get("other", "")))


def _spam(activity: Activity) -> SafeString:
    return _said(_("{actor} marked it as spam"), activity)


def _no_answer(activity: Activity) -> SafeString:
    reason = REASONS_WHY.get(activity.data.get("reason", ""), "")
    line = _said(_("{actor}: no answer needed. {reason}"), activity, reason=reason)
    text = activity.data.get("text")
    return format_html('{} <bdi dir="auto">({})</bdi>', line, text) if text else line


INCIDENT_LINES: Mapping[str, Promise] = {
    "out": gettext_lazy("{actor} took it out of the incident {name}"),
    "closed": gettext_lazy("{actor} closed the incident {name}"),
    "reopened": gettext_lazy("{actor} reopened the incident {name}"),
    "renamed": gettext_lazy("{actor} renamed the incident {before} to {name}"),
}


def _incident(activity: Activity) -> SafeString:
    name = format_html('<bdi dir="auto">{}</bdi>', activity.data.get("name", ""))
    what = activity.data.get("what")
    if what in INCIDENT_LINES:
        before = format_html('<bdi dir="auto">{}</bdi>', activity.data.get("before", ""))
        return _said(str(INCIDENT_LINES[what]), activity, name=name, before=before)
    because = activity.data.get("because")
    if because:
        word = format_html('<bdi dir="auto">{}</bdi>', because)
        return format_html(_("Put into the incident {name} because it says “{word}”"), name=name, word=word)
    return _said(_("{actor} put it into the incident {name}"), activity, name=name)


def _undone(activity: Activity) -> SafeString:
    what = activity.data.get("what", "")
    words = dict(Activity.Verb.choices).get(what, what)
    line = _said(_("{actor} undid: {what}"), activity, what=words)
    if "rule" not in activity.data:
        return line
    rule = format_html('<bdi dir="auto">{}</bdi>', activity.data["rule"])
    stays = what_stays(activity)
    if not stays:
        return format_html(_("{line}. What the rule {rule} did is taken back, too"), line=line, rule=rule)
    return format_html(
        _("{line}. What the rule {rule} did is taken back, too, but for this: {stays}"),
        line=line,
        rule=rule,
        stays=stays,
    )


def what_stays(activity: Activity) -> str:
    """Of what a rule did, what was not taken back with what a line undid; empty for nothing."""
    return str(_(", ")).join(str(STAYS[name]) for name in activity.data.get("stays", ()) if name in STAYS)


LINES: Mapping[str, Line] = {
    Verb.SNOOZED: _snoozed,
    Verb.WOKEN: _woken,
    Verb.TAGGED: _tagged,
    Verb.PRIORITISED: _prioritised,
    Verb.MERGED: _merged,
    Verb.UNMERGED: _unmerged,
    Verb.SPLIT: _split,
    Verb.LINKED: _linked,
    Verb.UNLINKED: _unlinked,
    Verb.SPAM: _spam,
    Verb.NO_ANSWER: _no_answer,
    Verb.INCIDENT: _incident,
    Verb.UNDONE: _undone,
}
