"""The way to a server that speaks Mastodon's API: time limits on every call, and our words for its refusals.

Plain requests under no library: the servers differ in what a refusal looks like, in how they count and in what an id
is, and each of those matters more here than a ready-made method for each endpoint.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from ingest.platforms.base import Account, Json, OutcomeUnknown, PlatformError, Room
from ingest.platforms.told import clean, clean_text

CONNECT_SECONDS = 5.0
# Mastodon counts in windows of five minutes; wait one when a server does not say how long.
RATE_WINDOW = 300.0
LONGEST_WAIT = 86_400.0
UNREACHABLE_WAIT = 30.0
DOWN_WAIT = 60.0
WORDS_KEPT = 500
# A reset is a time of day on Mastodon, unix seconds on some servers, seconds from now on others.
UNIX_FROM = 1_000_000_000.0
# Pleroma says 403 where others say 401.
TOKEN_REFUSED = re.compile(r"invalid credentials|access token|not authenticated|unauthenticated", re.IGNORECASE)
HEADER_SAFE = re.compile(r"[A-Za-z0-9._:-]{1,200}")
# Endpoints that a server may lack answer with one of these, the last being some gatekeeper's page.
LACKING = frozenset({"not_found", "rejected", "forbidden", "garbled_answer"})

Fields = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: its JSON, an object or a list, and what its headers tell."""

    status: int
    body: Any
    # The query of the Link header's pages: towards older items (`next`) and towards newer ones (`prev`).
    older: dict[str, str] = field(default_factory=dict)
    newer: dict[str, str] = field(default_factory=dict)
    # Whether there was a Link header at all: without one, ids have to do.
    linked: bool = False
    room: Room | None = None

    def one(self) -> Json:
        """The body where an object is expected."""
        if not isinstance(self.body, dict):
            raise PlatformError("garbled_answer", "The answer is not an object", retry_after=DOWN_WAIT)
        return self.body

    def items(self) -> list[Any]:
        """The body where a list is expected."""
        if not isinstance(self.body, list):
            raise PlatformError("garbled_answer", "The answer is not a list", retry_after=DOWN_WAIT)
        return self.body


class Wire:
    """Calls to one server with one token."""

    def __init__(self, account: Account) -> None:
        self.base = checked(str(account.options.get("base_url") or "").strip())
        self.token = str(account.credentials.get("access_token") or "").strip()
        self.timeout = account.timeout
        if not self.token:
            raise PlatformError("bad_credentials", "There is no access token", permanent=True)
        if not (self.token.isascii() and self.token.isprintable()):
            raise PlatformError("bad_credentials", "The token holds characters no token has", permanent=True)
        self._session = requests.Session()
        self._session.auth = _Bearer(self.token)
        # In English, so that refusals can be told apart by their words where nothing else tells.
        self._session.headers.update({"accept-language": "en", "user-agent": "Radd"})

    def get(self, path: str, query: Fields = ()) -> Answer:
        """Read."""
        return self._call("GET", path, query=query)

    def post(
        self,
        path: str,
        form: Fields,
        *,
        key: str = "",
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        writes: bool = True,
    ) -> Answer:
        """Send a form. `key`: the same at every attempt. `writes`: breaking off leaves the outcome unknown."""
        # A header cannot hold every text.
        safe = key if HEADER_SAFE.fullmatch(key) else sha256(key.encode()).hexdigest()
        headers = {"idempotency-key": safe} if key else {}
        return self._call("POST", path, form=form, files=files, headers=headers, writing=writes)

    def open_stream(self, url: str, silence: float) -> requests.Response:
        """A server-sent stream whose body is yet to be read; it breaks off after so many seconds without a byte."""
        try:
            response = self._session.get(
                url,
                headers={"accept": "text/event-stream"},
                timeout=(min(CONNECT_SECONDS, self.timeout), silence),
                stream=True,
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError) as error:
            raise self._broken_off(error, writing=False) from error
        if response.status_code == requests.codes.ok:
            return response
        with response:
            raise refusal(response, writing=False)

    def scrubbed(self, error: object) -> str:
        """An error's words, the token taken out: some name the address they were at."""
        return clean_text(str(error)).replace(self.token, "…")[:WORDS_KEPT]

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Fields = (),
        form: Fields | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        writing: bool = False,
    ) -> Answer:
        try:
            response = self._session.request(
                method,
                self.base + path,
                params=list(query.items() if isinstance(query, Mapping) else query),
                data=None if form is None else list(form.items() if isinstance(form, Mapping) else form),
                files=files,
                headers=dict(headers or {}),
                timeout=(min(CONNECT_SECONDS, self.timeout), self.timeout),
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError) as error:
            raise self._broken_off(error, writing=writing) from error
        if not response.ok or response.is_redirect:
            raise refusal(response, writing=writing)
        body = _json(response)
        if body is None:
            raise _unsure("garbled_answer", "The answer is not JSON", DOWN_WAIT, writing=writing)
        return _answer(response, body)

    def _broken_off(self, error: Exception, *, writing: bool) -> PlatformError:
        words = self.scrubbed(error)
        cause = getattr(error.args[0], "reason", None) if error.args else None
        refused = isinstance(error, requests.ConnectTimeout) or isinstance(cause, NewConnectionError)
        senseless = isinstance(error, requests.exceptions.InvalidHeader | requests.exceptions.InvalidURL)
        never_sent = refused or senseless
        if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
            return _unsure("garbled_answer", words, DOWN_WAIT, writing=writing)
        return _unsure("unreachable", words, UNREACHABLE_WAIT, writing=writing and not never_sent)


class _Bearer(AuthBase):
    """The token, put on by hand so that no .netrc on the machine can put another in its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["authorization"] = f"Bearer {self._token}"
        return request


def checked(base_url: str) -> str:
    """The server's address without a slash at its end; https where no scheme was given."""
    told = base_url if "://" in base_url else f"https://{base_url}"
    try:
        parts = urlsplit(told)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not (base_url and fine):
        raise PlatformError("bad_options", f"base_url is no address: {base_url[:200]}", permanent=True)
    return told.rstrip("/")


def _answer(response: requests.Response, body: Any) -> Answer:
    links = {name: _query(link.get("url", "")) for name, link in response.links.items()}
    return Answer(
        response.status_code,
        clean(body),
        older=links.get("next", {}),
        newer=links.get("prev", {}),
        linked="link" in response.headers,
        room=_room(response),
    )


def _query(url: str) -> dict[str, str]:
    """What a link asks for. Its host is not looked at: servers behind a proxy name strange ones."""
    try:
        return dict(parse_qsl(urlsplit(url).query))
    except ValueError:
        return {}


def _room(response: requests.Response) -> Room | None:
    headers = response.headers
    try:
        limit, remaining = int(headers["x-ratelimit-limit"]), int(headers["x-ratelimit-remaining"])
    except (KeyError, ValueError):
        return None
    return Room(limit, remaining, _moment(headers.get("x-ratelimit-reset", "")))


def _moment(told: str) -> datetime | None:
    """When a limit resets. An ISO time on Mastodon; a number elsewhere."""
    try:
        number = float(told)
        return datetime.fromtimestamp(number if number > UNIX_FROM else time.time() + number, UTC)
    except (OverflowError, OSError, ValueError):
        pass
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _unsure(code: str, words: str, wait: float, *, writing: bool) -> PlatformError:
    if writing:
        return OutcomeUnknown("outcome_unknown", words, retry_after=wait)
    return PlatformError(code, words, retry_after=wait)


def refusal(response: requests.Response, *, writing: bool) -> PlatformError:
    status, body = response.status_code, _json(response)
    words = _told(body) or f"{status} {response.reason}"
    if status == requests.codes.too_many_requests:
        return PlatformError("rate_limited", words, retry_after=wait_told(response.headers) or RATE_WINDOW)
    if status >= requests.codes.server_error or status == requests.codes.request_timeout:
        # GoToSocial says 503 and Retry-After when too much is asked of it at once.
        return _unsure("platform_down", words, wait_told(response.headers) or DOWN_WAIT, writing=writing)
    if status == requests.codes.unauthorized or (body is not None and _refuses_token(status, words)):
        return PlatformError("bad_credentials", words, permanent=True)
    if response.is_redirect or body is None:
        # These servers refuse in JSON. A page, or a redirect, comes from some gatekeeper on the way.
        return _unsure("garbled_answer", words, DOWN_WAIT, writing=writing)
    code = {403: "forbidden", 404: "not_found", 410: "not_found"}.get(status, "rejected")
    return PlatformError(code, words, permanent=True)


def _refuses_token(status: int, words: str) -> bool:
    return status == requests.codes.forbidden and bool(TOKEN_REFUSED.search(words))


def wait_told(headers: Mapping[str, str]) -> float | None:
    """Seconds a refusal's headers ask us to wait; None where they say nothing that makes sense."""
    for name in ("retry-after", "x-ratelimit-reset"):
        at = _moment(headers.get(name) or "")
        if at is not None:
            return min(max(at.timestamp() - time.time(), 1.0), LONGEST_WAIT)
    return None


def _told(body: Any) -> str:
    """What the server said for a person to read."""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    detail = errors.get("detail") if isinstance(errors, dict) else None
    said = [str(part) for part in (body.get("error"), body.get("error_description"), detail) if part]
    return clean_text(" ".join(dict.fromkeys(said)))[:WORDS_KEPT]


def _json(response: requests.Response) -> Any:
    """An object or a list; None for anything else."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict | list) else None
