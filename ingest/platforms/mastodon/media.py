"""Pictures go up before the answer that holds them, and a server may take its time over them.

Nothing waits here: an answer whose pictures are not ready is put back, and what was uploaded is remembered by the
answer's key, so that the next attempt goes on instead of uploading again.
"""

import mimetypes
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.platforms.base import Image, Json, Outgoing, PlatformError, Session
from ingest.platforms.mastodon.wire import LACKING, Answer, Wire
from ingest.platforms.told import clean_text, id_of

KEPT_AS = "media"
# Servers throw away what was uploaded and not used within a day.
LASTS = timedelta(hours=20)
LOOK_AGAIN = 5.0
WORKING = frozenset({202, 206})


class Media:
    """Uploads for one account. `max_alt`: letters that a description may have."""

    def __init__(self, wire: Wire, session: Session, max_alt: int) -> None:
        self._wire = wire
        self._session = session
        self._max_alt = max_alt

    def ready(self, outgoing: Outgoing) -> list[str]:
        """The ids of the answer's pictures, in order.

        Raises PlatformError("media_processing") where the server is still at work on one.
        """
        if not outgoing.images:
            return []
        uploads = self._known(outgoing.key)[: len(outgoing.images)]
        for place, image in enumerate(outgoing.images):
            entry = self._checked(uploads[place]) if place < len(uploads) else None
            if entry is None:
                entry = self._uploaded(image)
            uploads[place : place + 1] = [entry]
            self._keep(outgoing.key, uploads)
        if not all(entry["ready"] for entry in uploads):
            raise PlatformError("media_processing", "The server is at work on a picture", retry_after=LOOK_AGAIN)
        return [str(entry["id"]) for entry in uploads]

    def _uploaded(self, image: Image) -> Json:
        name = f"picture{mimetypes.guess_extension(image.media_type) or ''}"
        files = {"file": (name, image.content, image.media_type)}
        alt = clean_text(image.alt)[: self._max_alt]
        form = {"description": alt} if alt else {}
        try:
            answer = self._wire.post("/api/v2/media", form, files=files, writes=False)
        except PlatformError as error:
            if error.code not in LACKING - {"rejected", "forbidden"}:
                raise
            answer = self._wire.post("/api/v1/media", form, files=files, writes=False)
        return _entry(answer)

    def _checked(self, entry: Json) -> Json | None:
        """How an upload stands now; None where the server has lost it."""
        if entry["ready"]:
            return entry
        try:
            return _entry(self._wire.get(f"/api/v1/media/{entry['id']}"))
        except PlatformError as error:
            if error.code != "not_found":
                raise
            return None

    def _known(self, key: str) -> list[Json]:
        return [dict(entry) for entry in _fresh(self._session.get()).get(key, {}).get("uploads", [])]

    def _keep(self, key: str, uploads: list[Json]) -> None:
        entry = {"at": datetime.now(UTC).isoformat(), "uploads": uploads}
        self._session.renew(lambda kept: {**kept, KEPT_AS: {**_fresh(kept), key: entry}})


def _entry(answer: Answer) -> Json:
    try:
        return {"id": id_of(answer.one()), "ready": answer.status not in WORKING}
    except (KeyError, ValueError) as error:
        raise PlatformError("garbled_answer", f"An upload without an id: {error}", retry_after=60) from error


def _fresh(kept: Json) -> dict[str, Any]:
    """Uploads by answer, those left out that the server has thrown away by now."""
    told = kept.get(KEPT_AS)
    since = (datetime.now(UTC) - LASTS).isoformat()
    return {key: entry for key, entry in (told if isinstance(told, dict) else {}).items() if entry["at"] >= since}
