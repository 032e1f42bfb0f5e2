"""The provider's token service: refresh tokens in, access tokens out, as Google and Microsoft do it (RFC 6749, 6)."""

import base64
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT_ID = "nawa-desk"
CLIENT_SECRET = "nawa-desk-secret"
# What Gmail says to a token it does not take, before it says no.
REFUSAL = base64.b64encode(b'{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}').decode()


class TokenService:
    """`rotates`: each renewal hands out a new refresh token, and the one before is of no use any more."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.rotates = False
        self.life = 3600
        self.refresh_token = secrets.token_urlsafe(16)
        self.valid: set[str] = set()
        # What was asked, in order.
        self.asked: list[dict[str, str]] = []
        # (status, body) of the next answer, in the place of the real one.
        self.next_answer: tuple[int, bytes] | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        at = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url, self.info_url = f"{at}/token", f"{at}/tokeninfo"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def revoke(self) -> None:
        """No access token given out so far opens anything."""
        with self._lock:
            self.valid.clear()

    def opens(self, said: bytes) -> bool:
        """Whether this is XOAUTH2's word, base64, for the mailbox and a token of ours."""
        user, bearer, *rest = base64.b64decode(said).decode().split("\1")
        token = bearer.removeprefix("auth=Bearer ")
        return user == f"user={self.username}" and rest == ["", ""] and token in self.valid

    def answer(self, asked: dict[str, str]) -> tuple[int, bytes]:
        """What the service says to a form."""
        with self._lock:
            self.asked.append(asked)
            if self.next_answer:
                told, self.next_answer = self.next_answer, None
                return told
            wrong = self._wrong(asked)
            if wrong:
                return 400, json.dumps({"error": wrong, "error_description": "Token has been revoked."}).encode()
            token = secrets.token_urlsafe(16)
            self.valid.add(token)
            given: dict[str, Any] = {"access_token": token, "expires_in": self.life, "token_type": "Bearer"}
            if self.rotates:
                self.refresh_token = given["refresh_token"] = secrets.token_urlsafe(16)
            return 200, json.dumps(given).encode()

    def owner(self, token: str) -> bytes:
        """Whose token this is, as mail servers ask; nothing for one that opens nothing."""
        with self._lock:
            return json.dumps({"email": self.username}).encode() if token in self.valid else b""

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def _wrong(self, asked: dict[str, str]) -> str:
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return "invalid_client"
        fits = asked.get("grant_type") == "refresh_token" and asked.get("refresh_token") == self.refresh_token
        return "" if fits else "invalid_grant"


def _handler_for(service: TokenService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            self._tell(*service.answer({name: values[0] for name, values in form.items()}))

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            told = service.owner(asked.get("access_token", [""])[0])
            self._tell(200 if told else 401, told or b"{}")

        def _tell(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            pass

    return Handler
