"""Pictures go up to X before the post that shows them, each with its description.

What was uploaded is remembered by the answer's key until X forgets it, so that an answer that is tried again does not
upload anything twice. Nothing here posts: whatever goes wrong, the answer is not on X because of it.
"""

import base64
import time
from typing import Any

from ingest.platforms.base import Image, Json, OutcomeUnknown, Outgoing, PlatformError
from ingest.platforms.told import clean_text
from ingest.platforms.x.calls import Calls
from ingest.platforms.x.parse import same_words

UPLOAD, METADATA = "/2/media/upload", "/2/media/metadata"
POST_IMAGE, DM_IMAGE = "tweet_image", "dm_image"
MOST, MOST_IN_MESSAGE = 4, 1
LARGEST = 5_000_000
LONGEST_ALT = 1000
KEPT_AS = "media"
# X keeps an upload for a day unless it says otherwise; one that ends on the way is of no use.
LASTS, EARLY = 86_400.0, 3600.0
LOOK_AGAIN = 5.0
# Seconds of one attempt after which no further picture is begun.
PATIENCE = 30.0
WORKING = frozenset({"pending", "in_progress"})
# In the place of the link that X puts after the words of a post with pictures: one for all of them.
SHOWN_AT = "https://t.co/0000000000"


def ready(calls: Calls, outgoing: Outgoing, category: str) -> list[str]:
    """The ids of the answer's pictures on X, in order, each uploaded, worked through and described.

    Raises PlatformError: media_processing where X is at work on one; media_not_allowed, media_rejected (permanent).
    """
    uploads, began = _known(calls, outgoing.key), time.monotonic()
    known = len(uploads)
    for place, image in enumerate(outgoing.images):
        if place >= len(uploads):
            if place > known and time.monotonic() - began > PATIENCE:
                # Whoever holds an answer too long loses it to another; what is up so far is remembered.
                raise PlatformError("media_processing", "The pictures go up slowly", retry_after=LOOK_AGAIN)
            uploads.append(_uploaded(calls, image, category))
            _keep(calls, outgoing.key, uploads)
        entry = uploads[place]
        if not entry["ready"]:
            uploads[place] = entry = _looked_at(calls, entry)
            _keep(calls, outgoing.key, uploads)
        if image.alt and not entry["described"]:
            _describe(calls, str(entry["id"]), image.alt)
            uploads[place] = {**entry, "described": True}
            _keep(calls, outgoing.key, uploads)
    return [str(entry["id"]) for entry in uploads[: len(outgoing.images)]]


def is_copy(outgoing: Outgoing, text: str) -> bool:
    """Whether these are the words of that answer as X shows them."""
    if same_words(outgoing.text, text):
        return True
    return bool(outgoing.images) and same_words(f"{outgoing.text} {SHOWN_AT}", text)


def _uploaded(calls: Calls, image: Image, category: str) -> Json:
    body = {"media": base64.b64encode(image.content).decode(), "media_category": category}
    data = _asked(calls, UPLOAD, body)
    entry = _entry(data)
    if not entry["id"]:
        raise PlatformError("garbled_answer", "X took a picture and gave no id", retry_after=60)
    told: Any = data.get("expires_after_secs")
    life = float(told) if isinstance(told, int | float) and told > 0 else LASTS
    return {**entry, "described": False, "until": time.time() + life - EARLY}


def _looked_at(calls: Calls, entry: Json) -> Json:
    """How an upload stands now. Raises PlatformError("media_processing") where X is still at work on it."""
    try:
        answer = calls.get(UPLOAD, {"command": "STATUS", "media_id": entry["id"]}, as_us=True)
    except PlatformError as error:
        raise _meant(error) from error
    data = answer.get("data")
    now = {**entry, **_entry(data if isinstance(data, dict) else {}), "id": entry["id"]}
    if not now["ready"]:
        raise PlatformError("media_processing", "X is at work on a picture", retry_after=now["again"])
    return now


def _entry(data: Json) -> Json:
    """Its id, whether it can be posted, when to look again if not. Raises PlatformError where X could not use it."""
    told = data.get("processing_info")
    info: Json = told if isinstance(told, dict) else {}
    if info.get("state") == "failed":
        raise PlatformError("media_rejected", "X could not work with a picture", permanent=True)
    again = info.get("check_after_secs")
    return {
        "id": str(data.get("id") or ""),
        "ready": info.get("state") not in WORKING,
        "again": float(again) if isinstance(again, int | float) and again > 0 else LOOK_AGAIN,
    }


def _describe(calls: Calls, media_id: str, alt: str) -> None:
    text = clean_text(alt)[:LONGEST_ALT]
    _asked(calls, METADATA, {"id": media_id, "metadata": {"alt_text": {"text": text}}})


def _asked(calls: Calls, path: str, body: Json) -> Json:
    try:
        data = calls.post(path, body).get("data")
    except OutcomeUnknown as error:
        # To upload or to describe once more does no harm.
        raise PlatformError("unreachable", error.words, retry_after=error.retry_after) from error
    except PlatformError as error:
        raise _meant(error) from error
    return data if isinstance(data, dict) else {}


def _meant(error: PlatformError) -> PlatformError:
    """What a refusal was about: of pictures, not of the answer."""
    codes = {"forbidden": "media_not_allowed", "rejected": "media_rejected", "not_found": "media_rejected"}
    if error.code not in codes:
        return error
    return PlatformError(codes[error.code], error.words, permanent=True)


def _known(calls: Calls, key: str) -> list[Json]:
    """What was uploaded for this answer before; all of it anew where any of it may be gone by now."""
    uploads = [dict(entry) for entry in _kept(calls.account.session.get()).get(key, [])]
    return uploads if all(entry["until"] > time.time() for entry in uploads) else []


def _keep(calls: Calls, key: str, uploads: list[Json]) -> None:
    calls.account.session.renew(lambda kept: {**kept, KEPT_AS: {**_lasting(_kept(kept)), key: uploads}})


def _kept(session: Json) -> dict[str, list[Json]]:
    told = session.get(KEPT_AS)
    return told if isinstance(told, dict) else {}


def _lasting(kept: dict[str, list[Json]]) -> dict[str, list[Json]]:
    """Those that X still has."""
    now = time.time()
    return {key: uploads for key, uploads in kept.items() if all(entry["until"] > now for entry in uploads)}
