"""The labels of a reading and their values in words, as chips, menus and the record show them.

How triage tells what it decided is tickets.reasons.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ingest.corrections import NO, YES, Label, Value

NOTHING = pgettext_lazy("trigger or aim", "none")
WORDS: Mapping[str, Mapping[str, Promise]] = {
    Label.SENTIMENT: {
        "negative": gettext_lazy("Negative"),
        "neutral": gettext_lazy("Neutral"),
        "positive": gettext_lazy("Positive"),
    },
    Label.FOLLOW_UP: {YES: gettext_lazy("Needs an answer"), NO: gettext_lazy("No answer needed")},
    Label.REASONS: {
        "safety_or_legal": gettext_lazy("Safety or legal"),
        "threat_to_leave": gettext_lazy("Threat to leave"),
        "complaint": gettext_lazy("Complaint"),
        "fault_report": gettext_lazy("Fault"),
        "question": gettext_lazy("Question"),
        "request": gettext_lazy("Request"),
        "details_given": gettext_lazy("Details given"),
        "thanks": gettext_lazy("Thanks"),
        "praise": gettext_lazy("Praise"),
        "chat": gettext_lazy("Chat"),
        "opinion": gettext_lazy("Opinion"),
        "news": gettext_lazy("News"),
        "spam": gettext_lazy("Spam"),
        "unclear": gettext_lazy("Unclear"),
    },
    Label.URGENCY: {
        "low": gettext_lazy("Low"),
        "normal": gettext_lazy("Normal"),
        "high": gettext_lazy("Urgent"),
    },
    Label.TRIGGER: {
        "": NOTHING,
        "dishonesty": gettext_lazy("dishonesty"),
        "bad_service": gettext_lazy("bad service"),
        "rudeness": gettext_lazy("rudeness"),
        "bad_product": gettext_lazy("a bad product"),
        "overcharging": gettext_lazy("overcharging"),
        "unresponsive": gettext_lazy("no response"),
        "delay_or_outage": gettext_lazy("delay or outage"),
        "other": pgettext_lazy("trigger", "something else"),
    },
    Label.AIM: {
        "": NOTHING,
        "awareness": gettext_lazy("to be heard"),
        "apology": gettext_lazy("an apology"),
        "solution": gettext_lazy("a solution"),
        "refund": gettext_lazy("a refund"),
        "sympathy": gettext_lazy("sympathy"),
        "unclear": pgettext_lazy("aim", "unclear"),
    },
}
# As they stand in a sentence: "Huda corrected the sentiment".
IN_A_SENTENCE: Mapping[str, Promise] = {
    Label.SENTIMENT: gettext_lazy("the sentiment"),
    Label.FOLLOW_UP: gettext_lazy("whether an answer is needed"),
    Label.REASONS: gettext_lazy("the reasons"),
    Label.URGENCY: gettext_lazy("the urgency"),
    Label.TRIGGER: gettext_lazy("the trigger"),
    Label.AIM: gettext_lazy("the aim"),
}


def name_of(label: str) -> str:
    """A label's own name; one that we do not know stays as it is."""
    if label == "language":
        return _("Language")
    return str(Label(label).label) if label in Label.values else label


def word(label: str, value: Value) -> str:
    """A value in words; several reasons as a list. What we do not know is shown as it is."""
    if isinstance(value, list):
        return _(", ").join(word(label, name) for name in value) or str(NOTHING)
    if value is None:
        return _("not read")
    return str(WORDS.get(label, {}).get(value, value))
