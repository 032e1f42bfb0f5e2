"""Canned is not care: how much of an answer has been said before, and answers that say nothing at all.

The score is containment over shingles: of the answer's runs of three words, with names, links and numbers left out, the
share that also stands in one other text (Broder, "On the resemblance and containment of documents", 1997). The score of
an answer is that of the text it has most in common with: 0 is new, 1 was said word for word.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tickets.answering.guard.findings import USUAL, Code, Finding, Setting
from tickets.answering.guard.folding import Folded, phrases, words_of

LENGTH = 3
# From here on an answer is canned.
CANNED = 0.8
REPEATS = 0.9
# Shorter ones ("Thank you!") are no canned answers but plain words.
LEAST_WORDS = 5

_NOT_WORDS = re.compile(r"(?:https?://|www\.)\S+|[@#]\w[\w.@-]*|\d+(?:[.,:/-]\d+)*|\{[^}]*\}")
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|evening|afternoon)|مرحبا|أهلا|اهلا|السلام عليكم|عزيزي|عزيزتي|صباح الخير"
    r"|مساء الخير)\b[^.,!?\n،؟]{0,40}[.,!?\n،؟]",
    re.IGNORECASE,
)
_HOLLOW = phrases(
    r"(?:we(?:'re| are)? |i(?:'m| am)? )?(?:so |very |really |truly )?(?:sorry|apolog\w+)(?: for| about| to hear)?"
    r"(?: \w+){0,5}",
    r"thank(?:s| you)(?: \w+){0,6}",
    r"(?:please )?(?:dm|message|contact|reach out to|get in touch with|write to)(?: us| our)?(?: \w+){0,8}",
    r"(?:we )?(?:value|appreciate)(?: \w+){0,4}",
    r"your (?:feedback|comment|satisfaction|patience)(?: \w+){0,6}",
    r"(?:we will|we'll) (?:get back to you|look into (?:it|this)|be in touch)(?: \w+){0,4}",
    r"(?:we )?(?:hope|wish)(?: \w+){0,6}",
    r"نعتذر(?: \w+){0,4}|نأسف(?: \w+){0,4}|ناسف(?: \w+){0,4}|عذرا(?: \w+){0,4}",
    r"شكرا(?: \w+){0,4}|نشكرك?(?: \w+){0,5}|(?:ي|ن)سعد(?:نا)?(?: \w+){0,4}|نقدر(?: \w+){0,4}",
    r"(?:نرجو|يرجى|الرجاء|نتمنى|نامل)? ?(?:التواصل|تواصل|راسلنا|مراسلتنا)(?: \w+){0,6}",
    r"(?:سيتم|سوف يتم|سنقوم ب?)(?: \w+){0,4}|رضا(?:ك|كم|ء) (?:\w+ ?){0,4}",
)


@lru_cache(maxsize=2048)
def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of LENGTH words of a text; a text of fewer words is one run."""
    words = words_of(_NOT_WORDS.sub(" ", _GREETING.sub(" ", text)))
    if len(words) <= LENGTH:
        return frozenset({tuple(words)}) if words else frozenset()
    return frozenset(tuple(words[place : place + LENGTH]) for place in range(len(words) - LENGTH + 1))


def score(text: str, others: Iterable[str]) -> tuple[float, str]:
    """How canned a text is beside these, from 0 to 1, and the one that it has most in common with."""
    ours = shingles(text)
    best, said = 0.0, ""
    for other in others if ours else ():
        shared = len(ours & shingles(other)) / len(ours)
        if shared > best:
            best, said = shared, other
    return best, said


def examine(text: str, folded: Folded, setting: Setting) -> Iterator[Finding]:
    """Everything of this kind in an answer."""
    if len(words_of(text)) < LEAST_WORDS:
        return
    again, said = score(text, setting.said_before)
    if again >= REPEATS:
        yield Finding(Code.REPEATS, USUAL[Code.REPEATS], data={"score": round(again, 2), "said": said})
        return
    canned, like = score(text, [*setting.recent, *setting.saved])
    if canned >= CANNED:
        kind = "saved" if like in setting.saved else "recent"
        yield Finding(Code.CANNED, USUAL[Code.CANNED], data={"score": round(canned, 2), "like": kind})
    if is_hollow(folded):
        yield Finding(Code.HOLLOW, USUAL[Code.HOLLOW])


def is_hollow(folded: Folded) -> bool:
    """Whether nothing is left of an answer without its courtesies and its way out to another place."""
    left = re.findall(r"[^\W\d_]+", _HOLLOW.sub(" ", folded.text))
    said_something = [word for word in left if len(word) > 2 and word not in _FILLERS]
    return len(said_something) <= 1 and not re.search(r"\d", folded.text)


_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "the you your our and for with this that any have has been was were are very much dear hello hey please team"
        " care inconvenience caused trouble soon regarding about customer sir madam sorry us here will"
        " عزيزي عزيزتي العميل العميله الكريم الكريمه مرحبا اهلا بك بكم لكم لك على عن الى في من ونحن هنا دائما ازعاج",
    )
)
