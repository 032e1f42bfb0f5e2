"""Words for how a channel is: its state, and each reason for it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ingest.health import Reason, State

STATES: dict[State, Promise] = {
    State.HEALTHY: gettext_lazy("Healthy"),
    State.SLOW: gettext_lazy("Slow"),
    State.FAILING: gettext_lazy("Failing"),
    State.ATTENTION: gettext_lazy("Needs attention"),
    State.PAUSED: gettext_lazy("Paused"),
    State.REMOVED: gettext_lazy("Removed"),
}

# What is wrong with a channel, by the code that its adapter or the collector gave.
ERRORS: dict[str, Promise] = {
    "bad_credentials": gettext_lazy("The platform no longer accepts our keys. An admin must enter new ones."),
    "sealed_credentials": gettext_lazy("The stored keys cannot be opened. An admin must enter them again."),
    "not_allowed": gettext_lazy("The platform does not allow this access. Check the account's plan and rights."),
    "out_of_credit": gettext_lazy("The account's credit with the platform is used up."),
    "rate_limited": gettext_lazy("The platform asked us to wait. Reading goes on by itself."),
    "unreachable": gettext_lazy("The platform could not be reached. We try again by ourselves."),
    "platform_down": gettext_lazy("The platform says that it is out of order. We try again by ourselves."),
    "garbled_answer": gettext_lazy("The platform answered with something that is not its format. We try again."),
    "not_connected": gettext_lazy("No keys have been entered yet."),
    "unknown_platform": gettext_lazy("This version of Radd does not know that platform."),
    "paused": gettext_lazy("Paused by a person"),
    "removed": gettext_lazy("Removed by a person: nothing is read or sent. What it brought stays here to be read."),
    "erasing": gettext_lazy("Removed by a person. What it brought is being erased in the background."),
    "cap_reached": gettext_lazy(
        "The month's cap is reached: nothing is read until it is raised. Answers still go out."
    ),
    "ahead_of_cap": gettext_lazy("More is spent than the cap allows by now. Reading slows so that the month lasts."),
}


def words_of(reason: Reason) -> str:
    """One sentence; what the platform said itself where we have no words of our own."""
    if reason.code in FIGURES:
        return FIGURES[reason.code](reason.data)
    known = ERRORS.get(reason.code)
    return str(known) if known else str(reason.data.get("words") or reason.code)


def _silent(data: Mapping[str, Any]) -> str:
    span = ngettext("the last hour", "the last %(n)d hours", data["hours"]) % {"n": data["hours"]}
    figures = {"came": data["came"], "usual": data["usual"], "span": span}
    return _("Unusually quiet: %(came)d posts in %(span)s, where about %(usual)d are usual.") % figures


def _late(data: Mapping[str, Any]) -> str:
    n = data["minutes"]
    words = ngettext("Posts come about %(n)d minute late.", "Posts come up to %(n)d minutes late.", n)
    return words % {"n": n}


def _often_fails(data: Mapping[str, Any]) -> str:
    return _("%(failed)d of the last %(looks)d looks failed.") % dict(data)


def _not_looked_at(data: Mapping[str, Any]) -> str:
    if data["since"] is None:
        return _("Nobody has looked at it yet. Is a worker running?")
    return _("No look has gone well since %(when)s. Is a worker running?") % {"when": moment(data["since"])}


FIGURES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "silent": _silent,
    "late": _late,
    "often_fails": _often_fails,
    "not_looked_at": _not_looked_at,
    "expired": lambda data: _("Its keys ended on %(when)s. Enter new ones.") % {"when": moment(data["at"])},
    "expires_soon": lambda data: _("Its keys end on %(when)s. Enter new ones before.") % {"when": moment(data["at"])},
    "no_room": lambda data: _("The platform's rate limit is used up until %(when)s.") % {"when": moment(data["until"])},
}


def moment(at: datetime) -> str:
    """A date and time in a sentence."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'j M')} {local:%H:%M}"
