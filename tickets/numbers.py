"""Whole numbers as forms and addresses tell them."""

from collections.abc import Iterable


def whole(told: object, digits: int = 18) -> int | None:
    """The number written here in plain digits; None for anything else, and for more digits than a column holds."""
    if isinstance(told, str) and told.isascii() and told.isdecimal() and len(told) <= digits:
        return int(told)
    return None


def wholes(told: Iterable[object]) -> list[int]:
    """Those of many that are numbers, in their order."""
    return [number for one in told if (number := whole(one)) is not None]
