"""What clocks and chains do to a ticket, as a line of its record in the reader's language."""

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.models import Activity
from tickets.targets.chain_words import ROLE_WORDS
from tickets.targets.clocks import Target

Verb = Activity.Verb
SOON: Mapping[str, Promise] = {
    Target.FIRST_ANSWER.value: gettext_lazy("The first answer is due soon"),
    Target.NEXT_ANSWER.value: gettext_lazy("An answer is due soon"),
    Target.RESOLUTION.value: gettext_lazy("The resolution is due soon"),
}
LATE: Mapping[str, Promise] = {
    Target.FIRST_ANSWER.value: gettext_lazy("The first answer is late"),
    Target.NEXT_ANSWER.value: gettext_lazy("An answer is late"),
    Target.RESOLUTION.value: gettext_lazy("The resolution is late"),
}


def line_of(activity: Activity) -> SafeString | None:
    """None for what is told elsewhere."""
    told = LINES.get(activity.verb)
    return told(activity) if told else None


def _clock(words: Mapping[str, Promise], otherwise: Promise) -> Callable[[Activity], SafeString | None]:
    def line(activity: Activity) -> SafeString | None:
        # The clock of an answer that waits for a second person has words of its own.
        if "approval" in activity.data:
            return None
        return format_html("{}", words.get(str(activity.data.get("target", "")), otherwise))

    return line


def _escalated(activity: Activity) -> SafeString:
    data = activity.data
    to = format_html("<bdi>{}</bdi>", whom(str(data.get("role", "")), str(data.get("name", ""))))
    if activity.actor:
        return format_html(_("{actor} escalated it to {to}"), actor=_name(activity.actor.name), to=to)
    chain = format_html('<bdi dir="auto">{}</bdi>', data.get("chain", ""))
    return format_html(_("Escalated to {to}: {chain}, step {step}"), to=to, chain=chain, step=data.get("step", ""))


def whom(role: str, name: str) -> str:
    """Whom a step tells, in words."""
    return str(ROLE_WORDS.get(role, name))


def _acknowledged(activity: Activity) -> SafeString:
    name = activity.actor.name if activity.actor else _("Radd")
    return format_html(_("{actor} acknowledged it"), actor=_name(name))


def _name(name: str) -> SafeString:
    return format_html("<bdi>{}</bdi>", name)


LINES: Mapping[str, Callable[[Activity], SafeString | None]] = {
    Verb.WARNED: _clock(SOON, gettext_lazy("A clock runs out soon")),
    Verb.BREACHED: _clock(LATE, gettext_lazy("A clock ran out")),
    Verb.ESCALATED: _escalated,
    Verb.ACKNOWLEDGED: _acknowledged,
}
