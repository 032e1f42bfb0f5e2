"""The true state of an answer on its way, in words: what it waits for, why it was not sent, what nobody knows."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ingest.models import Delivery
from tickets.views.marks import span

# What a platform's refusal means for the person who wrote the answer, by the code its adapter gave.
ERRORS: dict[str, Promise] = {
    "bad_credentials": gettext_lazy("the channel's keys are no longer accepted. Ask an admin to renew them."),
    "sealed_credentials": gettext_lazy("the channel's keys cannot be opened. Ask an admin to enter them again."),
    "bad_certificate": gettext_lazy("the platform's server has no valid certificate. Tell an admin."),
    "bad_options": gettext_lazy("the channel is not set up rightly. Tell an admin."),
    "bad_address": gettext_lazy("the address it would go to is none."),
    "unknown_platform": gettext_lazy("this installation does not know the channel's platform. Tell an admin."),
    "no_account": gettext_lazy("this channel cannot send. Open the post on the platform and answer there."),
    "not_connected": gettext_lazy("this channel is not connected. Ask an admin to connect it."),
    "not_allowed": gettext_lazy("the platform does not let us answer this post. Open it there and answer."),
    "forbidden": gettext_lazy("the platform does not let us do this. Open the post there and answer."),
    "rejected": gettext_lazy("the platform did not take it."),
    "gone": gettext_lazy("the post is no longer there."),
    "not_found": gettext_lazy("the post is no longer there."),
    "duplicate": gettext_lazy("the platform took it for a double of an earlier post. Word it differently."),
    "too_long": gettext_lazy("it is too long for the platform. Shorten it and send it anew."),
    "too_large": gettext_lazy("it is too large for the platform."),
    "out_of_credit": gettext_lazy("the account's credit with the platform is used up. Tell an admin."),
    "rate_limited": gettext_lazy("the platform wants us to wait. Try again in a while."),
    "unreachable": gettext_lazy("the platform could not be reached. Try again in a while."),
    "platform_down": gettext_lazy("the platform has trouble of its own. Try again in a while."),
    "media_not_allowed": gettext_lazy("the channel may not send pictures. Ask an admin to connect it anew."),
    "media_rejected": gettext_lazy("the platform did not take a picture. Send it without, or with another one."),
    "media_processing": gettext_lazy("the platform had not finished with its pictures. Try again in a while."),
    "garbled_answer": gettext_lazy("the platform answered with something we cannot read. Try again in a while."),
    "outcome_unknown": gettext_lazy("nobody knows whether it arrived. Look on the platform before you send it anew."),
    "never_known": gettext_lazy("Nobody knows whether it arrived. Look on the platform before you send it anew."),
    "unexpected": gettext_lazy("something went wrong within Radd. Tell an admin."),
    "channel_removed": gettext_lazy("the channel was removed before it went out."),
    "part_before": gettext_lazy("a part before it was not sent."),
}
# Codes of connecting, reading and being called: no answer on its way meets them.
ELSEWHERE = frozenset(
    {
        "access_denied", "bad_payload", "bad_signature", "gave_up", "no_past", "no_webhooks", "replayed",
        "state_mismatch", "stream_ended", "stuck",
    }
)  # fmt: skip
# Their words are for our own log.
OUR_OWN = frozenset(
    {"never_known", "unexpected", "part_before", "channel_removed", "unknown_platform", "sealed_credentials"}
)
MOST_WORDS = 300


def delivery_error(delivery: Delivery) -> str:
    """Why an answer was not sent, in words; what the platform said where we have no better."""
    known = ERRORS.get(delivery.error_code)
    return str(known) if known else delivery.last_error or delivery.error_code or _("no reason was given.")


def own_words(delivery: Delivery) -> str:
    """What the platform itself said to it, beside our words for it."""
    ours = delivery.error_code in OUR_OWN or delivery.error_code not in ERRORS
    return "" if ours else delivery.last_error[:MOST_WORDS]


def next_try(delivery: Delivery, now: datetime) -> SafeString:
    """When it is tried again; the attribute lets the browser count."""
    left = (delivery.due_at - now).total_seconds()
    words = _("next try in %(time)s") % {"time": span(left)} if left > 0 else _("trying again")
    return format_html('<span data-next="{}">{}</span>', f"{delivery.due_at.timestamp():.0f}", words)
