"""HTML of mails made into lines of text: what a reader sees, quotes marked with "> " as plain mails mark them."""

import re
from collections.abc import Iterator
from enum import Enum
from html import unescape

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from bs4.exceptions import ParserRejectedMarkup

# More than this is read by nobody; a parser takes long over it.
MOST = 300_000
UNSEEN = {"head", "meta", "script", "style", "template", "title", "object", "svg"}
LINES = {
    "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "header",
    "hr", "li", "main", "nav", "ol", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
PARAGRAPHS = {"h1", "h2", "h3", "h4", "h5", "h6", "p"}
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d])", re.IGNORECASE
)
# Fillers that advertisers put after a preview line.
FILLERS = re.compile("[\u00ad\u034f\u200b\ufeff]")
# A bracket that opens no tag: none closes it before the next opens. The parser takes minutes over thousands of them.
LONE = re.compile(r"<(?=[^<>]*(?:<|\Z))")
LINE_TAG = re.compile(r"</?(?:br|p|div|tr|li|h[1-6]|blockquote|table)\b", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,2000}>")
SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
LONGEST_LINK = 300
MOST_TAGS = 20_000
DEEPEST = 1_000
DEEPEST_QUOTE = 20


class _Event(Enum):
    OPEN = 1
    CLOSE = 2
    WORDS = 3


def to_text(html: str) -> str:
    """The text of an HTML body, line by line. Never fails: HTML that cannot be parsed loses its tags, no more."""
    html = LONE.sub("&lt;", _without_comments(html)[:MOST])
    if _knotted(html):
        return _stripped(html)
    try:
        soup = BeautifulSoup(html, "html.parser")
    except (ParserRejectedMarkup, AssertionError, RecursionError, ValueError):
        return _stripped(html)
    page = _Page()
    for event, thing in _events(soup):
        if event is _Event.WORDS:
            page.words(str(thing))
        elif isinstance(thing, Tag):
            page.open(thing) if event is _Event.OPEN else page.close(thing)
    return page.text()


def _without_comments(html: str) -> str:
    """Office hides half of its pages in comments. Found by hand: patterns take long over comments without an end."""
    kept: list[str] = []
    at = 0
    while (begin := html.find("<!--", at)) >= 0 and (end := html.find("-->", begin)) >= 0:
        kept.append(html[at:begin])
        at = end + len("-->")
    return "".join([*kept, html[at:]])


def _knotted(html: str) -> bool:
    """Whether there are more tags, one inside the other, than any mail needs: the parser's time grows by the square."""
    tags = TAG.findall(html)
    closing = sum(tag.startswith("</") for tag in tags)
    lone = sum(tag.lower().startswith(("<br", "<img", "<hr", "<meta", "<link", "<input", "<!", "<col")) for tag in tags)
    return len(tags) > MOST_TAGS or html.count("&lt;") > MOST_TAGS or len(tags) - 2 * closing - lone > DEEPEST


def _stripped(html: str) -> str:
    """The words without the tags, each tag of a line a new line."""
    lined = TAG.sub(lambda tag: "\n" if LINE_TAG.match(tag[0]) else " ", html)
    lines = (SPACES.sub(" ", unescape(line)).strip() for line in FILLERS.sub("", lined).split("\n"))
    return "\n".join(line for line in lines if line)


def _events(root: Tag) -> Iterator[tuple[_Event, Tag | str]]:
    """Tags and words in reading order, without recursion: a mail may nest its tags as deep as it likes."""
    stack = [(root, iter(root.contents))]
    while stack:
        tag, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield _Event.CLOSE, tag
        elif isinstance(child, Tag):
            if not _hidden(child):
                yield _Event.OPEN, child
                stack.append((child, iter(child.contents)))
        elif type(child) is NavigableString:  # comments and declarations are its subclasses
            yield _Event.WORDS, str(child)


def _hidden(tag: Tag) -> bool:
    return tag.name in UNSEEN or tag.has_attr("hidden") or bool(HIDDEN.search(str(tag.get("style") or "")))


class _Page:
    """Lines as they are written."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._kept_as_is = 0
        # For each open link: where it leads, and how much of the line stood before it.
        self._links: list[tuple[str, int]] = []

    def words(self, text: str) -> None:
        text = FILLERS.sub("", text)
        if not self._kept_as_is:
            self._line.append(SPACES.sub(" ", text))
            return
        first, *more = text.replace("\r\n", "\n").split("\n")
        self._line.append(first)
        for line in more:
            self._break()
            self._line.append(line)

    def open(self, tag: Tag) -> None:
        name = tag.name
        if name == "br":
            self._break()
        elif name in PARAGRAPHS:
            self._blank()
        elif name in LINES:
            self._fresh()
        elif name in {"td", "th"} and self._line:
            self._line.append(" ")
        if name == "li":
            self._line.append("- ")
        if name == "blockquote":
            self._depth += 1
        if name == "pre":
            self._kept_as_is += 1
        if name == "a":
            self._links.append((str(tag.get("href") or ""), len(self._line)))
        if name == "img":
            self._line.append(_face(str(tag.get("alt") or "")))

    def close(self, tag: Tag) -> None:
        name = tag.name
        if name == "a" and self._links:
            self._end_link(*self._links.pop())
        if name in PARAGRAPHS:
            self._blank()
        elif name in LINES:
            self._fresh()
        if name == "blockquote":
            self._depth -= 1
        if name == "pre":
            self._kept_as_is -= 1

    def text(self) -> str:
        self._fresh()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def _end_link(self, target: str, began: int) -> None:
        said = "".join(self._line[began:]).strip()
        target = target.strip()[:LONGEST_LINK]
        bare = target.split("://")[-1].strip("/").removeprefix("www.").lower()
        if target.lower().startswith(("http://", "https://")) and said and bare not in said.lower():
            self._line.append(f" <{target}>")

    def _fresh(self) -> None:
        if "".join(self._line).strip():
            self._break()
        self._line = []

    def _blank(self) -> None:
        self._fresh()
        mark = self._mark()
        if self._lines and self._lines[-1] != mark:
            self._lines.append(mark)

    def _break(self) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._kept_as_is else " ".join(line.split(" ")).strip()
        line = line if self._kept_as_is else re.sub(" {2,}", " ", line)
        mark = self._mark()
        self._lines.append(f"{mark} {line}" if mark and line else mark or line)
        self._line = []

    def _mark(self) -> str:
        return ">" * min(self._depth, DEEPEST_QUOTE)


def _face(alt: str) -> str:
    """Emoji come as pictures from some mailers; logos and photographs have longer names."""
    return alt if 0 < len(alt) <= 8 and not any(letter.isalnum() or letter.isascii() for letter in alt) else ""
