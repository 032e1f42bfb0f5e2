"""OAuth 2.0 for mailboxes: Gmail and Microsoft 365 take a token (SASL XOAUTH2) where others take a password.

What a person gives is a refresh token with the app it belongs to; the access tokens made from it last an hour and are
kept in the channel's session. Renewing goes one at a time under the session's lock: Microsoft hands out a new refresh
token each time, and both must be kept at once.
"""

import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import requests

from ingest.platforms.base import Account, Json, PlatformError
from ingest.platforms.email.wire import DOWN_WAIT, UNREACHABLE_WAIT, tidy

KEPT_AS = "oauth2"
# Renewed so many seconds before its end, so that no connection is begun with a token that ends on the way.
EARLY = 60.0
USUAL_LIFE = 3600.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# What a provider says where only the owner of the mailbox can help: sign in again, or register the app rightly.
FINAL = frozenset({"access_denied", "invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client"})


class Tokens:
    """The access tokens of one mailbox.

    Credentials: `refresh_token`, `client_secret` where the app has one. Options: `client_id`, `token_url`.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._given = {name: _told(account, name) for name in ("refresh_token", "client_id", "client_secret")}
        self._url = _checked(_told(account, "token_url"))
        if not self._given["client_id"]:
            raise PlatformError("bad_credentials", "There is no client_id", permanent=True)
        # What is kept belongs to these credentials: a channel that was connected anew begins anew.
        self._mark = sha256(" ".join([*self._given.values(), self._url]).encode()).hexdigest()

    def current(self) -> str:
        """The token to enter with, renewed if its time is up. Raises PlatformError."""
        held = self._ours(self._account.session.get())
        return str(held["access_token"] if _lasts(held) else self._renewed(held)["access_token"])

    def after_refusal(self, refused: str) -> str:
        """The token to try once more with, when a server has refused this one. Raises PlatformError."""
        held = self._ours(self._account.session.get())
        return str(held["access_token"] if held["access_token"] != refused else self._renewed(held)["access_token"])

    def _renewed(self, stale: Json) -> Json:
        return self._ours(self._account.session.renew(lambda newest: self._exchanged(newest, stale)))

    def _exchanged(self, kept: Json, stale: Json) -> Json:
        newest = self._ours(kept)
        if newest["access_token"] != stale["access_token"]:
            # Another worker has been here.
            return kept
        form = {
            "grant_type": "refresh_token",
            "refresh_token": newest["refresh_token"],
            "client_id": self._given["client_id"],
        }
        if self._given["client_secret"]:
            form["client_secret"] = self._given["client_secret"]
        return {**kept, KEPT_AS: {**_read(_asked(self._url, form, self._account.timeout), newest), "mark": self._mark}}

    def _ours(self, kept: Json) -> Json:
        entry = kept.get(KEPT_AS)
        if isinstance(entry, dict) and entry.get("mark") == self._mark:
            return entry
        return {"access_token": "", "refresh_token": self._given["refresh_token"], "expires_at": 0.0}


def uses_tokens(account: Account) -> bool:
    """Whether this mailbox is entered by tokens."""
    return bool(_told(account, "refresh_token"))


def sasl(username: str, token: str) -> str:
    """What XOAUTH2 says, before it is put in base64."""
    return f"user={username}\1auth=Bearer {token}\1\1"


def _told(account: Account, name: str) -> str:
    return str(account.credentials.get(name) or account.options.get(name) or "").strip()


def _checked(url: str) -> str:
    """The address where tokens are renewed: secrets go there, so it is protected or on this machine."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    except ValueError:
        fine = False
    if not (fine and parts.hostname):
        raise PlatformError("bad_options", f"token_url: {url[:200]!r}", permanent=True)
    return url


def _lasts(held: Json) -> bool:
    return bool(held["access_token"]) and float(held["expires_at"]) > time.time() + EARLY


def _read(answer: Json, before: Json) -> Json:
    token, life = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token or not token.isprintable():
        raise PlatformError("garbled_answer", "The provider gave no token", retry_after=DOWN_WAIT)
    return {
        "access_token": token,
        "refresh_token": str(answer.get("refresh_token") or before["refresh_token"]),
        "expires_at": time.time() + (life if isinstance(life, int | float) and life > 0 else USUAL_LIFE),
    }


def _asked(url: str, form: Mapping[str, str], timeout: float) -> Json:
    """Ask for a token. Whatever goes wrong, no letter has been sent."""
    try:
        answer = requests.post(url, data=dict(form), timeout=timeout, allow_redirects=False)
    except requests.RequestException as error:
        # Its words name the address only; what was sent is in the body.
        raise PlatformError("unreachable", tidy(error), retry_after=UNREACHABLE_WAIT) from error
    told = _json(answer)
    if answer.ok and told:
        return told
    words = tidy(told.get("error_description") or told.get("error") or f"{answer.status_code} {answer.reason}")
    if answer.status_code == requests.codes.too_many_requests:
        raise PlatformError("rate_limited", words, retry_after=_wait(answer.headers.get("retry-after", "")))
    if told.get("error") in FINAL or answer.status_code == requests.codes.unauthorized:
        raise PlatformError("bad_credentials", words, permanent=True)
    if answer.ok or not told:
        raise PlatformError("garbled_answer", words, retry_after=DOWN_WAIT)
    raise PlatformError("platform_down", words, retry_after=DOWN_WAIT)


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _wait(told: str) -> float:
    return float(told) if told.isdecimal() else DOWN_WAIT
