"""Entering Bluesky: one login with the app password, and from then on tokens that are renewed by being used.

Logins are few (30 in five minutes, 300 a day), so the session is kept between pieces of work and refreshed; the
password is used again only when the refresh token is refused too.
"""

import hashlib
from functools import cached_property

from ingest.platforms.base import Account, Json, PlatformError
from ingest.platforms.bluesky.wire import DOWN_WAIT, Call, Refused, Wire, checked

ENTRY = "https://bsky.social"
# A token that has run out, or that a server no longer knows. The call has not been carried out.
STALE = {"ExpiredToken", "InvalidToken"}
PDS = "AtprotoPersonalDataServer"


class Entrance:
    """Makes calls in the account's name.

    What it keeps: `for` (a print of the credentials that opened it), `access`, `refresh`, `did`, `handle`, `host`.
    """

    def __init__(self, account: Account, wire: Wire) -> None:
        self._account = account
        self._wire = wire

    def send(self, call: Call) -> Json:
        """Make the call; when the token has run out, renew it and make the call once more."""
        session = self.session()
        try:
            return self._wire.send(session["host"], call, session["access"])
        except Refused as refusal:
            if refusal.name not in STALE:
                raise
        session = self._renewed(session["access"])
        try:
            return self._wire.send(session["host"], call, session["access"])
        except Refused as refusal:
            if refusal.name in STALE:
                raise PlatformError("bad_credentials", refusal.words, permanent=True) from refusal
            raise

    def session(self) -> Json:
        """The session as it is kept, or a new one."""
        kept = self._account.session.get()
        session = kept if self._fits(kept) else self._renewed("")
        if self._account.external_id not in {"", session["did"]}:
            words = f"They open {session['handle']}, which is another account"
            raise PlatformError("bad_credentials", words, permanent=True)
        return session

    @property
    def can_enter(self) -> bool:
        """Whether there is something to enter with."""
        return bool(self._password and self._identifier)

    def _fits(self, kept: Json) -> bool:
        return bool(kept.get("access")) and kept.get("for") == self._print

    def _renewed(self, stale: str) -> Json:
        def make(newest: Json) -> Json:
            if self._fits(newest) and newest["access"] != stale:
                return newest
            if self._fits(newest) and newest.get("refresh"):
                try:
                    return self._refreshed(newest)
                except Refused as refusal:
                    if refusal.name not in STALE and refusal.code != "bad_credentials":
                        raise
            return self._logged_in()

        return self._account.session.renew(make)

    def _refreshed(self, kept: Json) -> Json:
        call = Call("com.atproto.server.refreshSession", posts=True)
        return self._kept(self._wire.send(self._entry, call, kept["refresh"]))

    def _logged_in(self) -> Json:
        if not self.can_enter:
            raise PlatformError("bad_credentials", "There are none", permanent=True)
        body = {"identifier": self._identifier, "password": self._password}
        return self._kept(self._wire.send(self._entry, Call("com.atproto.server.createSession", body=body)))

    def _kept(self, told: Json) -> Json:
        names = {"access": "accessJwt", "refresh": "refreshJwt", "did": "did", "handle": "handle"}
        kept = {ours: str(told.get(theirs) or "") for ours, theirs in names.items()}
        if not (kept["access"] and kept["refresh"] and kept["did"]):
            raise PlatformError("garbled_answer", "A session without its tokens", retry_after=DOWN_WAIT)
        return {**kept, "for": self._print, "host": self._host_of(told)}

    def _host_of(self, told: Json) -> str:
        """The server that holds the account. The public entrance names it; an address that we were given is it."""
        document = told.get("didDoc")
        services = document.get("service") if isinstance(document, dict) else None
        if self._given or not isinstance(services, list):
            return self._entry
        named = [str(s.get("serviceEndpoint")) for s in services if isinstance(s, dict) and s.get("type") == PDS]
        return next((checked(host) for host in named if host.startswith("https://")), self._entry)

    @cached_property
    def _entry(self) -> str:
        return checked(self._given or ENTRY)

    @property
    def _given(self) -> str:
        return str(self._account.options.get("base_url") or "").strip().rstrip("/")

    @property
    def _password(self) -> str:
        return str(self._account.credentials.get("app_password") or "").strip()

    @property
    def _identifier(self) -> str:
        told = self._account.options.get("identifier") or self._account.credentials.get("identifier")
        return str(told or self._account.external_id or self._account.handle).strip().lstrip("@")

    @property
    def _print(self) -> str:
        secret = f"{self._given}\n{self._identifier}\n{self._password}"
        return hashlib.sha256(secret.encode(errors="replace")).hexdigest()[:16]
