"""Everything the guard says of one answer."""

import re
from collections.abc import Iterator, Mapping

from tickets.answering.guard import ask, canned, claims, exposed, privacy, tone
from tickets.answering.guard.findings import USUAL, Code, Finding, Setting, judged
from tickets.answering.guard.folding import fold

_LINK = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w@.])[\w-]+\.(?:com|net|org|sa|ae|eg|io|co|me)\b(?:/\S*)?", re.IGNORECASE
)


def examine(text: str, setting: Setting, policy: Mapping[str, str] | None = None) -> list[Finding]:
    """The findings on an answer at the levels of the brand's policy, the gravest first; none for an empty text."""
    if not text.strip():
        return []
    folded = fold(text)
    found = [
        *privacy.examine(text, folded, setting),
        *exposed.examine(text, folded, setting),
        *claims.examine(text, folded),
        *tone.examine(text, folded, setting),
        *canned.examine(text, folded, setting),
        *ask.examine(text, folded, setting),
        *_links(text, setting),
    ]
    return judged(found, policy or {})


def _links(text: str, setting: Setting) -> Iterator[Finding]:
    spans = tuple(match.span() for match in _LINK.finditer(text)) if setting.link_costs > 0 else ()
    if spans:
        yield Finding(Code.DEAR_LINK, USUAL[Code.DEAR_LINK], spans, {"dollars": setting.link_costs}, fix="remove")
