"""Words without what is put before and after them, so that the forms of one word meet. Pure; words come folded.

Light and by rule, in Arabic and in English, by what is written (`sentiment.text.search_form` first): broken plurals and
irregular verbs stay apart. Whoever compares two texts stems both with the same functions.
"""

from functools import lru_cache

# Conjunction, preposition and article as they are written onto a word, the longest first.
ARTICLES = ("وبال", "وكال", "فبال", "وال", "بال", "كال", "فال", "ولل", "فلل", "لل", "ال")
# Onto a word without the article: what is left must be so long, for a short word may begin with the letter itself.
ONE_LETTER = {"و": 3, "ف": 3, "ب": 3, "ل": 3, "ك": 4}
ENDINGS = (
    "تهم", "تكم", "تنا", "تها", "تان", "تين", "تي", "تك", "ته", "ات", "ون", "ين", "وا", "ها", "هم", "كم", "نا", "ه",
    "ي", "ك", "ا",
)  # fmt: skip
SHORTEST = 3
VOWELS = frozenset("aeiouy")


def stem(word: str) -> str:
    """The stem of a folded word: one for each word."""
    return stems(word)[0]


@lru_cache(maxsize=65_536)
def stems(word: str) -> tuple[str, ...]:
    """Every stem that a folded word may have, the likeliest first.

    An Arabic word that begins with و ف ب ل or ك has two: with the letter and without it, for nothing in the writing
    tells a preposition from the word's own first letter. So has one whose article leaves two letters, as in النت and
    الخط: they are a word, or the rest of another (الان).
    """
    if word.isascii():
        return (_english(word),)
    if not "\u0600" <= word[0] <= "\u06ff":
        return (word,)
    bare = next((word[len(a) :] for a in ARTICLES if word.startswith(a) and len(word) - len(a) >= SHORTEST), "")
    if bare:
        return (_without_ending(bare),)
    found = [
        _without_ending(word),
        *(word[len(a) :] for a in ARTICLES if word.startswith(a) and len(word) - len(a) == 2),
    ]
    if len(word) - 1 >= ONE_LETTER.get(word[0], len(word)):
        found.append(_without_ending(word[1:]))
    return tuple(dict.fromkeys(found))


def _without_ending(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            return word[: -len(ending)]
    return word


def _english(word: str) -> str:
    """Plurals, -ing and -ed; then doubled and silent letters, so that cancel meets cancelled and charge charging."""
    if len(word) <= SHORTEST or not word.isalpha():
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= SHORTEST and not VOWELS.isdisjoint(rest):
            word = rest
            break
    if len(word) > SHORTEST and word.endswith("e"):
        word = word[:-1]
    if len(word) > SHORTEST and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] + "i" if len(word) > SHORTEST and word.endswith("y") else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
