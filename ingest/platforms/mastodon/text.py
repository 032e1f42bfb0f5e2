"""Words on Mastodon: HTML made into text, texts compared and counted."""

import re
import unicodedata
from collections.abc import Mapping

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from ingest.platforms.told import clean_text

# Tags that begin and end a paragraph.
BLOCKS = ["p", "div", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr"]
SPACES = re.compile(r"[ \t\n\r\f]+")
SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
# `user` or `user@host` after an @ that begins a word.
NAMED = re.compile(r"(?<![\w/@.])@(\w+(?:[\w.-]*\w)?)(?:@([\w.:-]*\w))?")
LEADING_NAMES = re.compile(r"^(?:@[\w.-]+(?:@[\w.:-]+)?(?:\s+|$))+")
# Ends where ASCII ends: a link that goes on in other letters is counted too long rather than too short.
LINK = re.compile(r"https?://[\w.-]+\.(?:xn--[a-z0-9-]+|[a-z]{2,})(?::\d+)?(?:[/?#][!-~]*)?", re.IGNORECASE)
AFTER_LINK = ".,;:!?)]}'\"*»،؛؟"
JOINER = "\u200d"
NON_JOINER = "\u200c"
SKINS = range(0x1F3FB, 0x1F400)
FLAGS = range(0x1F1E6, 0x1F200)
FLAG_TAGS = range(0xE0020, 0xE0080)


# --- HTML to text ---------------------------------------------------------------------------------------------------
def text_of(html: str, names: Mapping[str, str] | None = None, *, quoting: bool = False) -> str:
    """The words of a post's HTML, its lines kept.

    `names`: who stands behind an address, as user@host. `quoting`: the quoted post came along, so the line that
    repeats its address is left out.
    """
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup(["script", "style"]):
        tag.decompose()
    if quoting:
        for tag in soup(class_="quote-inline"):
            tag.decompose()
    for node in soup.find_all(string=True):
        # Exactly this class: comments and the like are its children.
        if type(node) is NavigableString and not node.find_parent("pre"):
            node.replace_with(SPACES.sub(" ", node))
    for image in soup("img"):
        image.replace_with(_attribute(image, "alt"))
    for link in soup("a"):
        link.replace_with(_link_words(link, names or {}))
    _break_lines(soup)
    text = re.sub(r" +\n", "\n", soup.get_text())
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"\n (?! )", "\n", text)).strip()


def _break_lines(soup: BeautifulSoup) -> None:
    for tag in soup("br"):
        tag.replace_with("\n")
    for tag in soup("li"):
        tag.insert_before("\n")
        tag.insert(0, "- ")
    for tag in soup(BLOCKS):
        tag.insert_before("\n\n")
        tag.append("\n\n")


def _link_words(link: Tag, names: Mapping[str, str]) -> str:
    """What stands for a link: who is named, the tag, or the address, with its title where it has one."""
    href, words = _attribute(link, "href").strip(), link.get_text().strip()
    if href in names:
        return f"@{names[href]}"
    if not href or words.startswith(("#", "@")) or _bare_address(words) == _bare_address(href):
        return words
    # Some servers shorten what is shown.
    shortened = not words or _bare_address(href).startswith(_bare_address(words.rstrip("…")))
    return href if shortened else f"{words} ({href})"


def _bare_address(address: str) -> str:
    return SCHEME.sub("", address).rstrip("/").casefold()


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return value if isinstance(value, str) else ""


# --- naming people --------------------------------------------------------------------------------------------------
def addressed(text: str, acct: str, domain: str) -> str:
    """The text with @user@host in front, unless it names them somewhere.

    `acct`: user@host, or user alone for people of our own server, whose name is `domain`.
    """
    acct = acct.strip().lstrip("@")
    if not acct:
        return text
    wanted = {acct.lower()}
    if "@" not in acct and domain:
        wanted.add(f"{acct}@{domain}".lower())
    named = {match[0].lstrip("@").lower() for match in NAMED.finditer(text)}
    return text if named & wanted else f"@{acct} {text}".rstrip()


def same_words(ours: str, theirs: str) -> bool:
    """Whether the server's copy of a text is ours: it cuts hosts off names and tidies spaces."""
    return _bare(ours) == _bare(theirs)


def _bare(text: str) -> str:
    text = unicodedata.normalize("NFC", clean_text(text))
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    text = NAMED.sub(lambda match: f"@{match[1].lower()}", LEADING_NAMES.sub("", text.strip()))
    return " ".join(text.split())


# --- counting -------------------------------------------------------------------------------------------------------
def count(text: str, *, per_url: int, like_mastodon: bool) -> int:
    """How long a server takes this text to be.

    Mastodon counts what a reader sees as one letter, a link as `per_url` and nothing for the host of a name; others
    (GoToSocial) count every code point.
    """
    if not like_mastodon:
        return len(text)
    text = LINK.sub(lambda match: _stand_in(match[0], per_url), text)
    text = NAMED.sub(lambda match: f"@{match[1]}", text)
    return _letters(text)


def _stand_in(link: str, per_url: int) -> str:
    bare = link.rstrip(AFTER_LINK)
    return "x" * per_url + link[len(bare) :]


def _letters(text: str) -> int:
    """Letters as a reader sees them: marks, joined emoji, skins and flags belong to what they stand on."""
    seen, before, flags = 0, "", 0
    for letter in text:
        flags = flags + 1 if ord(letter) in FLAGS else 0
        category = unicodedata.category(letter)
        belongs = (
            category in {"Mn", "Me", "Mc"}
            or letter in {JOINER, NON_JOINER}
            or ord(letter) in SKINS
            or ord(letter) in FLAG_TAGS
            or (before == JOINER and category == "So")
            or (flags and flags % 2 == 0)
        )
        seen += not (belongs and before)
        before = letter
    return seen
