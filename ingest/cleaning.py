"""Values that PostgreSQL, JSON and UTF-8 can hold: platforms tell all kinds."""

import math
from typing import Any


def clean(text: str) -> str:
    """Text that PostgreSQL and UTF-8 can hold: no NUL, lone surrogates replaced."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def clean_json(value: Any) -> Any:
    """A value that a JSON column can hold; numbers that JSON has no word for become null."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, int) else clean(str(value))
