"""What a translator is. One adapter is ours (libre); others are named by their dotted path in RADD_TRANSLATOR."""

from functools import lru_cache
from typing import ClassVar, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Trouble(Exception):
    """No translation can be had now; says what the translator or the network told, without a secret."""


class Translator(Protocol):
    """Made once a process, without arguments; it reads its own settings. Called from several threads."""

    # What people are told that it was translated by.
    label: ClassVar[str]

    def translate(self, text: str, *, to: str, source: str) -> str:
        """The text in the language `to`. `source`: the two letters of its own language, empty where nobody knows.

        Takes seconds at most. Raises Trouble.
        """
        ...


# Names that stand for a dotted path.
KNOWN = {"libretranslate": "tickets.translating.libre.LibreTranslate"}


def translator() -> Translator | None:
    """The one that the installation set; None without one: then nothing is offered and no text leaves the desk."""
    return _made(settings.TRANSLATOR) if settings.TRANSLATOR else None


@lru_cache(maxsize=4)
def _made(name: str) -> Translator:
    made: Translator = import_string(KNOWN.get(name, name))()
    return made
