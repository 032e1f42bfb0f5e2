"""A platform that refuses everything, and quotes all it was told: over HTTP, and as a mail server."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class OverHttp(BaseHTTPRequestHandler):
    """`status`: what every call is answered, in the words of all platforms at once."""

    status: ClassVar[int] = 401
    heard: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode("utf-8", "replace")
        told = f"{self.path} {body} {dict(self.headers.items())}"
        self.heard.append(told)
        said = dict.fromkeys(("title", "detail", "error", "error_description", "message", "reason"), told)
        answer = json.dumps({**said, "errors": [{"message": told}]}).encode()
        self.send_response(self.status, "No")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        pass


class OverMail(socketserver.StreamRequestHandler):
    """IMAP and SMTP at once: each reads its own half of what is said."""

    heard: ClassVar[list[str]] = []

    def handle(self) -> None:
        imap = self.server.server_address[1] == self.server.imap_port  # type: ignore[attr-defined]
        self.say("* OK parrot" if imap else "220 parrot")
        while line := self.rfile.readline().decode("utf-8", "replace").strip():
            self.heard.append(line)
            tag, _, words = line.partition(" ")
            if imap and words.upper().startswith("CAPABILITY"):
                self.say("* CAPABILITY IMAP4rev1", f"{tag} OK")
            elif not imap and tag.upper() in {"EHLO", "HELO"}:
                self.say("250-parrot", "250 AUTH PLAIN LOGIN")
            else:
                self.say(f"{tag} NO [AUTHENTICATIONFAILED] you said {line}" if imap else f"535 5.7.8 you said {line}")

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class Mail(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    imap_port = 0


@contextmanager
def parrot() -> Iterator[tuple[str, int, int]]:
    """Its address over HTTP, and its ports as an IMAP and an SMTP server."""
    imap, smtp = Mail(("127.0.0.1", 0), OverMail), Mail(("127.0.0.1", 0), OverMail)
    imap.imap_port = imap.server_address[1]
    http = ThreadingHTTPServer(("127.0.0.1", 0), OverHttp)
    http.daemon_threads = True
    servers = (imap, smtp, http)
    for server in servers:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}", imap.imap_port, smtp.server_address[1]
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
