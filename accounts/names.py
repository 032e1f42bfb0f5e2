"""Names as they are kept: on one line, and without signs that turn round the words beside them."""

import re

# Signs that begin, end or override a direction: in a sentence of ours they would reach beyond the name. Marks that
# stand for themselves (U+200E, U+200F, U+061C) and joiners within emoji and words stay.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def plain(name: str) -> str:
    """The name without such signs; a line's end within it is a space, and spaces at its ends go."""
    return _CONTROLS.sub(" ", _TURNING.sub("", name)).strip()
