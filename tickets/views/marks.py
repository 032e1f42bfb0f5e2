"""The small marks of the pages: icons, faces with their number, clocks, avatars. Each is one piece of safe HTML.

They are plain functions because a list draws two hundred of them; templates reach them through care.templatetags.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi, get_language_info, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from accounts.reckoning import day, figures
from ingest.models import Message
from tickets.labels import name_of
from tickets.moods import MOVED, STRONG, mood_of

MINUS = "−"
LEFT_TO_RIGHT = "\u200e"
SOON_AT_LEAST = timedelta(minutes=15)
LANGUAGES = {"ar", "en", "fr", "de", "es", "it", "pt", "hi", "ur", "fa", "tr", "nl", "id"}
RIGHT_TO_LEFT = {"ar", "fa", "ur", "he"}
ARABIC, LATIN = re.compile(r"[\u0621-\u064a]"), re.compile(r"[A-Za-z\u00c0-\u024f]")
ISLANDS = re.compile(r"((?:https?://|(?<![\w/])@\w)[^\s<>،؛]*)")
PLATFORM_ICONS = {"x": "brand-x", "bluesky": "brand-bluesky", "mastodon": "brand-mastodon", "email": "mail",
                  "demo": "test-pipe", "imported": "file-import"}  # fmt: skip
PLATFORM_LABELS = {
    "x": "X",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "email": gettext_lazy("E-mail"),
    "webhook": gettext_lazy("Generic channel"),
}


@lru_cache(maxsize=512)
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """One icon of the sprite; with a label it speaks, without it is decoration."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="i {}" {}><use href="{}#{}"/></svg>', css, spoken, static("icons.svg"), name)


def small(name: str, label: str = "") -> SafeString:
    """The icon at the size of a chip."""
    return icon(name, "i-s", label)


def signed(value: float) -> str:
    """A valence or a lift with its sign, always two places: -0.72 is shown with a true minus."""
    rounded = round(value, 2) + 0.0
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):.2f}"


def percent(share: float | None) -> str:
    """A share from 0 to 1 in hundredths, with one place; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.1f}%"


def mood_word(mood: str) -> str:
    """The mood in the language of the page."""
    if mood == "negative":
        return _("Negative")
    return _("Positive") if mood == "positive" else _("Neutral")


FACES = {"negative": ("mood-sad", "neg"), "neutral": ("mood-empty", "neu"), "positive": ("mood-smile", "pos")}


@lru_cache(maxsize=256)
def _face_start(_language: str | None, mood: str, *, strong: bool, worded: bool) -> str:
    """All of a face before its number, drawn once for each language."""
    shape, css = FACES[mood]
    word = mood_word(mood) if worded else f'<span class="vh">{mood_word(mood)}</span>'
    return f'<span class="r-mood {css}{" strong" if strong else ""}">{small(shape)}{word} <span class="n">'


@lru_cache(maxsize=64)
def _arrow(_language: str | None, *, rising: bool) -> str:
    return small("arrow-up", _("rising")) if rising else small("arrow-down", _("falling"))


def face(valence: float | None, before: float | None = None, *, worded: bool = False) -> SafeString:
    """The face, the signed number, and an arrow when the mood has truly moved; in a ticket the word as well."""
    if valence is None:
        return SafeString("")
    language = get_language()
    start = _face_start(language, mood_of(valence), strong=valence <= STRONG, worded=worded)
    moved = before is not None and abs(valence - before) >= MOVED
    arrow = _arrow(language, rising=valence > before) if moved and before is not None else ""
    return SafeString(f"{start}{signed(valence)}</span>{arrow}</span>")


@lru_cache(maxsize=16)
def _span_words(_language: str | None) -> tuple[str, str]:
    """How the page's language writes hours and minutes, and days and hours."""
    return pgettext("hours and minutes", "%(h)dh %(m)02dm"), pgettext("days and hours", "%(d)dd %(h)dh")


def span(seconds: float) -> str:
    """A stretch of time: mm:ss under an hour, then hours and minutes, then days and hours."""
    whole = int(abs(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes:02d}:{rest:02d}"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _span_words(get_language())[0] % {"h": hours, "m": minutes}
    days, hours = divmod(hours, 24)
    return _span_words(get_language())[1] % {"d": days, "h": hours}


def soon_from(due_at: datetime, waiting_since: datetime | None) -> datetime:
    """When a clock turns amber: in the last quarter of its target, and never later than 15 minutes before the end."""
    quarter = (due_at - waiting_since) / 4 if waiting_since else SOON_AT_LEAST
    return due_at - max(SOON_AT_LEAST, quarter)


CLOCKS = {"well": ("clock", ""), "soon": ("hourglass", "soon"), "late": ("alert-circle", "late")}


def clock_state(due_at: datetime, waiting_since: datetime | None, now: datetime) -> str:
    """well, soon or late."""
    if now >= due_at:
        return "late"
    return "soon" if now >= soon_from(due_at, waiting_since) else "well"


def clock_word(state: str) -> str:
    """What a clock's shape says, for those who hear it."""
    if state == "late":
        return _("overdue")
    return _("running out") if state == "soon" else _("time left")


def time_left(due_at: datetime, now: datetime) -> tuple[str, str]:
    """What a running clock shows, and the class attribute of the element that shows it."""
    left = (due_at - now).total_seconds()
    text = span(left)
    # A number with a unit in Arabic must not be forced left to right; its sign must stay before it all the same.
    css = ' class="n"' if text.isascii() else ""
    if left < 0:
        text = f"{MINUS}{text}" if css else f"{LEFT_TO_RIGHT}{MINUS}{text}"
    return css, text


@lru_cache(maxsize=64)
def _clock_sign(_language: str | None, state: str) -> str:
    return f'{small(CLOCKS[state][0])}<span class="vh">{clock_word(state)}</span>'


def clock(due_at: datetime, waiting_since: datetime | None, now: datetime) -> SafeString:
    """The running clock. The attributes let the browser go on counting from here."""
    state = clock_state(due_at, waiting_since, now)
    css, text = time_left(due_at, now)
    return SafeString(
        f'<span class="r-clock {CLOCKS[state][1]}" data-due="{due_at.timestamp():.0f}" '
        f'data-soon="{soon_from(due_at, waiting_since).timestamp():.0f}">'
        f"{_clock_sign(get_language(), state)}<span{css} data-left>{text}</span></span>"
    )


def still(shape: str, word: str) -> SafeString:
    """A clock that does not run: paused, snoozed, done."""
    return SafeString(f'<span class="r-clock pause">{small(shape)}{conditional_escape(word)}</span>')


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Two Latin letters, or one letter of a script whose letters would join into a word."""
    words = [word for word in "".join(c if c.isalnum() else " " for c in name).split() if word]
    if not words:
        return "?"
    first, last = words[0][0], words[-1][0] if len(words) > 1 else ""
    return (first + last).upper() if first.isascii() and last.isascii() else first.upper()


@lru_cache(maxsize=64)
def platform_mark(platform: str) -> SafeString:
    """The little badge on an avatar."""
    label = platform_label(platform)
    sign = icon(PLATFORM_ICONS.get(platform, "world"), "", label)
    return format_html('<span class="p" title="{}">{}</span>', label, sign)


def platform_label(platform: str) -> str:
    """The platform's name as people write it."""
    return str(PLATFORM_LABELS.get(platform, platform.replace("_", " ").capitalize()))


@lru_cache(maxsize=128)
def speech(language: str) -> SafeString:
    """dir and lang of a text a customer wrote. The language gives the direction where we know it: a post that begins
    with a handle would be taken for left-to-right by its first letter, whatever follows.
    """
    known = language.split("-", maxsplit=1)[0]
    if known not in LANGUAGES:
        return SafeString('dir="auto"')
    return SafeString(f'dir="{"rtl" if known in RIGHT_TO_LEFT else "ltr"}" lang="{known}"')


def written(language: str, text: str) -> SafeString:
    """dir and lang of a text of ours: the customer's language, unless its letters are of the other script."""
    words = ISLANDS.sub("", text)
    arabic, latin = len(ARABIC.findall(words)), len(LATIN.findall(words))
    known = language.split("-", maxsplit=1)[0]
    if arabic > latin and known not in RIGHT_TO_LEFT:
        return speech("ar")
    if latin > arabic and known in RIGHT_TO_LEFT:
        return speech("en")
    return speech(language)


# Signs that turn letters round, so that a link or a sum reads as another: shown as nothing, each in its place.
OVERRIDES = dict.fromkeys((0x202D, 0x202E), "\u200b")


def post(text: str, evidence: Iterable[Any] = ()) -> SafeString:
    """A post's text as HTML, lines kept. Handles and links keep their own order inside right-to-left words, and no
    sign within turns letters round.

    `evidence` holds [start, end, ...] of the words to mark; what does not fit the text is left out.
    """
    text = text.translate(OVERRIDES)
    spans = _spans(text, evidence)
    pieces, at = ISLANDS.split(text), 0
    for turn, piece in enumerate(pieces):
        inner = _marked(piece, at, spans) if spans else escape(piece)
        pieces[turn] = f'<bdi dir="ltr">{inner}</bdi>' if turn % 2 else inner
        at += len(piece)
    return SafeString("".join(pieces).replace("\n", "<br>"))


def _spans(text: str, evidence: Iterable[Any]) -> list[tuple[int, int]]:
    """The marks that fit, in order, none over another."""
    fitting = []
    for mark in evidence:
        if isinstance(mark, list | tuple) and len(mark) >= 2 and all(type(place) is int for place in mark[:2]):
            start, end = mark[:2]
            if 0 <= start < end <= len(text) and not text[start:end].isspace():
                fitting.append((start, end))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(fitting):
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return spans


def _marked(piece: str, at: int, spans: Sequence[tuple[int, int]]) -> str:
    """A piece that begins `at` this place of the text, escaped, with the part of each span that lies in it marked."""
    parts, done = [], 0
    for start, end in spans:
        first, last = max(start - at, done), min(end - at, len(piece))
        if first < last:
            parts += [escape(piece[done:first]), f"<mark>{escape(piece[first:last])}</mark>"]
            done = last
    return "".join([*parts, escape(piece[done:])])


def read_by(message: Message) -> SafeString:
    """That a person has corrected what is said of this message; where the model alone speaks the line is silent."""
    if not message.person_said:
        return SafeString("")
    return format_html('<span class="by" title="{}">{}</span>', look_of(message), _("corrected by a person"))


def look_of(message: Message) -> str:
    """What a closer look at a reading tells: the model that made it, and what a person corrected."""
    look = []
    if message.reader:
        look.append(_("Read by %(model)s.") % {"model": f"{message.reader} {message.reader_version}".strip()})
    if message.person_said:
        labels = _(", ").join(name_of(label) for label in message.person_said)
        look.append(_("A person corrected: %(labels)s.") % {"labels": labels})
    if message.evidence:
        look.append(_("Underlined words speak for an answer."))
    return " ".join(look)


def sureness(message: Message) -> str:
    """How sure the model was, in words: of the follow-up where it knows of it, else of the tone."""
    if message.follow_up is not None and message.threshold is not None:
        figures = {"p": _hundredths(message.follow_up), "from": _hundredths(message.threshold)}
        return _("Answer needed: %(p)s, a ticket from %(from)s") % figures
    shares = [share for share in (message.negative, message.neutral, message.positive) if share is not None]
    if not shares:
        return _("the model could not read it")
    return _("%(p)s sure of its tone") % {"p": _hundredths(max(shares))}


def _hundredths(share: float) -> str:
    """A share in a sentence; among right-to-left words the sign would else stand before its number."""
    figure = f"{100 * share:.0f}%"
    return f"\u2066{figure}\u2069" if get_language_bidi() else figure


def when(at: datetime, now: datetime) -> SafeString:
    """The time of day; with the date when that was not today, and the year when that was not this year.

    In the zone, the calendar and the figures of the person who reads (accounts.reckoning).
    """
    local, today = timezone.localtime(at), timezone.localtime(now)
    stamp, hour = local.isoformat("T", "minutes"), figures(f"{local:%H:%M}")
    if local.date() == today.date():
        return format_html('<time class="n" datetime="{}">{}</time>', stamp, hour)
    return format_html('<time datetime="{}">{} {}</time>', stamp, day(local, today), hour)


def icon_of(platform: str) -> SafeString:
    """The platform's own sign, small."""
    return small(PLATFORM_ICONS.get(platform, "world"), platform_label(platform))


def language_name(code: str) -> str:
    """A language's name in the language of the page; unknown codes stay as they are."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
