"""The marks of the pages for templates. This library is built in: no template loads it."""

from decimal import Decimal
from functools import lru_cache, partial

from django import template
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, pgettext

from care import furniture
from ingest.corrections import Label
from tickets import keys
from tickets.channels.connect_changes import last_changes
from tickets.labels import word
from tickets.translating.translations import translatable
from tickets.views import marks, sending

register = template.Library()

register.simple_tag(marks.icon, name="icon")
register.simple_tag(marks.small, name="small")
register.simple_tag(marks.face, name="face")
register.simple_tag(marks.platform_mark, name="platform_mark")
register.simple_tag(marks.speech, name="speech")
register.simple_tag(marks.written, name="written")
register.filter("initials", marks.initials)
register.filter("signed", marks.signed)
register.filter("percent", marks.percent)
register.filter("platform", marks.platform_label)
register.filter("post", marks.post)
register.filter("translatable", translatable)
register.simple_tag(marks.read_by, name="read_by")
register.filter("look", marks.look_of)
register.filter("trigger", partial(word, Label.TRIGGER))
register.filter("aim", partial(word, Label.AIM))
register.simple_tag(marks.when, name="when")
register.simple_tag(marks.icon_of, name="icon_of")
register.simple_tag(sending.delivery_error, name="delivery_error")
register.filter("own_words", sending.own_words)
register.simple_tag(sending.next_try, name="next_try")
register.filter("language", marks.language_name)
register.simple_tag(last_changes, name="last_changes")


@register.simple_tag
def small_flip(name: str) -> str:
    """A small icon that is mirrored in right-to-left pages: things that move or point."""
    return marks.icon(name, "i-s i-flip")


@register.simple_tag
def small_as(name: str, label: str) -> str:
    """A small icon that says what it stands for."""
    return marks.small(name, str(label))


@register.filter
def dollars(amount: Decimal) -> SafeString:
    """US dollars, as exact as such prices are; kept together among right-to-left words."""
    return SafeString(f'<bdi dir="ltr" class="n">${amount.quantize(Decimal("0.001")):f}</bdi>')


@register.filter
def hundredths(share: float) -> str:
    """A share from 0 to 1 as a whole number of hundredths."""
    return f"{100 * share:.0f}%"


@register.filter
def plain(number: float) -> str:
    """A number as drawings and scripts read it, whatever the language of the page."""
    return str(number)


@register.simple_tag(takes_context=True)
def nav(context: template.Context) -> SafeString:
    """The lines of the open area; drawn once, shown in the rail and in the menu of phones."""
    return SafeString(context["shell"].nav(context.get("here", "")))


@register.simple_tag(takes_context=True)
def count_of(context: template.Context, slug: str) -> str:
    """How many tickets a list holds."""
    return str(context["shell"].count_of(slug))


register.simple_tag(furniture.address, name="furniture")


@register.simple_tag
def constant(name: str) -> SafeString:
    """A part that looks the same on every page and to everybody: drawn once for each language."""
    return _drawn(name, get_language())


@lru_cache(maxsize=32)
def _drawn(name: str, _language: str | None) -> SafeString:
    return mark_safe(render_to_string(name))  # noqa: S308 (a template's own output)


# What the scripts say; in the language of the page, and with the marks of marks.span.
SCRIPT_WORDS: dict[str, Promise] = {
    "asked": gettext_lazy("Asked for a second person. The answer goes out when they let it."),
    "staysOpen": gettext_lazy("Sent. The ticket stays open: the answer only repeats what was said before."),
    "notTranslated": gettext_lazy("Nothing to translate: all of it is in your language, or no translator is set up."),
    "overtaken": gettext_lazy("{name} answered while you were writing. Read it before you send."),
    "late": gettext_lazy("overdue"),
    "soon": gettext_lazy("running out"),
    "well": gettext_lazy("time left"),
    "nowSoon": gettext_lazy("Time is running out on this ticket"),
    "nowLate": gettext_lazy("This ticket is overdue"),
    "live": gettext_lazy("Live"),
    "polling": gettext_lazy("Checking every few seconds"),
    "connecting": gettext_lazy("Connecting"),
    "offline": gettext_lazy("No connection"),
    "upToDate": gettext_lazy("Up to date"),
    "draftKept": gettext_lazy("Draft kept"),
    "sendingIn": gettext_lazy("Sending in {n} s"),
    "sendingNow": gettext_lazy("Sending"),
    "nextTry": gettext_lazy("next try in %(time)s"),
    "tryingNow": gettext_lazy("trying again"),
    "copied": gettext_lazy("Your words are copied. Paste them there."),
    "notCopied": gettext_lazy("Your words could not be copied. Copy them by hand."),
    "emptyAnswer": gettext_lazy("Not sent: there is nothing in it yet. Write an answer first."),
    "emptyNote": gettext_lazy("Not saved: the note is empty."),
    "pictureComes": gettext_lazy("Not sent: a picture is still on its way. Send when it is there."),
    "newBelow": gettext_lazy("New below"),
    "unsent": gettext_lazy("No connection. Your answer is kept and goes out when it returns."),
    "keptBack": gettext_lazy("It will not be sent. Your draft is kept."),
    "sentLater": gettext_lazy("Your answer on #{n} was sent."),
    "notSentLater": gettext_lazy("Your answer on #{n} was not sent: open it and look. Your draft is kept."),
    "unread": gettext_lazy("Unread: {n}"),
    "mayNotify": gettext_lazy("This browser shows notices."),
    "mayNotNotify": gettext_lazy("This browser may not show notices. Allow them in its settings for this site."),
    "cannotNotify": gettext_lazy("This browser shows notices only over a secure connection (https)."),
    "isViewing": gettext_lazy("{name} is viewing"),
    "isWriting": gettext_lazy("{name} is writing"),
    "found": gettext_lazy("Found: {n}"),
    "nothingFound": gettext_lazy("Nothing found"),
    "failed": gettext_lazy("That did not work. Nothing was changed. Try again."),
    "failedOffline": gettext_lazy("No connection: nothing was changed. Do it again when it returns."),
}


@register.simple_tag
def key_groups() -> list[tuple[str, list[keys.Key]]]:
    """The parts of the sheet of keys, each with its title."""
    return [(str(label), keys.of_group(group)) for group, label in keys.GROUPS.items()]


@register.simple_tag
def key_list() -> list[dict[str, str]]:
    """What has a key, for the scripts."""
    return [{"code": key.code, "key": key.key} for key in keys.KEYS]


@register.simple_tag
def script_words() -> dict[str, str]:
    """What the scripts say, in the language of the page."""
    words = {name: str(word) for name, word in SCRIPT_WORDS.items()}
    words["hm"] = pgettext("hours and minutes", "%(h)dh %(m)02dm")
    words["dh"] = pgettext("days and hours", "%(d)dd %(h)dh")
    return words
