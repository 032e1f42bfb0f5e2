"""LibreTranslate, or whatever speaks its API: POST /translate with q, source, target, format and api_key.

Set RADD_TRANSLATOR_URL, and RADD_TRANSLATOR_KEY where the server wants one. https://docs.libretranslate.com/
"""

import http.client
import json
import ssl
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tickets.translating.base import Trouble

SECONDS = 8
# Of an answer; a translation of the longest message is far shorter.
MOST_BYTES = 1_000_000


class LibreTranslate:
    """One server by its address. Redirects are not followed: texts go where the installation said, and nowhere else."""

    label: ClassVar[str] = "LibreTranslate"

    def __init__(self) -> None:
        self.where = urlsplit(settings.TRANSLATOR_URL)
        self.key = settings.TRANSLATOR_KEY
        if self.where.scheme not in {"http", "https"} or not self.where.hostname:
            raise ImproperlyConfigured("RADD_TRANSLATOR_URL is not set: give the address of a LibreTranslate server.")

    def translate(self, text: str, *, to: str, source: str) -> str:
        """See tickets.translating.base.Translator."""
        asked = {"q": text, "source": source or "auto", "target": to, "format": "text"}
        told = self._ask(asked | ({"api_key": self.key} if self.key else {}))
        words = told.get("translatedText")
        if not isinstance(words, str):
            raise Trouble(str(told.get("error", "no translation in the answer"))[:200])
        return words

    def _ask(self, asked: dict[str, str]) -> dict[str, Any]:
        connection = self._connection()
        try:
            head = {"content-type": "application/json", "accept": "application/json"}
            path = self.where.path.rstrip("/") + "/translate"
            connection.request("POST", path, json.dumps(asked).encode(), head)
            response = connection.getresponse()
            told = json.loads(response.read(MOST_BYTES))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Trouble(type(error).__name__) from error
        finally:
            connection.close()
        if not isinstance(told, dict):
            raise Trouble("not an answer of LibreTranslate")
        if response.status != http.HTTPStatus.OK:
            raise Trouble(f"{response.status}: {str(told.get('error', ''))[:200]}")
        return told

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self.where.hostname or "", self.where.port
        if self.where.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=SECONDS)
