"""One message in the reader's language: asked for by a click, kept for a day, and gone with the message's words."""

from dataclasses import dataclass
from hashlib import sha256

import redis
import structlog
from django.conf import settings
from django.utils.translation import get_language

from ingest import doorbell
from ingest.models import Message
from tickets.translating.base import Trouble, translator

log = structlog.get_logger(__name__)

# Seconds a translation is kept in Valkey, and letters of a message that are translated.
KEPT = 86_400
LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Translated:
    """Words in `language`, and by whom."""

    text: str
    language: str
    by: str


def may_translate(message: Message, to: str) -> bool:
    """Whether a translation of it into this language is offered: there is a translator, words, and another language."""
    return bool(settings.TRANSLATOR and message.text.strip() and not message.deleted_at and message.language != to)


def translatable(message: Message) -> bool:
    """Whether it is offered to whoever reads the page that is being drawn."""
    return may_translate(message, (get_language() or "en")[:2])


def translated(message: Message, to: str) -> Translated:
    """The message in the language `to` (two letters). Raises Trouble, also where none is set."""
    through = translator()
    if through is None or not may_translate(message, to):
        raise Trouble("no translator is set for this message")
    place = _place(message, to)
    text = _kept(place)
    if text is None:
        text = through.translate(message.text[:LONGEST], to=to, source=message.language).strip()
        if not text:
            raise Trouble("an empty translation")
        _keep(place, text)
    return Translated(text, to, through.label)


def _place(message: Message, to: str) -> str:
    # An edited text, or another translator, has another place.
    mark = sha256(f"{settings.TRANSLATOR}\0{settings.TRANSLATOR_URL}\0{message.text}".encode()).hexdigest()[:32]
    return f"{settings.REDIS_PREFIX}:translated:{message.pk}:{to}:{mark}"


def _kept(place: str) -> str | None:
    try:
        found = doorbell.connection().get(place)
    except redis.RedisError as error:
        log.warning("translations cannot be read back", error=str(error))
        return None
    return found.decode() if isinstance(found, bytes) else None


def _keep(place: str, text: str) -> None:
    try:
        doorbell.connection().set(place, text, ex=KEPT)
    except redis.RedisError as error:
        log.warning("translations cannot be kept", error=str(error))
