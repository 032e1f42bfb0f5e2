"""Which language a post is in: by script first, then by letters or words, and only Latin text by a statistical model.

Made for short, mixed posts: a brand's Latin name in an Arabic sentence does not make it English, Arabic written in
Latin letters and digits ("ya jama3a el net wa2e3") is Arabic, and a doubtful scrap of Latin text is called English.
"""

import re
from collections.abc import Callable
from functools import cache
from threading import Lock

UNKNOWN = "und"

_SCRIPTS = {
    "latin": "a-zA-Z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "arabic": "\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"
    "\ufb50-\ufdfb\ufe70-\ufefc",
    "cyrillic": "\u0400-\u052f",
    "kana": "\u3041-\u3096\u30a1-\u30fa\u30fc\uff66-\uff9d",
    "han": "\u3400-\u4dbf\u4e00-\u9fff",
    "ko": "\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e",
    "he": "\u05d0-\u05f2",
    "hi": "\u0904-\u0939\u0958-\u0961",
    "bn": "\u0985-\u09b9",
    "pa": "\u0a05-\u0a39",
    "gu": "\u0a85-\u0ab9",
    "ta": "\u0b85-\u0bb9",
    "te": "\u0c05-\u0c39",
    "kn": "\u0c85-\u0cb9",
    "ml": "\u0d05-\u0d39",
    "si": "\u0d85-\u0dc6",
    "th": "\u0e01-\u0e4e",
    "lo": "\u0e81-\u0ec6",
    "my": "\u1000-\u109f",
    "ka": "\u10d0-\u10ff",
    "am": "\u1200-\u137f",
    "km": "\u1780-\u17b3",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "hy": "\u0531-\u0587",
}
_RUNS = re.compile("|".join(f"(?P<{script}>[{letters}]+)" for script, letters in _SCRIPTS.items()))
_NOISE = re.compile(r"@\w+|https?\S*|#(?=\w)")
_NATIVE_SHARE = 0.3
"""A script other than Latin is the text's own from this share of its letters."""

_ARABIC_SCRIPT = (
    ("ur", re.compile("[ٹڈڑںےہ]")),
    ("ku", re.compile("[ێڕڵەۆ]")),
    ("ps", re.compile("[ښځڅډړې]")),
)
_PERSIAN_LETTERS = re.compile("[پچژگکی]")
_PERSIAN_WORDS = re.compile(r"(?<!\w)(?:است|را|که|این|از|می|نمی|برای|شما|من|هم|خیلی|چرا|سلام|یک|شده|ها)(?!\w)")
_ARABIC_ONLY = re.compile("[ةىيكأإؤث]|ال")
_CYRILLIC = (
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("be", re.compile("[ўЎ]")),
    ("sr", re.compile("[ђћљњџЂЋЉЊЏј]")),
    ("kk", re.compile("[әғқңөұүһ]")),
)

LATIN = ("en", "fr", "es", "de", "it", "pt", "nl", "tr", "id", "pl", "sv", "ro", "cs", "vi", "tl", "sw", "so")
"""The languages told apart in Latin letters; anything else is taken for the nearest of them, or for English."""
_SURE = 0.5
_SURE_WHEN_SHORT = 0.6
_SHORT = 20

_WORDS = re.compile(r"[a-z0-9']+")
_LATIN_WITH_DIGITS = re.compile(r"(?=[a-z']*[235789][a-z'235789]*$)(?=(?:.*[a-z]){2})[a-z'235789]{3,}")
_NOT_ARABIZI = re.compile(
    r"\d+(?:st|nd|rd|th|am|pm|hrs?|h|min|mins|sec|days?|yrs?|km|kg|gb|mb|tb|gbps|mbps|k|m|g|x|d|s|ish)|"
    r"(?:mp|ps|b|c|h|x|s|f|g|p|iphone|ios|win|covid|web|sha|fe|no|gen|vol|part|day|ep|r|m|usb)\d+\w?|"
    r"(?:gr8|m8|l8r|l8|b4|2day|2nite|2moro|2morrow|4ever|some1|any1|every1|no1|h8|w8|str8|w8ing|any2|me2|u2|y2k)"
)
_ARABIZI_STRONG = frozenset(
    _WORDS.findall(
        "msh mesh mish mosh mafi mafeesh mafish kteer ktir kteir keteer wallah walla wallahi leish lesh laish shlon "
        "shloon sho shu fein feen wein wain emta imta lazem lazim keda kida kda khalas yalla yallah habibi shukran "
        "inshallah nshallah mashallah hamdulillah bezaf bzaf bezzaf daba hadchi hadshi wach wesh chno shno dilwa2ti "
        "delwa2ti ayez 3ayez 7aga haga hagat shway shwaya shwaye bedi baddi baddna 3andi andi abgha abghi kaman kman "
        "bardo lissa lessa mabye mabyeshtaghal byeshtaghal sha8al shaghal shaghaal enta enti ento ehna e7na howa heya "
        "elly elli illi aywa aiwa la2 mabrouk ya3ni yaani khara zeft zift 5ara 5alas 3an 3al 3ala 3shan 3lashan ashan "
        "alashan gedan giddan jiddan awy awi kolo kollo"
    )
)
_ARABIZI_WEAK = frozenset(
    _WORDS.findall("ya el al wel fel bel min men fi ana inta bas fe ma da di w ba3d yom net wala aw le ala zay nafs mu")
)

_load_lock = Lock()


def detect(text: str) -> str:
    """The ISO 639-1 code of a text's language, or "und" where it holds no letters. Never raises."""
    letters = _letters(_NOISE.sub(" ", text))
    total = sum(letters.values())
    if not total:
        return UNKNOWN
    latin = letters.pop("latin", 0)
    if letters and total - latin >= _NATIVE_SHARE * total:
        return _of_script(max(letters, key=letters.__getitem__), letters, text)
    return _latin(_NOISE.sub(" ", text))


def _letters(text: str) -> dict[str, int]:
    """How many letters the text has of each script."""
    counts: dict[str, int] = {}
    for run in _RUNS.finditer(text):
        script = run.lastgroup or ""
        counts[script] = counts.get(script, 0) + len(run[0])
    return counts


def _of_script(script: str, letters: dict[str, int], text: str) -> str:
    if script == "arabic":
        return _arabic_script(text, letters["arabic"])
    if script == "cyrillic":
        return next((language for language, own in _CYRILLIC if own.search(text)), "ru")
    if script in ("han", "kana"):
        return "ja" if letters.get("kana", 0) else "zh"
    return script


def _arabic_script(text: str, size: int) -> str:
    """Arabic unless letters or words of a neighbour are plain: single borrowed letters are common in dialect."""
    for language, own in _ARABIC_SCRIPT:
        if len(own.findall(text)) >= max(2, 0.04 * size):
            return language
    borrowed = len(_PERSIAN_LETTERS.findall(text))
    if not borrowed or len(_ARABIC_ONLY.findall(text)) > borrowed:
        return "ar"
    return "fa" if _PERSIAN_WORDS.search(text) or borrowed >= max(3, 0.12 * size) else "ar"


def _latin(text: str) -> str:
    if _is_arabizi(text):
        return "ar"
    language, sureness = _identifier()(text)
    needed = _SURE_WHEN_SHORT if len(text.strip()) < _SHORT else _SURE
    return language if sureness >= needed else "en"


def _is_arabizi(text: str) -> bool:
    """Arabic in Latin letters: digits standing for letters (3, 7, 2, 5 ...) and the commonest words."""
    words = _WORDS.findall(text.lower())
    coded = sum(1 for word in words if _LATIN_WITH_DIGITS.fullmatch(word) and not _NOT_ARABIZI.fullmatch(word))
    strong = sum(1 for word in words if word in _ARABIZI_STRONG)
    if not coded and strong < 2:
        return False
    weak = sum(1 for word in words if word in _ARABIZI_WEAK)
    share = (2 * coded + strong + weak) / len(words)
    return share >= (0.4 if coded + strong >= 2 else 0.5) and coded + strong + weak >= 2


@cache
def _identifier() -> Callable[[str], tuple[str, float]]:
    """The statistical classifier (about a second to load), restricted to `LATIN`; loaded once."""
    with _load_lock:
        return _loaded()


@cache
def _loaded() -> Callable[[str], tuple[str, float]]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LATIN)
    classify: Callable[[str], tuple[str, float]] = identifier.classify
    return classify
