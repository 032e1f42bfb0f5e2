"""Errors as backfills and events keep them (`code: words`), told in sentences."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tickets.channels.channel_words import ERRORS

# What only the reading of the past, or of what a platform told us, ends with.
ENDINGS: dict[str, Promise] = {
    "gave_up": gettext_lazy("One page was tried again and again in vain."),
    "stuck": gettext_lazy("The platform gave the same page again and again."),
    "no_past": gettext_lazy("This platform gives no past."),
    "no_webhooks": gettext_lazy("This platform does not call us."),
    "unexpected": gettext_lazy("Something went wrong within Radd; the log has it."),
    "KeyError": gettext_lazy("Something that it should hold is missing. It is not what the platform documents."),
    "TypeError": gettext_lazy("Something in it is of another kind. It is not what the platform documents."),
    "ValueError": gettext_lazy("Something in it makes no sense. It is not what the platform documents."),
}


def in_words(error: str) -> str:
    """A sentence of ours where we have one, else what the platform said; empty for no error."""
    code, _colon, words = error.partition(": ")
    known = ENDINGS.get(code) or ERRORS.get(code)
    if known:
        return str(known)
    return words if words and code.islower() and " " not in code else error
