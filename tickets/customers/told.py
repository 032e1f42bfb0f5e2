"""What was said of customers, as the record of their tickets tells it; and taking it back."""

from collections.abc import Callable, Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.customers import joining, keeping
from tickets.models import Activity

Verb = Activity.Verb


def is_of_customer(line: Activity) -> bool:
    """Whether a line tells of the customer and not of the ticket."""
    return "account" in line.data or line.data.get("what") in WORDS


def line_of(activity: Activity) -> SafeString | None:
    """The line for the ticket's story; None for what is told elsewhere."""
    if activity.verb in {Verb.LINKED, Verb.UNLINKED} and "account" in activity.data:
        words = LINKS[Verb(activity.verb)]()
        return format_html(words, actor=_actor(activity), account=_account(activity.data))
    told = WORDS.get(activity.data.get("what", "")) if activity.verb == Verb.CHANGED else None
    return told(activity) if told else None


LINKS: Mapping[Activity.Verb, Callable[[], str]] = {
    Verb.LINKED: lambda: _("{actor} linked the account {account}"),
    Verb.UNLINKED: lambda: _("{actor} unlinked the account {account}"),
}


def _actor(activity: Activity) -> SafeString:
    return format_html("<bdi>{}</bdi>", activity.actor.name if activity.actor else _("Radd"))


def _account(data: Mapping[str, str]) -> SafeString:
    if data.get("handle"):
        return format_html('<bdi dir="ltr" class="h">@{}</bdi>', data["handle"])
    return format_html("<bdi>{}</bdi>", data.get("name", ""))


def _tier(activity: Activity) -> SafeString:
    data = activity.data
    arabic = (get_language() or "").startswith("ar")
    name = (arabic and data.get("name_ar")) or data.get("name")
    if not name:
        return format_html(_("{actor} took the customer’s tier away"), actor=_actor(activity))
    tier = format_html('<bdi dir="auto">{}</bdi>', name)
    return format_html(_("{actor} set the customer’s tier to {tier}"), actor=_actor(activity), tier=tier)


def _called(activity: Activity) -> SafeString:
    name = activity.data.get("to")
    if not name:
        return format_html(_("{actor} took the customer’s name back"), actor=_actor(activity))
    name = format_html('<bdi dir="auto">{}</bdi>', name)
    return format_html(_("{actor} named the customer {name}"), actor=_actor(activity), name=name)


def _noted(activity: Activity) -> SafeString:
    return format_html(_("{actor} changed the notes on the customer"), actor=_actor(activity))


WORDS: Mapping[str, Callable[[Activity], SafeString]] = {
    keeping.TIER: _tier,
    keeping.NAME: _called,
    keeping.NOTES: _noted,
}


def take_back(line: Activity, by: User) -> None:
    """Undo what such a line tells, after kinship.alone(). Raises NotAllowed."""
    verb = joining.take_back if "account" in line.data else keeping.take_back
    verb(line, by)
