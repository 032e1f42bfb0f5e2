"""A post office: aiosmtpd takes letters by SMTP and lays them into the mailboxes of a Dovecot beside it.

Run by the Python that has aiosmtpd:  post_office.py PORT CERTIFICATE BOXES USERS TOKEN_INFO

Anybody may write to the mailboxes here. Who writes from one of them has to enter first, by password or by token, and
finds a copy of each letter among what was sent, as at the large providers. On standard input:
  hold ADDRESS    what is taken from now on from that sender is delivered, and nobody is told so ("kept" is printed)
  release         those connections break off
  own-copies NO|YES  whether copies are kept among what was sent
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import mailbox
import os
import pwd
import ssl
import sys
import urllib.parse
import urllib.request
from email.utils import formatdate
from pathlib import Path
from typing import Any

import aiosmtpd
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

REFUSAL = base64.b64encode(b'{"status":"400","schemes":"bearer","scope":"mail"}').decode()


class Office:
    """What is done with letters."""

    def __init__(self, boxes: Path, users: Path, token_info: str) -> None:
        self._boxes = boxes
        self._users = users
        self._token_info = token_info
        self._held = ""
        self._copies = True
        self._released = asyncio.Event()

    # --- entering ---------------------------------------------------------------------------------------------------
    def enter(self, server: Any, session: Session, envelope: Envelope, mechanism: str, told: Any) -> AuthResult:
        """By password, as the mailbox's own."""
        line = f"{told.login.decode()}:{{PLAIN}}{told.password.decode()}"
        fits = line in self._users.read_text().splitlines()
        return AuthResult(success=fits, handled=False, auth_data=told.login.decode() if fits else None)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd asks for it so
        user, bearer, *_ = base64.b64decode(args[1]).decode().split("\1")
        name, token = user.removeprefix("user="), bearer.removeprefix("auth=Bearer ")
        if await asyncio.to_thread(self._owner, token) == name:
            return AuthResult(success=True, auth_data=name)
        await server.challenge_auth(REFUSAL, encode_to_b64=False)
        return AuthResult(success=False, handled=False)

    def _owner(self, token: str) -> str:
        """Whose token it is."""
        address = f"{self._token_info}?{urllib.parse.urlencode({'access_token': token})}"
        try:
            with urllib.request.urlopen(address, timeout=10) as told:
                return str(json.load(told)["email"])
        except OSError:
            return ""

    # --- letters ----------------------------------------------------------------------------------------------------
    async def handle_MAIL(  # noqa: N802  (aiosmtpd asks for it so)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        ours = f"{address}:" in self._users.read_text()
        if ours and session.auth_data != address and not address.endswith("@post.example"):
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  (aiosmtpd asks for it so)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if f"\n{address.lower()}:" not in f"\n{self._users.read_text()}":
            return "550 5.1.1 The email account that you tried to reach does not exist"
        envelope.rcpt_tos.append(address.lower())
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd asks for it so)
        content, sender = bytes(envelope.content or b""), str(envelope.mail_from or "")
        for address in dict.fromkeys(envelope.rcpt_tos):
            trace = f"Return-Path: <{sender}>\nDelivered-To: {address}\nReceived: by post.example; {formatdate()}\n"
            self._lay(self._boxes / address / "Maildir", trace.encode() + content)
        if session.auth_data and self._copies:
            self._lay(self._boxes / sender / "Maildir" / ".Sent", content, seen=True)
        if sender and sender == self._held:
            print("kept", flush=True)
            await self._released.wait()
            server.transport.abort()
        return "250 2.0.0 queued"

    def _lay(self, folder: Path, content: bytes, *, seen: bool = False) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.name == ".Sent":
            mailbox.Maildir(folder.parent, create=True)
        laid = mailbox.MaildirMessage(content.replace(b"\r\n", b"\n"))
        if seen:
            laid.set_subdir("cur")
            laid.set_flags("S")
        mailbox.Maildir(folder, create=True).add(laid)
        if os.geteuid() == 0:
            # Dovecot reads as nobody what is laid here.
            nobody = pwd.getpwnam("nobody")
            box = folder.parent if folder.name == "Maildir" else folder.parent.parent
            for path in (box, *box.rglob("*")):
                with contextlib.suppress(FileNotFoundError):
                    os.chown(path, nobody.pw_uid, nobody.pw_gid)

    # --- strings to pull --------------------------------------------------------------------------------------------
    def pull(self, line: str) -> None:
        """One line of standard input."""
        word, _, rest = line.strip().partition(" ")
        if word == "hold":
            self._held, self._released = rest, asyncio.Event()
        elif word == "release":
            self._held = ""
            self._released.set()
        elif word == "own-copies":
            self._copies = rest == "yes"


async def serve() -> None:
    """Until standard input ends."""
    port, certificate, boxes, users, token_info = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    office, loop = Office(Path(boxes), Path(users), token_info), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(office, hostname="post.example", tls_context=context, authenticator=office.enter, timeout=60),
        "127.0.0.1",
        int(port),
    )
    print("ready", aiosmtpd.__version__, flush=True)
    async with server:
        while line := await asyncio.to_thread(sys.stdin.readline):
            office.pull(line)


if __name__ == "__main__":
    asyncio.run(serve())
