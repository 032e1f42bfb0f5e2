"""The way to X: time limits on every call, and one place where X's refusals get our words.

tweepy sets no time limit and lets each kind of broken answer escape as another exception. This transport sits under
its session, so whatever goes wrong on the way leaves tweepy as a PlatformError. A request that writes and breaks off
after it was sent is an OutcomeUnknown: the post may be on X.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import NewConnectionError

from ingest.platforms.base import Json, OutcomeUnknown, PlatformError, Room
from ingest.platforms.told import clean, clean_text

CONNECT_SECONDS = 5.0
# X counts in windows of a quarter of an hour; wait one when it does not say how long.
RATE_WINDOW = 900.0
# The longest window X has. A reset beyond it is a mistake, not an order.
LONGEST_WAIT = 86_400.0
UNREACHABLE_WAIT = 30.0
DOWN_WAIT = 60.0
X_HOSTS = {"api.twitter.com", "api.x.com"}
# How X marks an empty purse, in the `type` or `title` of a problem. It comes with 402, 403 or 429.
SPENT = ("usage-capped", "usagecap", "creditsdepleted", "problems/credits", "spendcap", "spend-cap")
WORDS_KEPT = 500


class Wire(HTTPAdapter):
    """Mounted on tweepy's session. `base_url` stands in for X's own host: an enterprise proxy, or a test's fake.

    `room`: what the rate limit of the last call still allows, None where X did not tell.
    """

    def __init__(self, timeout: float, base_url: str = "") -> None:
        super().__init__()
        self.room: Room | None = None
        self._timeout = (min(CONNECT_SECONDS, timeout), timeout)
        self._base = _checked(base_url).rstrip("/")

    def send(  # noqa: PLR0917 - the signature is requests' own
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send, read the whole answer, and raise unless it is a success that holds a JSON object.

        A stream that has begun is handed over unread.
        """
        writing = request.method == "POST"
        if self._base and urlsplit(request.url or "").hostname in X_HOSTS:
            request.url = self._base + request.path_url
            # Which proxy to take was decided for X's host; the other host may need none.
            proxies = get_environ_proxies(request.url)
        try:
            response = super().send(request, stream, timeout or self._timeout, verify, cert, proxies)
            self.room = _room(response)
            if stream and response.ok and not response.is_redirect:
                return response
            response.content  # noqa: B018 - a body that breaks off must break off here, not in tweepy
        except requests.RequestException as error:
            raise _broken_off(error, writing=writing) from error
        if not response.ok or response.is_redirect:
            raise _refusal(response, writing=writing)
        if _object(response) is None:
            raise _unsure("garbled_answer", "The answer is not JSON", DOWN_WAIT, writing=writing)
        return response


def _checked(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
    except ValueError:
        parts = urlsplit("")
    if base_url and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise PlatformError("bad_options", f"base_url is no address: {base_url[:200]}", permanent=True)
    return base_url


def _unsure(code: str, words: str, wait: float, *, writing: bool) -> PlatformError:
    if writing:
        return OutcomeUnknown("outcome_unknown", words, retry_after=wait)
    return PlatformError(code, words, retry_after=wait)


def _broken_off(error: requests.RequestException, *, writing: bool) -> PlatformError:
    words = clean_text(str(error))[:WORDS_KEPT]
    cause = getattr(error.args[0], "reason", None) if error.args else None
    never_sent = isinstance(error, requests.ConnectTimeout) or isinstance(cause, NewConnectionError)
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return _unsure("garbled_answer", words, DOWN_WAIT, writing=writing)
    return _unsure("unreachable", words, UNREACHABLE_WAIT, writing=writing and not never_sent)


def _refusal(response: requests.Response, *, writing: bool) -> PlatformError:
    status, body = response.status_code, _object(response)
    words, marks = _told(body or {})
    words = words or f"{status} {response.reason}"
    if status == requests.codes.payment_required or any(mark in marks for mark in SPENT):
        return PlatformError("out_of_credit", words, permanent=True)
    if status == requests.codes.too_many_requests:
        return PlatformError("rate_limited", words, retry_after=_wait(response))
    if status >= requests.codes.server_error or status == requests.codes.request_timeout:
        return _unsure("platform_down", words, DOWN_WAIT, writing=writing)
    if response.is_redirect or (body is None and status != requests.codes.unauthorized):
        # X refuses in JSON. A page, or a redirect, comes from some gatekeeper on the way and will pass.
        return _unsure("garbled_answer", words, DOWN_WAIT, writing=writing)
    code = {401: "bad_credentials", 403: "forbidden", 404: "not_found"}.get(status, "rejected")
    return PlatformError(code, words, permanent=True)


def _told(body: Json) -> tuple[str, str]:
    """What X said for a person to read, and the marks for a program, in lower case."""
    errors = body.get("errors")
    problems = [body, *(e for e in errors if isinstance(e, dict))] if isinstance(errors, list) else [body]
    said = [
        str(problem[key])
        for problem in problems
        for key in ("detail", "message", "error_description")
        if problem.get(key)
    ]
    marks = [str(problem.get(key, "")) for problem in problems for key in ("type", "title")]
    words = " ".join(dict.fromkeys(said)) or str(body.get("title") or "")
    return str(clean(words))[:WORDS_KEPT], " ".join(marks).lower()


def _wait(response: requests.Response) -> float:
    try:
        reset = int(response.headers["x-rate-limit-reset"])
    except (KeyError, ValueError):
        return RATE_WINDOW
    return min(max(reset - time.time(), 1.0), LONGEST_WAIT)


def _room(response: requests.Response) -> Room | None:
    told = [response.headers.get(f"x-rate-limit-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(number.isascii() and number.isdecimal() and len(number) < 11 for number in told):
        return None
    limit, remaining, reset = map(int, told)
    return Room(limit, remaining, datetime.fromtimestamp(reset, UTC))


def _object(response: requests.Response) -> Json | None:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
