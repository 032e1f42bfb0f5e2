"""How much may be uploaded at once: more than a few pictures is refused before a byte of it is written anywhere."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# Beside the files a form holds words and tokens.
WORDS = 1_000_000
AT_ONCE = 4


class Bounded(FileUploadHandler):
    """Stands before the handlers that keep what comes, and keeps nothing itself."""

    def handle_raw_input(self, _input_data: Any, _meta: Any, content_length: int, *_more: Any) -> None:
        """Raises RequestDataTooBig, which is answered 400."""
        if content_length > settings.PICTURE_BYTES * AT_ONCE + WORDS:
            raise RequestDataTooBig("more was uploaded than a few pictures")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """On to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Another handler has it."""
