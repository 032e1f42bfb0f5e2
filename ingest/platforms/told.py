"""Reading JSON of strangers, in which anything may be missing, or be something else than it should."""

import math
from typing import Any

from ingest.platforms.base import Json


def clean(value: Any) -> Any:
    """The same value with nothing in it that a database refuses: no NUL, no half of a UTF-16 pair, no NaN."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(str(key)): clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def clean_text(text: str) -> str:
    """A text without NUL, halves of UTF-16 pairs joined where two meet and else replaced."""
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\x00", "")


def id_of(holder: Json, key: str = "id") -> str:
    """An id as a string. Raises KeyError or ValueError where there is none."""
    value = holder[key]
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value):
        raise ValueError(f"{key} is no id: {value!r}")
    return str(value)


def text_in(holder: Json, key: str) -> str:
    """A text that may be missing. Raises TypeError where something else stands."""
    value = holder.get(key)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{key} is no text: {value!r}")
    return value or ""


def dicts_in(holder: Json, *keys: str) -> list[Json]:
    """The objects of these lists, one list after the other; what is no list, or in it no object, is passed over."""
    lists = (holder.get(key) for key in keys)
    return [entry for found in lists if isinstance(found, list) for entry in found if isinstance(entry, dict)]
