"""What a server tells about itself: how long a post may be, how it counts, where it streams.

Asked once a day, kept in the channel's session, and never asked where somebody is waiting: whoever counts letters takes
what is kept, or what Mastodon usually has.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.platforms.base import Json, PlatformError, Session
from ingest.platforms.mastodon.wire import LACKING, Wire

FRESH = timedelta(days=1)
# After a try that failed.
SOON = timedelta(hours=1)
KEPT_AS = "instance"
# GoToSocial, Pleroma and others count every code point; they stand below 2, or call themselves compatible.
MASTODON = re.compile(r"^(?:[2-9]|\d{2,})\.\d+(?!.*compatible)", re.IGNORECASE)
# The version of Mastodon's own API since which quotes are notified of.
QUOTES_SINCE = 7


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_chars`: of a post, its content warning included. `streaming`: a ws:// or wss:// address, or nothing."""

    max_chars: int = 500
    per_url: int = 23
    max_alt: int = 1500
    max_images: int = 4
    image_bytes: int = 16_777_216
    image_pixels: int = 33_177_600
    like_mastodon: bool = True
    quotes: bool = False
    domain: str = ""
    streaming: str = ""


class Instance:
    """The limits of one server, remembered in a channel's session."""

    def __init__(self, wire: Wire, session: Session) -> None:
        self._wire = wire
        self._session = session

    def limits(self) -> Limits:
        """As they were last read. Calls nobody."""
        return kept_limits(self._session)

    def freshen(self) -> None:
        """Read them anew where a day has passed. A server that does not tell is asked again in an hour."""
        now = datetime.now(UTC)
        if not _is_due(_kept(self._session).get("again_at"), now):
            return
        try:
            told, again_at = asdict(read_limits(self._wire)), now + FRESH
        except PlatformError:
            told, again_at = {}, now + SOON
        entry = {**_kept(self._session), **told, "again_at": again_at.isoformat()}
        self._session.renew(lambda kept: {**kept, KEPT_AS: entry})


def kept_limits(session: Session) -> Limits:
    """The limits as they were last read; Mastodon's usual ones where they never were."""
    kept = _kept(session)
    return Limits(**{field.name: kept[field.name] for field in fields(Limits) if field.name in kept})


def _kept(session: Session) -> Json:
    kept = session.get().get(KEPT_AS)
    return kept if isinstance(kept, dict) else {}


def _is_due(again_at: Any, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(again_at) <= now
    except (TypeError, ValueError):
        return True


def read_limits(wire: Wire) -> Limits:
    """Ask the server: its second edition of the answer, and the first where there is no second."""
    try:
        return _understood(wire.get("/api/v2/instance").one())
    except PlatformError as error:
        if error.code not in LACKING:
            raise
    return _understood(wire.get("/api/v1/instance").one())


def _understood(told: Json) -> Limits:
    """Either edition; what is missing or makes no sense stays as Mastodon usually has it."""
    usual = Limits()
    settings = _inner(told, "configuration")
    statuses, media = _inner(settings, "statuses"), _inner(settings, "media_attachments")
    version = str(told.get("version") or "")
    return Limits(
        # `max_toot_chars` is Pleroma's older word.
        max_chars=_whole(statuses.get("max_characters")) or _whole(told.get("max_toot_chars")) or usual.max_chars,
        per_url=_whole(statuses.get("characters_reserved_per_url")) or usual.per_url,
        max_alt=_whole(media.get("description_limit")) or usual.max_alt,
        max_images=_whole(statuses.get("max_media_attachments")) or usual.max_images,
        image_bytes=_whole(media.get("image_size_limit")) or usual.image_bytes,
        image_pixels=_whole(media.get("image_matrix_limit")) or usual.image_pixels,
        like_mastodon=bool(MASTODON.match(version)),
        quotes=_whole(_inner(told, "api_versions").get("mastodon")) >= QUOTES_SINCE,
        # Some give an address where a name is asked for.
        domain=str(told.get("domain") or told.get("uri") or "").rpartition("://")[2].rstrip("/"),
        streaming=str(_inner(settings, "urls").get("streaming") or _inner(told, "urls").get("streaming_api") or ""),
    )


def _inner(holder: Mapping[str, Any], name: str) -> Json:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> int:
    """A positive whole number, or 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
