"""Reasons in words: what the reader found and triage decided, as a supervisor would say it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ingest.corrections import Label
from tickets.labels import word

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
    "thanks": gettext_lazy("thanks"),
    "praise": gettext_lazy("praise"),
    "chat": gettext_lazy("small talk"),
    "opinion": gettext_lazy("an opinion"),
    "news": gettext_lazy("news"),
    "unclear": gettext_lazy("unclear what is meant"),
    "nothing_asked": gettext_lazy("nothing is asked and nothing is wrong"),
    "by_person": gettext_lazy("decided by a person"),
}

# Said beside a reason only where they say something.
NO_NEWS = {"other", "unclear", ""}
# What a reason with a figure is called where its probability is at least one half, and below. The figure itself is
# for those who look closer (views.marks.sureness): in a line that is read all day it would be noise.
SURE: dict[str, tuple[Promise, Promise]] = {
    "negative": (gettext_lazy("sounds unhappy"),) * 2,
    "positive": (gettext_lazy("sounds content"),) * 2,
    "follow_up": (gettext_lazy("probably needs an answer"), gettext_lazy("may need an answer")),
    "nothing_owed": (gettext_lazy("probably needs no answer"), gettext_lazy("may need no answer")),
}


def words(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """One short phrase a reason, in the language of the page. An unknown code is shown as it is."""
    return [_phrase(reason) for reason in reasons]


def brief(reasons: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those worth a place in a row: how sure the model is goes without saying where it could name why."""
    telling = [reason for reason in reasons if reason.get("code") not in {"follow_up", "nothing_owed"}]
    return telling or list(reasons)


def _phrase(reason: Mapping[str, Any]) -> str:
    code = str(reason.get("code", ""))
    p = reason.get("p")
    if code in SURE and p is not None:
        return str(SURE[code][0 if float(p) >= 0.5 else 1])
    if code == "unsure":
        return _("the model is not sure, so a person should look")
    return _about(str(WORDS.get(code, code)), str(reason.get("trigger", "")), str(reason.get("aim", "")))


def _about(phrase: str, trigger: str, aim: str) -> str:
    """A complaint with what set it off and what it is after, where that is known."""
    if trigger not in NO_NEWS:
        phrase = _("%(reason)s: %(trigger)s") % {"reason": phrase, "trigger": word(Label.TRIGGER, trigger)}
    if aim not in NO_NEWS:
        phrase = _("%(reason)s, wants %(aim)s") % {"reason": phrase, "aim": word(Label.AIM, aim)}
    return phrase
