"""OAuth 2.0 with X: how an account lets us in (PKCE), and how its token is kept fresh.

Signing in takes two visits of a browser. What must be remembered between them, the state and the verifier, is
handed out by `begin` and handed back to `finish`: nothing of it lives in this process. An access token lasts two
hours; a refresh token is good for one use, so a renewal happens under the session's lock and keeps both at once.
"""

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urlencode

import requests

from ingest.platforms.base import Account, Json, OutcomeUnknown, PlatformError
from ingest.platforms.entering import Begun as BegunAnywhere
from ingest.platforms.told import clean
from ingest.platforms.x.wire import Wire

AUTHORIZE = "https://x.com/i/oauth2/authorize"
TOKEN = "https://api.x.com/2/oauth2/token"  # noqa: S105 - an address
SCOPES = ("tweet.read", "tweet.write", "users.read", "dm.read", "dm.write", "media.write", "offline.access")
# Renewed so many seconds before its end, so that no call carries a token that ends on the way.
EARLY = 60.0
USUAL_LIFE = 7200.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where to send the browser, and what to keep in the person's own web session."""

    url: str
    state: str
    verifier: str


def begin(account: Account, redirect_uri: str) -> Begun:
    """Begin to sign in. Credentials: `client_id`."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": _client_id(account),
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    base = str(account.options.get("base_url") or "").rstrip("/")
    address = f"{base}/i/oauth2/authorize" if base else AUTHORIZE
    return Begun(f"{address}?{urlencode(asked)}", state, verifier)


def finish(account: Account, redirect_uri: str, *, state: str, verifier: str, told: Mapping[str, str]) -> Json:
    """The tokens, by the names they have as credentials, from what X told in the address it sent the browser back to.

    Raises PlatformError: `state_mismatch` where this is not the sign-in that was begun here, `access_denied` where the
    person said no.
    """
    if not (state and verifier and secrets.compare_digest(state.encode(), told.get("state", "").encode())):
        raise PlatformError("state_mismatch", "This is not the sign-in that was begun here", permanent=True)
    if told.get("error") or not told.get("code"):
        words = str(clean(told.get("error_description") or told.get("error") or "X sent no code"))[:500]
        raise PlatformError("access_denied", words, permanent=True)
    form = {
        "grant_type": "authorization_code",
        "code": told["code"],
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return _tokens(_exchange(account, form), {})


class SignIn:
    """The way in by X's own page, as `ingest.platforms.entering.Authorizes` wants it.

    Credentials beforehand: `client_id`, and `client_secret` of an app that can keep one.
    """

    scopes: ClassVar[tuple[str, ...]] = SCOPES

    def __init__(self, account: Account) -> None:
        self._account = account

    def begin(self, redirect_uri: str) -> BegunAnywhere:
        """State and verifier are for the person's own web session."""
        begun = begin(self._account, redirect_uri)
        return BegunAnywhere(begun.url, {"state": begun.state, "verifier": begun.verifier})

    def finish(self, redirect_uri: str, kept: Json, told: Mapping[str, str]) -> Json:
        """The tokens, beside the app's own keys, which renew them."""
        state, verifier = str(kept.get("state") or ""), str(kept.get("verifier") or "")
        tokens = finish(self._account, redirect_uri, state=state, verifier=verifier, told=told)
        own = {name: self._account.credentials.get(name) for name in ("client_id", "client_secret")}
        return {**{name: value for name, value in own.items() if value}, **tokens}


class Tokens:
    """The token an account's calls are made with: the one it was connected with, or what has become of it since."""

    def __init__(self, account: Account) -> None:
        self._account = account
        told = account.credentials
        self._given: Json = {key: str(told.get(key) or "").strip() for key in ("oauth2_user_token", "refresh_token")}
        self._given["expires_at"] = told.get("expires_at") or 0
        # What is kept belongs to these credentials: an account that was connected anew begins anew.
        self._mark = sha256(f"{self._given['oauth2_user_token']} {self._given['refresh_token']}".encode()).hexdigest()
        self._held: Json | None = None

    @property
    def known(self) -> bool:
        """Whether the account lets us in this way at all."""
        return bool(self._given["oauth2_user_token"] or self._given["refresh_token"])

    def current(self) -> str:
        """The token to use, renewed if its time is up. Raises PlatformError."""
        if self._held is None:
            self._held = self._ours(self._account.session.get())
        if not self._held["oauth2_user_token"] or _is_over(self._held):
            self._renew(self._held)
        return str(self._held["oauth2_user_token"])

    def after_refusal(self, refused: str) -> str:
        """The token to try once more with, when X has refused this one; empty if there is no other."""
        held = self._held or {}
        if refused == held.get("oauth2_user_token"):
            self._renew(held)
        token = str((self._held or {}).get("oauth2_user_token") or "")
        return "" if token == refused else token

    def _renew(self, stale: Json) -> None:
        if stale.get("refresh_token"):
            # Beside the tokens, others remember things of theirs there.
            self._held = self._account.session.renew(
                lambda newest: {**newest, **self._renewed(self._ours(newest), stale)}
            )

    def _renewed(self, newest: Json, stale: Json) -> Json:
        if newest["oauth2_user_token"] != stale["oauth2_user_token"]:
            # Another worker has been here.
            return newest
        form = {"grant_type": "refresh_token", "refresh_token": newest["refresh_token"]}
        try:
            answer = _exchange(self._account, form)
        except PlatformError as error:
            if error.code in {"rejected", "bad_credentials", "forbidden"}:
                raise PlatformError("bad_credentials", error.words, permanent=True) from error
            raise
        return {**_tokens(answer, newest), "mark": self._mark}

    def _ours(self, kept: Json) -> Json:
        return kept if kept.get("mark") == self._mark else {**self._given, "mark": self._mark}


def _is_over(tokens: Json) -> bool:
    ends = tokens.get("expires_at")
    return isinstance(ends, int | float) and 0 < ends <= time.time() + EARLY


def _tokens(answer: Json, before: Json) -> Json:
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise PlatformError("garbled_answer", "X gave no token", retry_after=60)
    life: Any = answer.get("expires_in")
    return {
        "oauth2_user_token": token,
        "refresh_token": str(answer.get("refresh_token") or before.get("refresh_token") or ""),
        "expires_at": time.time() + (life if isinstance(life, int | float) and life > 0 else USUAL_LIFE),
        "scope": str(answer.get("scope") or before.get("scope") or ""),
    }


def _exchange(account: Account, form: Mapping[str, str]) -> Json:
    """Ask for tokens. Whatever goes wrong here, no answer of ours has been posted: nothing is an unknown outcome."""
    client_id, secret = _client_id(account), str(account.credentials.get("client_secret") or "").strip()
    with requests.Session() as session:
        session.mount("https://", Wire(account.timeout, str(account.options.get("base_url") or "")))
        try:
            # An app that can keep a secret proves itself by it, another only names itself.
            proof = (client_id, secret) if secret else None
            answer = session.post(TOKEN, data={**form, "client_id": client_id}, auth=proof)
        except OutcomeUnknown as error:
            raise PlatformError("unreachable", error.words, retry_after=error.retry_after) from error
    return dict(answer.json())


def _client_id(account: Account) -> str:
    client_id = str(account.credentials.get("client_id") or "").strip()
    if not client_id:
        raise PlatformError("bad_credentials", "There is no client_id", permanent=True)
    return client_id
