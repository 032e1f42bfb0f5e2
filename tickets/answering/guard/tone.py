"""How an answer sounds: blame, shouting, words left to be filled in, and the wrong language."""

import re
from collections.abc import Iterator

from sentiment.text import detect
from tickets.answering.guard.findings import USUAL, Code, Finding, Setting
from tickets.answering.guard.folding import Folded, phrases, words_of

_BLAME = phrases(
    r"(?:it is|it's|that is|that's|this is) (?:\w+ )?your (?:own )?(?:fault|mistake|problem|responsibility)",
    r"you should(?: have|'ve| not have|n't have)",
    r"you (?:must|ought to) have",
    r"you (?:failed|forgot|neglected|refused) to",
    r"you (?:did not|didn't|never) (?:read|follow|listen|bother|check|pay attention)",
    r"as (?:we|i) (?:have |already |previously |have already )*(?:said|told|explained|mentioned|stated)",
    r"(?:we|i) (?:have )?already (?:told|explained|answered|said)",
    r"if you had (?:read|followed|checked|listened|bothered)",
    r"calm down|your (?:own )?negligence|you people",
    r"كان (?:عليك|لازم|يجب عليك|المفروض|من المفترض)(?: ان)?(?: ت\w+)?",
    r"انت(?:ي|م)? (?:ال)?(?:سبب|غلطان|غلطانه|مخط[يئ]|مخطيه|مسوول|مسووله)",
    r"(?:ال)?(?:غلط|خطا|خطو|ذنب|مشكله)ك(?:م)?|(?:ال)?(?:غلط|خطا) (?:منك|من عندك|عندك)|خطوك",
    r"كما (?:قلنا|ذكرنا|اخبرناك|وضحنا|سبق)(?: \w+)?|سبق (?:و)?ان (?:قلنا|ذكرنا|اخبرناك|وضحنا)|قلنا لك|قلت لك|اخبرناك",
    r"لم (?:تقرا|تقم|تلتزم|تنتبه|تتبع|تهتم)|ما (?:قريت|انتبهت|التزمت)|لو (?:قرات|قريت|انتبهت|التزمت)",
    r"اهدا|اهداي|هدي اعصابك",
)
_MARKS = re.compile(r"[!؟?]{3,}|(?:!\s*){3,}")
_STRETCHED = re.compile(r"ـ{2,}|(\w)\1{3,}")
_PLACEHOLDER = re.compile(
    r"\{\{?\s*[\w.؀-ۿ ]{1,40}\s*\}?\}|\[(?:[A-Za-z؀-ۿ]+ ?){1,4}\](?!\()|<(?:[A-Za-z]{3,} ?){1,3}>|\bX{3,}\b"
)
# So many words before a language can be told.
LEAST_WORDS = 4


def examine(text: str, folded: Folded, setting: Setting) -> Iterator[Finding]:
    """Everything of this kind in an answer."""
    if blame := folded.find(_BLAME):
        yield Finding(Code.BLAME, USUAL[Code.BLAME], tuple(blame))
    if loud := shouted(text):
        yield Finding(Code.SHOUTING, USUAL[Code.SHOUTING], tuple(loud), fix="lower")
    if blanks := [match.span() for match in _PLACEHOLDER.finditer(text)]:
        yield Finding(Code.PLACEHOLDER, USUAL[Code.PLACEHOLDER], tuple(blanks))
    yield from _language(text, setting)


def shouted(text: str) -> list[tuple[int, int]]:
    """Where an answer raises its voice: words in capitals beside each other, marks in rows, stretched letters."""
    found = [match.span() for match in re.finditer(r"\b[A-Z]{2,}(?:['’ ,-]+[A-Z]{2,}){2,}\b", text)]
    found += [match.span() for match in _MARKS.finditer(text)]
    found += [match.span() for match in _STRETCHED.finditer(text) if not match.group().isdigit()]
    return sorted(found)


def lowered(text: str) -> str:
    """The same words without the raised voice: what the fix of SHOUTING makes of a text."""
    text = re.sub(
        r"\b[A-Z]{2,}(?:['’ ,-]+[A-Z]{2,}){2,}\b", lambda match: match.group()[0] + match.group()[1:].lower(), text
    )
    text = re.sub(r"ـ{2,}", "", _MARKS.sub(lambda match: match.group().strip()[0], text))
    return re.sub(r"(\w)\1{3,}", lambda match: match.group() if match.group().isdigit() else match.group(1), text)


def _language(text: str, setting: Setting) -> Iterator[Finding]:
    if setting.language not in {"ar", "en"} or len(words_of(text)) < LEAST_WORDS:
        return
    written = detect(text)
    if written in {"ar", "en"} and written != setting.language:
        data = {"written": written, "customer": setting.language}
        yield Finding(Code.WRONG_LANGUAGE, USUAL[Code.WRONG_LANGUAGE], data=data)
