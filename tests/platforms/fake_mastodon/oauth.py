"""Signing in to the fake server: apps, the page that asks a person, and the address where codes become tokens."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]


@dataclass
class App:
    """One program that introduced itself."""

    secret: str
    redirect: str
    scopes: str


@dataclass
class OAuth:
    """`tokens`: those the server takes. `denies`: a person who says no."""

    tokens: set[str]
    denies: bool = False
    apps: dict[str, App] = field(default_factory=dict)
    # (app, redirect, scopes) of each code that was given out and not used.
    codes: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    # The scopes of each token given out here.
    granted: dict[str, str] = field(default_factory=dict)

    def register(self, form: dict[str, str]) -> tuple[int, Json]:
        """A program introduces itself."""
        if not form.get("client_name") or "://" not in form.get("redirect_uris", ""):
            return 422, {"error": "Validation failed: Redirect URI must be an absolute URI."}
        name = f"fake-app-{len(self.apps) + 1}"
        self.apps[name] = App(f"{name}-secret", form["redirect_uris"], form.get("scopes", "read"))
        return 200, {"id": "1", "name": form["client_name"], "client_id": name, "client_secret": self.apps[name].secret}

    def authorize(self, query: dict[str, str]) -> str:
        """The address the person is sent back to; ValueError where the server would show an error page."""
        app = self.apps.get(query.get("client_id", ""))
        if app is None or query.get("response_type") != "code" or query.get("redirect_uri") != app.redirect:
            raise ValueError("Client authentication failed")
        if not set(query.get("scope", "read").split()) <= set(app.scopes.split()):
            raise ValueError("The requested scope is invalid")
        state = {"state": query["state"]} if "state" in query else {}
        if self.denies:
            told = {"error": "access_denied", "error_description": "The resource owner denied the request."}
            return f"{app.redirect}?{urlencode({**told, **state})}"
        code = f"fake-code-{len(self.codes) + len(self.granted) + 1}"
        self.codes[code] = (query["client_id"], app.redirect, query.get("scope", "read"))
        return f"{app.redirect}?{urlencode({'code': code, **state})}"

    def token(self, form: dict[str, str]) -> tuple[int, Json]:
        """A code becomes a token, once, for the app that it was given to."""
        name, redirect, scopes = self.codes.pop(form.get("code", ""), ("", "", ""))
        app = self.apps.get(name)
        proven = app and (form.get("client_id"), form.get("client_secret")) == (name, app.secret)
        if not proven or form.get("redirect_uri") != redirect or form.get("grant_type") != "authorization_code":
            return 400, {"error": "invalid_grant", "error_description": "The provided authorization grant is invalid."}
        token = f"fake-token-{len(self.granted) + 1}"
        self.tokens.add(token)
        self.granted[token] = scopes
        return 200, {"access_token": token, "token_type": "Bearer", "scope": scopes, "created_at": 1}
