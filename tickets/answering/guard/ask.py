"""Does the answer address what was asked? Told by words in common, and by signs that something was done or said.

No model: an answer takes up the ask when it speaks of the same thing (a stem of its own words), asks back, or brings
what an answer brings: a time, an amount, a place to go, something done. What says none of these misses it. The finding
is advice: a person knows better.
"""

import re
from collections.abc import Iterator

from sentiment.stems import stem
from tickets.answering.guard.findings import USUAL, Code, Finding, Setting
from tickets.answering.guard.folding import Folded, fold, phrases

WANTS = frozenset({"question", "request", "complaint", "fault_report", "threat_to_leave", "safety_or_legal"})

_BRINGS = re.compile(r"\d|https?://|www\.|[?؟]")
_DONE = phrases(
    r"(?:we|i)(?:'ve| have)? (?:just )?(?:refunded|fixed|sent|reset|credited|cancelled|canceled|replaced|shipped"
    r"|restored|escalated|opened|checked|corrected|removed|added|activated|found|updated|changed|solved|resolved)",
    r"(?:is|are|was|were|has been|have been|will be) (?:now )?(?:refunded|fixed|sent|restored|credited|cancelled"
    r"|canceled|replaced|back|available|delivered|shipped|working|solved|resolved|repaired|corrected)",
    r"you can|to do (?:this|so)|follow these|go to|open the|tap|click|choose|today|tomorrow|tonight|within"
    r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|yes|no|because|the reason",
    r"(?:تم|تمت|جرى|لقد) \w+|(?:اصلحنا|ارسلنا|اعدنا|عالجنا|حللنا|صعدنا|فتحنا|الغينا|اضفنا|فعلنا"
    r"|راجعنا|تحققنا|صححنا)\w*",
    r"(?:يمكنك|تقدر|بامكانك|اضغط|افتح|ادخل|اختر|اليوم|غدا|بكره|الليله|خلال|نعم|لا|لان|السبب|بسبب"
    r"|عادت|رجعت|يعمل|تعمل)",
)
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "the and you your for with that this have has had was were are but not from our they them what when where why"
        " how all can will just been its out get got any one two still now here there who which would could should"
        " about please thanks thank hello team sorry"
        " على عن الى في من مع هذا هذه ذلك التي الذي كان كانت لكن ليس لا ما لم لن قد كل بعد قبل عند حتى او ثم انا انت"
        " نحن هو هي هم متي اين كيف لماذا ليش وين ايش شكرا مرحبا اهلا فريق عذرا",
    )
)


def stems_of(text: str) -> frozenset[str]:
    """The stems of a text's own words: those that say what it is about."""
    plain = re.sub(r"(?:https?://|www\.)\S+|[@#]\w[\w.@-]*", " ", text)
    words = re.findall(r"[^\W\d_]{3,}", fold(plain).text)
    return frozenset(stem(word) for word in words if word not in _COMMON)


def examine(text: str, folded: Folded, setting: Setting) -> Iterator[Finding]:
    """Whether the ask is addressed, where there is one."""
    if not setting.asked or WANTS.isdisjoint(setting.reasons):
        return
    shared = stems_of(text) & stems_of(setting.asked)
    if shared:
        yield Finding(Code.ADDRESSES_ASK, USUAL[Code.ADDRESSES_ASK], data={"words": sorted(shared)[:3]})
    elif not (_BRINGS.search(text) or _DONE.search(folded.text)):
        yield Finding(Code.MISSES_ASK, USUAL[Code.MISSES_ASK])
