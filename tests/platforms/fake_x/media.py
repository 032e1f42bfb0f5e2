"""Pictures on the fake X: taken up, worked at, described, and shown by one post or message."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Answer = tuple[int, Json]
UPLOAD, METADATA = "/2/media/upload", "/2/media/metadata"
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
LARGEST = 5_000_000


@dataclass
class Upload:
    """One file. `looks`: how often X is asked before it has worked through it."""

    id: str
    content: bytes
    category: str
    alt: str = ""
    looks: int = 0

    @property
    def key(self) -> str:
        return f"3_{self.id}"

    def told(self) -> Json:
        """As it stands among the media of a post."""
        return {"media_key": self.key, "type": "photo", "url": f"https://pbs.twimg.com/media/{self.id}.jpg",
                "alt_text": self.alt, "width": 1, "height": 1}  # fmt: skip


class Media:
    """`slow`: how often X is to be asked about the next uploads. `failing`: it cannot work with them."""

    def __init__(self) -> None:
        self.uploads: dict[str, Upload] = {}
        self.slow = 0
        self.failing = False

    def call(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """Take, tell or describe."""
        if path == METADATA:
            return self._describe(body)
        if method == "GET":
            return self._look(query["media_id"])
        try:
            content = base64.b64decode(body["media"], validate=True)
        except binascii.Error:
            return _invalid("media", "not base64")
        if not content.startswith(BEGINNINGS) or len(content) > LARGEST:
            return _invalid("media", "Invalid media")
        made = Upload(str(1_880_000_000_000_000_000 + len(self.uploads)), content, body["media_category"])
        made.looks = self.slow
        self.uploads[made.id] = made
        told = {"id": made.id, "media_key": made.key, "size": len(content), "expires_after_secs": 86_400}
        return 200, {"data": {**told, **self._processing(made)}}

    def attached(self, ids: list[str], category: str) -> list[Upload] | None:
        """The uploads that a post or a message shows; None where one of them cannot be shown so."""
        found = [self.uploads.get(media_id) for media_id in ids]
        good = [upload for upload in found if upload and upload.category == category and upload.looks <= 0]
        return good if len(good) == len(ids) else None

    def _look(self, media_id: str) -> Answer:
        known = self.uploads.get(media_id)
        if known is None:
            return _invalid("media_id", media_id)
        known.looks -= 1
        return 200, {"data": {"id": known.id, "media_key": known.key, **self._processing(known)}}

    def _processing(self, upload: Upload) -> Json:
        if self.failing:
            return {"processing_info": {"state": "failed"}}
        if upload.looks > 0:
            return {"processing_info": {"state": "in_progress", "check_after_secs": 2, "progress_percent": 50}}
        return {"processing_info": {"state": "succeeded"}} if self.slow else {}

    def _describe(self, body: Json) -> Answer:
        known = self.uploads.get(body["id"])
        if known is None:
            return _invalid("id", body["id"])
        known.alt = body["metadata"]["alt_text"]["text"]
        return 200, {"data": {"id": known.id, "associated_metadata": {"alt_text": {"text": known.alt}}}}


def _invalid(parameter: str, value: str) -> Answer:
    return 400, {
        "title": "Invalid Request",
        "detail": f"One or more parameters to your request was invalid: {value}",
        "type": "https://api.twitter.com/2/problems/invalid-request",
        "errors": [{"parameters": {parameter: [value]}, "message": f"The `{parameter}` is not valid"}],
    }
