"""The IMAP side: RFC 3501 with IDLE (2177), SPECIAL-USE (6154), AUTH=PLAIN and XOAUTH2, as far as our adapter goes."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from typing import TYPE_CHECKING

from tests.platforms.fake_mail.faults import Fault
from tests.platforms.fake_mail.folders import Folder, Stored
from tests.platforms.fake_mail.lines import Gone, Line
from tests.platforms.fake_mail.oauth import REFUSAL

if TYPE_CHECKING:
    from tests.platforms.fake_mail.server import FakeMail

WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|\(([^()]*)\)|([^\s()"]+)')
PARTIAL = re.compile(r"BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?")
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Just a moment...</html>\r\n"


class ImapSession:
    """One connection."""

    def __init__(self, mail: FakeMail, line: Line) -> None:
        self._mail = mail
        self._line = line
        self._folder: Folder | None = None
        self._told = 0
        self._secure = mail.security == "ssl"
        self._inside = False

    def run(self) -> None:
        """Until LOGOUT or the end of the connection."""
        if fault := self._mail.faults.take("CONNECT"):
            self._break(fault, "*")
        self._line.say("* OK Nawa Mail ready")
        while True:
            tag, command, words = self._read()
            self._mail.commands.append(f"{command} {' '.join(words)}".strip())
            fault = self._mail.faults.take(command)
            if fault and not (fault.applied or fault.kind == "cut"):
                self._break(fault, tag)
                continue
            if fault and fault.kind == "cut":
                self._line.send(b"* 1 FETCH (UID 1 BODY[] {5000}\r\nSubject: cut o")
                raise Gone
            self._do(tag, command, words)
            if fault:
                self._break(fault, tag)
            if command == "LOGOUT":
                return

    def _read(self) -> tuple[str, str, list[str]]:
        """A command, its literals read: (tag, command, arguments); UID commands lose their UID."""
        whole = self._line.read_line()
        literals: list[bytes] = []
        while found := re.search(rb"\{(\d+)\}$", whole):
            self._line.say("+ go on")
            literals.append(self._line.read(int(found[1])))
            whole = whole[: found.start()] + b'"literal"' + self._line.read_line()
        self.literal = literals[-1] if literals else b""
        tag, _, rest = whole.partition(b" ")
        words = [_plain(found) for found in WORD.finditer(rest)]
        command = words.pop(0).upper()
        return tag.decode(), words.pop(0).upper() if command == "UID" else command, words

    def _do(self, tag: str, command: str, words: list[str]) -> None:
        doing = getattr(self, f"_on_{command.lower()}", None)
        if doing is None:
            self._line.say(f"{tag} BAD what is {command}?")
        elif not self._inside and command not in {"CAPABILITY", "LOGIN", "AUTHENTICATE", "STARTTLS", "LOGOUT", "NOOP"}:
            self._line.say(f"{tag} NO log in first")
        else:
            doing(tag, words)

    # --- entering -------------------------------------------------------------------------------------------------
    def _on_capability(self, tag: str, words: list[str]) -> None:
        way = "AUTH=XOAUTH2" if self._mail.tokens else "AUTH=PLAIN"
        told = ["IMAP4rev1", "SPECIAL-USE", way, *(["IDLE"] if self._mail.idles else [])]
        if self._mail.security == "starttls" and not self._secure:
            told = ["IMAP4rev1", "STARTTLS", "LOGINDISABLED"]
        self._line.say(f"* CAPABILITY {' '.join(told)}", f"{tag} OK done")

    def _on_starttls(self, tag: str, words: list[str]) -> None:
        self._line.say(f"{tag} OK begin")
        self._line.secure(self._mail.context)
        self._secure = True

    def _on_login(self, tag: str, words: list[str]) -> None:
        self._enter(tag, words[0], words[1])

    def _on_authenticate(self, tag: str, words: list[str]) -> None:
        self._line.say("+ ")
        said = self._line.read_line()
        if words[0].upper() == "XOAUTH2":
            self._enter_by_token(tag, said)
            return
        _, username, password = base64.b64decode(said).decode().split("\0")
        self._enter(tag, username, password)

    def _enter_by_token(self, tag: str, said: bytes) -> None:
        self._inside = bool(self._mail.tokens and self._mail.tokens.opens(said))
        if not self._inside:
            self._line.say(f"+ {REFUSAL}")
            assert self._line.read_line() == b""
        self._line.say(f"{tag} OK in" if self._inside else f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials")

    def _enter(self, tag: str, username: str, password: str) -> None:
        self._inside = self._mail.takes(username, password)
        self._line.say(f"{tag} OK in" if self._inside else f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials")

    def _on_logout(self, tag: str, words: list[str]) -> None:
        self._line.say("* BYE see you", f"{tag} OK done")

    # --- folders --------------------------------------------------------------------------------------------------
    def _on_list(self, tag: str, words: list[str]) -> None:
        for folder in self._mail.folders.values():
            if words[1] in {"*", folder.name}:
                self._line.say(f'* LIST ({" ".join(folder.flags)}) "/" "{folder.name}"')
        self._line.say(f"{tag} OK done")

    def _on_select(self, tag: str, words: list[str]) -> None:
        self._on_examine(tag, words)

    def _on_examine(self, tag: str, words: list[str]) -> None:
        folder = self._mail.folders.get(words[0])
        if folder is None:
            self._line.say(f"{tag} NO [NONEXISTENT] Unknown Mailbox: {words[0]}")
            return
        self._folder, self._told = folder, len(folder.mails)
        next_uid = [f"* OK [UIDNEXT {folder.next_uid}] next"] if self._mail.tells_uidnext else []
        self._line.say(
            "* FLAGS (\\Seen)",
            f"* {len(folder.mails)} EXISTS",
            "* 0 RECENT",
            f"* OK [UIDVALIDITY {folder.uidvalidity}] valid",
            *next_uid,
            f"{tag} OK [READ-ONLY] open",
        )

    def _on_append(self, tag: str, words: list[str]) -> None:
        folder = self._mail.folders.get(words[0])
        if folder is None:
            self._line.say(f"{tag} NO [TRYCREATE] no such folder")
            return
        folder.deliver(self.literal).flags = tuple(words[1].split())
        self._line.say(f"{tag} OK saved")

    # --- mails ----------------------------------------------------------------------------------------------------
    def _on_search(self, tag: str, words: list[str]) -> None:
        folder = self._open()
        with folder.changed:
            found = folder.search(words)
        self._line.say(f"* SEARCH {' '.join(map(str, found))}".rstrip(), f"{tag} OK done")

    def _on_fetch(self, tag: str, words: list[str]) -> None:
        folder = self._open()
        asked = words[1].upper()
        with folder.changed:
            wanted = folder.uids(words[0])
            mails = [(seq, mail) for seq, mail in enumerate(folder.mails, 1) if mail.uid in wanted]
        for seq, mail in mails:
            if mail.unreadable and "BODY" in asked:
                continue
            self._line.send(f"* {seq} FETCH (UID {mail.uid}".encode() + _items(mail, asked) + b")\r\n")
        self._line.say(f"{tag} OK done")

    # --- waiting --------------------------------------------------------------------------------------------------
    def _on_noop(self, tag: str, words: list[str]) -> None:
        self._tell_news()
        self._line.say(f"{tag} OK done")

    def _on_idle(self, tag: str, words: list[str]) -> None:
        self._line.say("+ idling")
        while not self._line.waiting(0.02):
            self._tell_news()
            if self._line.closing.is_set():
                raise Gone
        if self._line.read_line().upper() == b"DONE":
            self._line.say(f"{tag} OK done")

    def _tell_news(self) -> None:
        if self._folder and len(self._folder.mails) != self._told:
            self._told = len(self._folder.mails)
            self._line.say(f"* {self._told} EXISTS")

    def _open(self) -> Folder:
        assert self._folder is not None
        return self._folder

    def _break(self, fault: Fault, tag: str) -> None:
        if fault.kind == "say":
            self._line.say(f"{tag} {fault.words}")
            return
        if fault.kind == "stall":
            self._line.closing.wait(30)
        if fault.kind == "garbled":
            self._line.send(PAGE)
        if fault.kind == "bye":
            self._line.say(f"* BYE {fault.words or 'shutting down'}")
        raise Gone


def _plain(found: re.Match[bytes]) -> str:
    quoted, inside, bare = found.groups()
    if quoted is not None:
        return re.sub(rb"\\(.)", rb"\1", quoted).decode("utf-8", "replace")
    return (inside if inside is not None else bare or b"").decode("utf-8", "replace")


def _items(mail: Stored, asked: str) -> bytes:
    told = b""
    if "RFC822.SIZE" in asked:
        told += f" RFC822.SIZE {len(mail.content)}".encode()
    if "INTERNALDATE" in asked:
        told += f' INTERNALDATE "{_moment(mail.at)}"'.encode()
    if "BODY.PEEK[HEADER]" in asked:
        told += _literal("BODY[HEADER]", re.split(rb"(?<=\n)\r?\n", mail.content, maxsplit=1)[0])
    elif part := PARTIAL.search(asked):
        begin = int(part[1] or 0)
        end = begin + int(part[2]) if part[2] else len(mail.content)
        told += _literal(f"BODY[]<{begin}>" if part[2] else "BODY[]", mail.content[begin:end])
    return told


def _literal(name: str, content: bytes) -> bytes:
    return f" {name} {{{len(content)}}}\r\n".encode() + content


def _moment(at: datetime) -> str:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{at.day:02d}-{months[at.month - 1]}-{at.year} {at:%H:%M:%S %z}"
