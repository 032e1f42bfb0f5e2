"""Words that join others and tell nothing by themselves: not worth a mark, however much a model leans on them.

Negations and question words are none of these: "not" and "when" are often what a post turns on. In the spelling of
`sentiment.text.search_form`, so that hamzas and vowel signs do not matter.
"""

from sentiment.text import LINK, MENTION, search_form

_ENGLISH = """
a an the this that these those there here it its i me my mine myself you your yours u ur he him his she her hers we us
our ours they them their theirs am is are was were be been being do does did doing have has had having will would shall
should can could may might must im ive id ill youre youve weve theyre hes shes thats its and or but so if then than as
because while of at by for with about into onto to from in on out over under up down off again just also too very
really get got gets getting go going some any each all both more most other such own same s t d ll m re ve
"""
_ARABIC = """
في من على عن الى ل ب ك و ف مع هذا هذه هذي هذاك هذيك ذا ذي ذلك تلك هاي هاد هيدا هيدي هاذا هاذي ده دي دا دول هدول
التي الذي الذين اللي الي يلي لي لك له لها لنا لكم لهم لو اذا ان انه انها اني انك انا انت انتم انتو انتوا هو هي هم احنا
حنا نحن كان كانت كنت كنا يكون تكون قد كل كله كلها بعض بين حتى ثم او ام اما بس لكن لان عشان علشان يا ياخي هنا هناك
عند عندي عندك عندنا عندكم عنده فيه فيها فيهم منه منها منكم عليه عليها عليكم به بها اي ايه هل شي شيء ديال ديالي
ديالكم باش غير راه تاع متاع حق مال والله
"""
QUIET = frozenset(search_form(word) for word in (_ENGLISH + _ARABIC).split()) | {"", MENTION, LINK}


def is_quiet(word: str) -> bool:
    """Whether a word, as it stands in a text, tells nothing by itself."""
    bare = word.strip(".,;:!?…؟،؛\"'()[]«»-–—*_~")
    return bare in QUIET or search_form(bare.replace("'", "").replace("’", "")) in QUIET
