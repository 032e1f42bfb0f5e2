"""Signing in at a server that speaks Mastodon's API: Radd introduces itself there, then its person lets it in.

Every server is its own world: the app is registered anew at each sign-in, which costs nothing and leaves no secret
lying about between two of them. What must be remembered while the person is away stands in `Begun.keep`.
"""

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

import requests

from ingest.platforms.base import Account, Json, PlatformError
from ingest.platforms.entering import Begun
from ingest.platforms.mastodon.wire import CONNECT_SECONDS, DOWN_WAIT, UNREACHABLE_WAIT, checked, refusal
from ingest.platforms.told import clean_text

SCOPES = ("read:accounts", "read:notifications", "read:statuses", "write:statuses", "write:media")
NAME = "Radd"


class SignIn:
    """The way in by the server's own page. Options: `base_url`. The credentials that come of it: `access_token`."""

    scopes: ClassVar[tuple[str, ...]] = SCOPES

    def __init__(self, account: Account) -> None:
        self._base = checked(str(account.options.get("base_url") or "").strip())
        self._timeout = account.timeout

    def begin(self, redirect_uri: str) -> Begun:
        """Introduce ourselves, and send the person to the server's page. Raises PlatformError."""
        form = {"client_name": NAME, "redirect_uris": redirect_uri, "scopes": " ".join(SCOPES)}
        app = self._post("/api/v1/apps", form)
        client = {name: app.get(name) for name in ("client_id", "client_secret")}
        if not all(isinstance(value, str) and value for value in client.values()):
            raise PlatformError("garbled_answer", "The server told no client_id", retry_after=DOWN_WAIT)
        state = secrets.token_urlsafe(32)
        asked = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
        }
        return Begun(f"{self._base}/oauth/authorize?{urlencode(asked)}", {**client, "state": state})

    def finish(self, redirect_uri: str, kept: Json, told: Mapping[str, str]) -> Json:
        """The token, for the code that the server sent back with the person. Raises PlatformError."""
        state = str(kept.get("state") or "")
        if not (state and secrets.compare_digest(state.encode(), told.get("state", "").encode())):
            raise PlatformError("state_mismatch", "This is not the sign-in that was begun here", permanent=True)
        if told.get("error") or not told.get("code"):
            words = clean_text(str(told.get("error_description") or told.get("error") or "The server sent no code"))[
                :500
            ]
            raise PlatformError("access_denied", words, permanent=True)
        form = {
            "grant_type": "authorization_code",
            "code": told["code"],
            "client_id": str(kept.get("client_id") or ""),
            "client_secret": str(kept.get("client_secret") or ""),
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
        }
        token = self._post("/oauth/token", form).get("access_token")
        if not isinstance(token, str) or not token:
            raise PlatformError("garbled_answer", "The server gave no token", retry_after=DOWN_WAIT)
        return {"access_token": token}

    def _post(self, path: str, form: Mapping[str, str]) -> Json:
        """Whatever goes wrong here, nothing was posted: no outcome is unknown."""
        timeout = (min(CONNECT_SECONDS, self._timeout), self._timeout)
        headers = {"accept-language": "en", "user-agent": "Radd"}
        try:
            with requests.Session() as session:
                # No .netrc of this machine has a say in who we are.
                session.trust_env = False
                told = session.post(
                    self._base + path, data=form, headers=headers, timeout=timeout, allow_redirects=False
                )
        except (requests.RequestException, ValueError) as error:
            # Not its words: they may hold what was sent.
            raise PlatformError("unreachable", type(error).__name__, retry_after=UNREACHABLE_WAIT) from None
        if not told.ok or told.is_redirect:
            raise refusal(told, writing=False)
        try:
            body: Any = told.json()
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise PlatformError("garbled_answer", "The answer is not an object", retry_after=DOWN_WAIT)
        return body
