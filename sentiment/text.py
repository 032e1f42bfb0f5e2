"""Text as models and searches want it: `clean` for reading, `search_form` for matching words."""

import html
import re
import unicodedata

from sentiment.languages import detect

__all__ = ["LINK", "MENTION", "clean", "detect", "has_content", "search_form"]

MENTION = "@user"
LINK = "http"

_LINKS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_DOMAIN = r"(?:social|com|net|org|app|dev|io|me|xyz|online|world|space|blog|team|eu|de|uk|sa|ae|eg)"
_MENTIONS = re.compile(rf"(?<![\w.@])[@\uFF20]\w+(?:[\w.-]*\.{_DOMAIN}\b)?(?:@[\w.-]*\w)?")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2060\u2066-\u2069\u202a-\u202e\ufeff]+")
_SPACES = re.compile(r"\s+")
_STAND_INS = re.compile(r"@user|\bhttp\b")
_READABLE = re.compile(r"[^\s_\ufffd\u200c-\u200f\ufe00-\ufe0f]")

_ARABIC_FORMS = {
    **dict.fromkeys("أإآٱٲٳٵ", "ا"),
    **dict.fromkeys("ىئیېۍ", "ي"),
    **dict.fromkeys("ؤۇۆ", "و"),
    **dict.fromkeys("ةۀہە", "ه"),
    **dict.fromkeys("کڪ", "ك"),
    "ء": "",
    "ـ": "",
}
_DIGITS = {chr(start + n): str(n) for start in (0x0660, 0x06F0, 0x0966) for n in range(10)}
_MARKS = [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06DD), *range(0x06DF, 0x06E9)]
_MARKS += [*range(0x06EA, 0x06EE), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]
_SEARCH = str.maketrans(_ARABIC_FORMS | _DIGITS | {chr(mark): "" for mark in _MARKS})


def clean(text: str) -> str:
    """The text as the models were trained on it: mentions `@user`, links `http`, entities undone, spaces folded.

    Control and direction marks go, halves of surrogate pairs are joined or become U+FFFD. Never raises; applying it
    twice changes nothing for ordinary posts.
    """
    whole = _mended(text)
    if "&" in whole:
        whole = _mended(html.unescape(whole))
    whole = _CONTROLS.sub(" ", whole)
    whole = _MENTIONS.sub(MENTION, _LINKS.sub(LINK, whole))
    return _SPACES.sub(" ", whole).strip()


def has_content(cleaned: str) -> bool:
    """Whether a cleaned text holds anything besides mentions, links and space; emoji and punctuation count."""
    return _READABLE.search(_STAND_INS.sub("", cleaned)) is not None


def search_form(text: str) -> str:
    """One spelling for words that are written in several: for searching and for matching cues, never for showing.

    Unicode NFKC (presentation forms too) and casefold; Arabic without vowel signs, tatweel and bare hamza, one alef,
    one ya, ta marbuta as ha; all digits as 0-9.
    """
    return unicodedata.normalize("NFKC", _mended(text)).casefold().translate(_SEARCH)


def _mended(text: str) -> str:
    """The same text as valid Unicode."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
