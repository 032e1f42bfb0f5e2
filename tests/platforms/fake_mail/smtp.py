"""The SMTP side (RFC 5321 with AUTH, SIZE and STARTTLS): what it takes is handed on, or kept as evidence."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from tests.platforms.fake_mail.faults import Fault
from tests.platforms.fake_mail.imap import PAGE
from tests.platforms.fake_mail.lines import Gone, Line
from tests.platforms.fake_mail.oauth import REFUSAL

if TYPE_CHECKING:
    from tests.platforms.fake_mail.server import FakeMail

ADDRESS = re.compile(r"<([^>]*)>")


class SmtpSession:
    """One connection."""

    def __init__(self, mail: FakeMail, line: Line) -> None:
        self._mail = mail
        self._line = line
        self._secure = mail.security == "ssl"
        self._inside = False
        self._sender = ""
        self._to: list[str] = []

    def run(self) -> None:
        """Until QUIT or the end of the connection."""
        if fault := self._mail.faults.take("HELLO"):
            self._break(fault)
        else:
            self._line.say("220 mail.nawa.example ready")
        while True:
            told = self._line.read_line().decode("utf-8", "replace")
            command, _, rest = told.partition(" ")
            command = command.upper()
            self._mail.commands.append(told if command != "AUTH" else "AUTH")
            if fault := self._mail.faults.take(command):
                self._break(fault)
            elif command == "QUIT":
                self._line.say("221 bye")
                return
            else:
                self._do(command, rest)

    def _do(self, command: str, rest: str) -> None:
        doing = getattr(self, f"_on_{command.lower()}", None)
        if doing is None:
            self._line.say("502 what?")
        elif command in {"MAIL", "RCPT", "DATA"} and not self._inside:
            self._line.say("530 5.7.0 Authentication required")
        else:
            doing(rest)

    def _on_ehlo(self, rest: str) -> None:
        told = [f"SIZE {self._mail.most_bytes}"]
        if self._mail.security == "starttls" and not self._secure:
            told.append("STARTTLS")
        else:
            told.append("AUTH XOAUTH2" if self._mail.tokens else "AUTH PLAIN LOGIN")
        told += ["SMTPUTF8"] if self._mail.writes_utf8 else []
        lines = ["mail.nawa.example", *told]
        self._line.say(*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}")

    def _on_starttls(self, rest: str) -> None:
        self._line.say("220 go ahead")
        self._line.secure(self._mail.context)
        self._secure = True

    def _on_auth(self, rest: str) -> None:
        way, _, token = rest.partition(" ")
        if way == "XOAUTH2":
            self._enter_by_token(token.encode())
            return
        _, username, password = base64.b64decode(token).decode().split("\0")
        self._inside = self._mail.takes(username, password)
        self._line.say("235 2.7.0 in" if self._inside else "535 5.7.8 Username and password not accepted")

    def _enter_by_token(self, said: bytes) -> None:
        self._inside = bool(self._mail.tokens and self._mail.tokens.opens(said))
        if not self._inside:
            self._line.say(f"334 {REFUSAL}")
            assert self._line.read_line() == b""
        self._line.say("235 2.7.0 in" if self._inside else "535 5.7.8 Username and password not accepted")

    def _on_noop(self, rest: str) -> None:
        self._line.say("250 ok")

    def _on_rset(self, rest: str) -> None:
        self._sender, self._to = "", []
        self._line.say("250 ok")

    def _on_mail(self, rest: str) -> None:
        self._sender, self._to = _address(rest), []
        self._line.say("250 ok")

    def _on_rcpt(self, rest: str) -> None:
        if _address(rest) in self._mail.unknown:
            self._line.say("550 5.1.1 The email account that you tried to reach does not exist")
            return
        self._to.append(_address(rest))
        self._line.say("250 ok")

    def _on_data(self, rest: str) -> None:
        self._line.say("354 go on")
        content = (b"\r\n" + self._line.read_until(b"\r\n.\r\n")).replace(b"\r\n.", b"\r\n")[2:] + b"\r\n"
        fault = self._mail.faults.take("LETTER")
        if fault is None or fault.applied:
            self._mail.accept(self._sender, self._to, content)
        if fault:
            self._break(fault)
        else:
            self._line.say("250 2.0.0 queued")

    def _break(self, fault: Fault) -> None:
        if fault.kind == "say":
            self._line.say(fault.words)
            return
        if fault.kind == "stall":
            self._line.closing.wait(30)
        if fault.kind == "garbled":
            self._line.send(PAGE)
        if fault.kind == "bye":
            self._line.say(f"421 {fault.words or 'shutting down'}")
        raise Gone


def _address(rest: str) -> str:
    found = ADDRESS.search(rest)
    return found[1] if found else ""
