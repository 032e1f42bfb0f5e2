"""Values that PostgreSQL, JSON and UTF-8 can hold, whatever a platform tells; and words without secrets of ours."""

import base64
import html
import json
import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

WORDS = 2000
# Shorter ones would be found everywhere, and keep nobody out.
SHORTEST_SECRET = 8
# How many this process remembers: renewed tokens push out the oldest.
MOST_SECRETS = 4000
HIDDEN = "…"
# What credentials may hold that everybody may see.
OPEN_NAMES = frozenset({"handle", "host", "identifier", "username"})
# What a session holds beside who we are, where, and what a server allows.
TOKENS = re.compile("token|secret|password|access|refresh")

# Every way in which a secret that this process has opened may be written, newest last.
_opened: dict[str, None] = {}


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


# --- secrets ----------------------------------------------------------------------------------------------------------
def remember_secrets(credentials: Any) -> None:
    """From here on no error's words and no line of the log of this process shows what these hold.

    Called wherever an adapter is given credentials: a platform may say in an error what it was told, and a library may
    put it into an exception. `credentials`: as they are read from JSON.
    """
    _remember(secret for name, secret in _strings_in(credentials) if name not in OPEN_NAMES)


def remember_tokens(session: Any) -> None:
    """The same of what an adapter remembers, where not all is secret."""
    _remember(secret for name, secret in _strings_in(session) if TOKENS.search(name))


def without_secrets(text: str) -> str:
    """The text with every secret that this process has opened taken out, however it is written."""
    for secret in list(_opened):
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return text


def told(words: str) -> str:
    """An error's words as they are kept and shown: what a platform said, without what it was told."""
    text = without_secrets(clean(words))[:WORDS]
    # Adapters cut what is long; a secret cut in two is still half a secret.
    for secret in list(_opened):
        if secret[:SHORTEST_SECRET] in text[-len(secret) :]:
            cut = next((n for n in range(len(secret), SHORTEST_SECRET - 1, -1) if text.endswith(secret[:n])), 0)
            text = text[: len(text) - cut] + HIDDEN if cut else text
    return text


def without_secrets_in(value: Any) -> Any:
    """The same of a value as JSON has them."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {without_secrets(str(key)): without_secrets_in(item) for key, item in value.items()}
    return [without_secrets_in(item) for item in value] if isinstance(value, list) else value


def _remember(secrets: Iterable[str]) -> None:
    for secret in map(str.strip, secrets):
        for form in _forms(secret) if len(secret) >= SHORTEST_SECRET else ():
            _opened.pop(form, None)
            _opened[form] = None
    while len(_opened) > MOST_SECRETS:
        _opened.pop(next(iter(_opened)), None)


def _strings_in(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """All texts in a value, each with the name it stands under."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _strings_in(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings_in(item, name)
    elif isinstance(value, str):
        yield name, value


@lru_cache(MOST_SECRETS)
def _forms(secret: str) -> frozenset[str]:
    """As it is, in an address, a page, JSON or Python, and in base64 wherever it may begin within three bytes."""
    whole = secret.encode("utf-8", "surrogatepass")
    forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    forms |= {quote(whole), quote(whole, safe=""), quote_plus(whole), html.escape(secret)}
    for shift, depends in enumerate((0, 2, 3)):
        # Letters at both ends depend on the neighbours.
        inner = base64.b64encode(b"\0" * shift + whole).decode().rstrip("=")[depends:-1]
        forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    return frozenset(form for form in forms if len(form) >= SHORTEST_SECRET)
