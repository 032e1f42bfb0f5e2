"""Reasons in words: what triage found, as a supervisor would say it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WORDS: dict[str, Promise] = {
    "own_post": gettext_lazy("our own post, read back from the platform"),
    "repost": gettext_lazy("shares somebody's post without a word of its own"),
    "bare_quote": gettext_lazy("quotes a post and adds no word"),
    "other_channel": gettext_lazy("the same post already came in through another channel"),
    "deleted": gettext_lazy("its author deleted it"),
    "spam": gettext_lazy("advertising or spam"),
    "live_ticket": gettext_lazy("this person has a ticket open already"),
    "wrote_again": gettext_lazy("wrote again while the ticket is open"),
    "came_back": gettext_lazy("came back in a thread that was resolved"),
    "after_care": gettext_lazy("a last word after the ticket was resolved"),
    "safety_or_legal": gettext_lazy("a safety or legal matter"),
    "threat_to_leave": gettext_lazy("threatens to leave"),
    "complaint": gettext_lazy("complains"),
    "fault_report": gettext_lazy("reports a fault"),
    "question": gettext_lazy("asks a question"),
    "request": gettext_lazy("asks for something to be done"),
    "details_given": gettext_lazy("gives details that somebody must use"),
    "unread": gettext_lazy("the model could not read it, so a person should"),
    "private": gettext_lazy("written to us privately"),
    "only_media": gettext_lazy("only a picture: somebody must look at it"),
    "no_words": gettext_lazy("no words, only handles, links or signs"),
    "thanks": gettext_lazy("thanks, nothing asked"),
    "praise": gettext_lazy("praise, nothing asked"),
    "nothing_asked": gettext_lazy("nothing is asked and nothing is wrong"),
    "by_person": gettext_lazy("decided by a person"),
}


def words(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """One short phrase a reason, in the language of the page. An unknown code is shown as it is."""
    return [_phrase(reason) for reason in reasons]


def _phrase(reason: Mapping[str, Any]) -> str:
    code = str(reason.get("code", ""))
    p = reason.get("p")
    if code == "negative" and p is not None:
        return _("sounds unhappy (%(share)s %% sure)") % {"share": round(float(p) * 100)}
    if code == "positive" and p is not None:
        return _("sounds content (%(share)s %% sure)") % {"share": round(float(p) * 100)}
    if code == "unsure":
        return _("the model is not sure, so a person should look")
    return str(WORDS.get(code, code))
