"""The way to Bluesky: plain XRPC over httpx, time limits on every call, and one place where refusals get our words.

The SDK hides the headers that tell the rate limit and gives one exception to many kinds of trouble; so calls are made
here. Whatever goes wrong leaves this module as a PlatformError. A call that writes and breaks off after it was sent is
an OutcomeUnknown.
"""

import json
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx

from ingest.platforms.base import Json, OutcomeUnknown, PlatformError, Room
from ingest.platforms.told import clean, clean_text

CONNECT_SECONDS = 5.0
# Bluesky counts calls in windows of five minutes; wait one when it does not say how long.
RATE_WINDOW = 300.0
# The longest window it has. A reset beyond it is a mistake, not an order.
LONGEST_WAIT = 86_400.0
UNREACHABLE_WAIT = 30.0
DOWN_WAIT = 60.0
WORDS_KEPT = 500
# The account itself is shut: only its owner, or Bluesky, can open it again.
SHUT = {"AccountTakedown", "AccountSuspended", "AccountDeactivated", "RepoTakendown", "RepoSuspended"}
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Refused(PlatformError):
    """Bluesky said no, in so many words: `name` is its own short name for the reason ("ExpiredToken", "NotFound")."""

    def __init__(self, code: str, name: str, words: str) -> None:
        super().__init__(code, words, permanent=True)
        self.name = name


@dataclass(frozen=True, slots=True)
class Call:
    """One XRPC call. It is a GET unless it carries a body or content; `writes`: it changes what others see."""

    method: str
    params: Mapping[str, Any] | None = None
    body: Json | None = None
    content: bytes | None = None
    media_type: str = "application/json"
    posts: bool = False
    writes: bool = False

    def headers(self, token: str) -> dict[str, str]:
        """With whom it is made."""
        told = {"accept": "application/json"}
        if self.content is not None or self.body is not None:
            told["content-type"] = self.media_type
        return {**told, "authorization": f"Bearer {token}"} if token else told


class Wire:
    """Makes calls. `room`: what the rate limit still allowed, as the last answer told."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        limits = httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout))
        self._client = httpx.Client(timeout=limits, verify=_trusted())
        self.room: Room | None = None

    def send(self, host: str, call: Call, token: str = "") -> Json:
        """Make the call and read the whole answer. Raises unless it is a success that holds a JSON object."""
        try:
            status, headers, body = self._answer(host, call, token)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            _broken_off(error, writes=call.writes)
        self.room = _room(headers) or self.room
        told = _object(body)
        if not httpx.codes.is_success(status):
            raise _refusal(status, headers, told, writes=call.writes)
        if told is None:
            raise unsure("garbled_answer", "The answer is not JSON", DOWN_WAIT, writes=call.writes)
        return told

    def _answer(self, host: str, call: Call, token: str) -> tuple[int, httpx.Headers, bytes]:
        content = json.dumps(call.body).encode() if call.body is not None else call.content
        deadline = time.monotonic() + self._timeout
        body = bytearray()
        with self._client.stream(
            "POST" if call.posts or content is not None else "GET",
            f"{host}/xrpc/{call.method}",
            params=dict(call.params or {}),
            content=content,
            headers=call.headers(token),
        ) as response:
            for piece in response.iter_bytes():
                body += piece
                # httpx counts the silence between two pieces; an answer that drips must end as well.
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("The answer took too long")
        return response.status_code, response.headers, bytes(body)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust. Reading the certificates takes longer than most calls do, and adapters are made by the minute."""
    return httpx.create_ssl_context()


def checked(address: str, schemes: frozenset[str] = frozenset({"http", "https"})) -> str:
    """The address without a slash at its end. Raises PlatformError when it is none."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises where there is no number
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in schemes or not parts.hostname:
        raise PlatformError("bad_options", f"This is no address: {address[:200]}", permanent=True)
    return address.rstrip("/")


def unsure(code: str, words: str, wait: float, *, writes: bool) -> PlatformError:
    """The error for what broke off: of a write nobody knows how it ended."""
    if writes:
        return OutcomeUnknown("outcome_unknown", words, retry_after=wait)
    return PlatformError(code, words, retry_after=wait)


def _broken_off(error: Exception, *, writes: bool) -> NoReturn:
    words = clean_text(str(error) or type(error).__name__)[:WORDS_KEPT]
    if isinstance(error, httpx.DecodingError):
        raise unsure("garbled_answer", words, DOWN_WAIT, writes=writes) from error
    sent = not isinstance(error, NEVER_SENT)
    raise unsure("unreachable", words, UNREACHABLE_WAIT, writes=writes and sent) from error


def _refusal(status: int, headers: httpx.Headers, told: Json | None, *, writes: bool) -> PlatformError:
    name = str((told or {}).get("error") or "")
    words = (str((told or {}).get("message") or "") or name or f"HTTP {status}")[:WORDS_KEPT]
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return PlatformError("rate_limited", words, retry_after=_wait(headers))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return unsure("platform_down", words, DOWN_WAIT, writes=writes)
    if httpx.codes.is_redirect(status) or (told is None and status != httpx.codes.UNAUTHORIZED):
        # Bluesky refuses in JSON. A page, or a redirect, comes from some gatekeeper on the way and will pass.
        return unsure("garbled_answer", words, DOWN_WAIT, writes=writes)
    code = {401: "bad_credentials", 403: "forbidden", 404: "not_found"}.get(status, "rejected")
    return Refused("bad_credentials" if name in SHUT else code, name, words)


def _wait(headers: httpx.Headers) -> float:
    try:
        return min(max(float(headers["ratelimit-reset"]) - time.time(), 1.0), LONGEST_WAIT)
    except (KeyError, ValueError):
        return RATE_WINDOW


def _room(headers: httpx.Headers) -> Room | None:
    try:
        limit, remaining = int(headers["ratelimit-limit"]), int(headers["ratelimit-remaining"])
    except (KeyError, ValueError):
        return None
    resets_at = None
    with suppress(KeyError, ValueError, OverflowError, OSError):
        resets_at = datetime.fromtimestamp(int(headers["ratelimit-reset"]), UTC)
    return Room(limit, remaining, resets_at)


def _object(body: bytes) -> Json | None:
    try:
        told = clean(json.loads(body, parse_constant=_no_number))
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
