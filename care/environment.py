"""Reading the environment: a value of the right type, or one clear sentence about what is wrong with it."""

import os

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """The variable as it stands, without surrounding white space."""
    return os.environ.get(name, default).strip()


def number(name: str, default: float, *, least: float = 0) -> float:
    """A number not below `least`."""
    raw = text(name) or str(default)
    try:
        value = float(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}: give a number, for example {default}.") from None
    if value < least:
        raise ImproperlyConfigured(f"{name} is {raw}: give {least} or more.")
    return value


def whole(name: str, default: int, *, least: int = 0) -> int:
    """A whole number not below `least`."""
    return int(number(name, default, least=least))


def share(name: str) -> float | None:
    """A number from 0 to 1; None where nothing is given."""
    raw = text(name)
    if not raw:
        return None
    value = number(name, 0.5)
    if not 0 <= value <= 1:
        raise ImproperlyConfigured(f"{name} is {raw}: give a number from 0 to 1, or nothing.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """1, true, yes, on / 0, false, no, off."""
    raw = text(name).lower()
    if raw == "":
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}: give 1 or 0.")


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def reader() -> str:
    """Which model reads: RADD_READER; without it SENTIMENT_MODEL, a Hugging Face id or folder; else the bundled one."""
    model = text("SENTIMENT_MODEL")
    return text("RADD_READER") or (f"transformers:{model}" if model else "onnx")
