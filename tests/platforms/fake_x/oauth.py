"""Signing in to the fake X: the page that asks a person, and the address where codes become tokens."""

import base64
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode

Json = dict[str, Any]
CLIENT_ID = "fake-client"
CLIENT_SECRET = "fake-client-secret"
REDIRECT = "https://radd.example/channels/x/back"
NEEDED = {"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"}


@dataclass
class OAuth:
    """`tokens`: those X takes. `life`: seconds a token lasts. `public`: the app has no secret."""

    tokens: dict[str, str]
    life: int = 7200
    public: bool = False
    # A person who says no.
    denies: bool = False
    # Where people come back to, as the app's owner told X.
    redirect: str = REDIRECT
    # (scope, challenge) of each code that was given out and not used.
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    # The access token that goes with each refresh token; each is good for one use.
    refreshable: dict[str, str] = field(default_factory=dict)
    renewals: int = 0
    _count: int = 0

    def authorize(self, query: dict[str, str]) -> str:
        """The address the person is sent back to; ValueError where X would show an error page."""
        if not query.keys() >= NEEDED or (query["client_id"], query["redirect_uri"]) != (CLIENT_ID, self.redirect):
            raise ValueError("Something went wrong. You weren't able to give access to the App.")
        if query["code_challenge_method"] != "S256" or len(query["code_challenge"]) != 43:
            raise ValueError("code_challenge")
        if self.denies:
            return f"{self.redirect}?{urlencode({'error': 'access_denied', 'state': query['state']})}"
        code = self._new("code")
        self.codes[code] = (query["scope"], query["code_challenge"])
        return f"{self.redirect}?{urlencode({'state': query['state'], 'code': code})}"

    def token(self, authorization: str, body: bytes) -> tuple[int, Json]:
        """Codes and refresh tokens become tokens."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        secret = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        proven = form.get("client_id") == CLIENT_ID if self.public else authorization == f"Basic {secret}"
        if not proven:
            return 401, {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form.get("refresh_token", ""))
        scope, challenge = self.codes.pop(form.get("code", ""), ("", ""))
        verifier = sha256(form.get("code_verifier", "").encode()).digest()
        if (
            challenge != base64.urlsafe_b64encode(verifier).decode().rstrip("=")
            or form.get("redirect_uri") != self.redirect
        ):
            return _refused("Value passed for the authorization code was invalid.")
        return 200, self.issue(scope)

    def issue(self, scope: str) -> Json:
        """A new pair of tokens."""
        token = self._new("access")
        self.tokens[token] = "user"
        told: Json = {"token_type": "bearer", "expires_in": self.life, "access_token": token, "scope": scope}
        if "offline.access" in scope.split():
            told["refresh_token"] = self._new("refresh")
            self.refreshable[told["refresh_token"]] = token
        return told

    def _refreshed(self, refresh_token: str) -> tuple[int, Json]:
        if refresh_token not in self.refreshable:
            return _refused("Value passed for the token was invalid.")
        self.tokens.pop(self.refreshable.pop(refresh_token), None)
        self.renewals += 1
        return 200, self.issue("tweet.read tweet.write users.read offline.access")

    def _new(self, kind: str) -> str:
        self._count += 1
        return f"fake-{kind}-{self._count}"


def _refused(words: str) -> tuple[int, Json]:
    return 400, {"error": "invalid_request", "error_description": words}
