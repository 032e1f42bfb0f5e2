"""E-mail between a brand and its customers: Dovecot keeps the mailboxes, aiosmtpd takes and delivers the letters."""

from __future__ import annotations

import imaplib
import queue
import smtplib
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parsedate_to_datetime
from pathlib import Path

from tests.counterparts.dovecot import Dovecot
from tests.counterparts.network import Answer, Unavailable
from tests.counterparts.servers import python_program
from tests.e2e.desk import free_port
from tests.platforms.fake_mail.certificate import Certificate
from tests.platforms.fake_mail.oauth import CLIENT_ID, CLIENT_SECRET, TokenService

BRAND = "care@nawa.example"
PASSWORD = "only for the loopback"
OFFICE = Path(__file__).with_name("post_office.py")


class Office:
    """The SMTP server, in a process of its own. `said`: its lines."""

    def __init__(self, dovecot: Dovecot, token_info: str) -> None:
        self.port = free_port()
        command = [
            str(python_program("python")), "-u", str(OFFICE), str(self.port), str(dovecot.home / "certificate.pem"),
            str(dovecot.boxes), str(dovecot.home / "users"), token_info,
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.version = ""
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lines: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self.version = self.hears("ready", 20)
        except AssertionError as error:
            raise Unavailable(f"aiosmtpd did not start: {' '.join(self._lines)[-500:]}") from error

    def hears(self, word: str, seconds: float) -> str:
        """Wait for a line that begins so; the rest of it. Raises AssertionError."""
        try:
            while not (line := self.said.get(timeout=seconds)).startswith(word):
                pass
            return line.removeprefix(word).strip()
        except queue.Empty:
            raise AssertionError(f"the post office never said {word!r}: {self._lines[-5:]}") from None

    def tell(self, line: str) -> None:
        """Pull a string of it (see post_office)."""
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """Its standard input ends, and so does it."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait(10)

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.append(line.strip())
            self.said.put(line.strip())


class Kept:
    """A letter that was taken, and nobody was told so."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def wait(self, seconds: float = 30) -> None:
        """Until a letter of the brand has been delivered."""
        self._office.hears("kept", seconds)


class Mail:
    """The brand's mailbox and its customers'. Customers write by SMTP and read by IMAP, as their programs do."""

    platform = "email"
    label = "E-mail"
    pushes = True
    edits = False
    tells_deletions = False
    chats = True

    def __init__(self, dovecot: Dovecot, office: Office, certificate: Certificate, tokens: TokenService) -> None:
        self.dovecot = dovecot
        self.office = office
        self.tokens = tokens
        self.against = f"Dovecot {dovecot.version}, aiosmtpd {office.version}"
        self._certificate = certificate
        self._trust = ssl.create_default_context(cadata=certificate.pem)
        self._known: set[str] = set()
        self._authors: dict[str, str] = {}
        self._let_in(BRAND)

    def credentials(self) -> dict[str, str]:
        return {"address": BRAND, "password": PASSWORD, "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1"}

    def options(self) -> dict[str, str]:
        return {
            "imap_port": str(self.dovecot.port),
            "smtp_port": str(self.office.port),
            "smtp_security": "starttls",
            "ca": self._certificate.pem,
        }

    # --- people -----------------------------------------------------------------------------------------------------
    def meet(self, by: str) -> None:
        self._let_in(f"{by}@post.example")

    def mention(self, text: str, by: str = "lina") -> str:
        return self.send(self.letter(text, by))

    def reply(self, to: str, text: str, by: str = "lina") -> str:
        """Answer a letter that lies in one's mailbox, its words below, as mail programs do."""
        above = next(one for one in self.box(f"{by}@post.example") if id_of(one) == to)
        quoted = "".join(f"> {line}\n" for line in str(above.get_content()).splitlines())
        made = self.letter(f"{text}\n\n{_said_when(above)}\n{quoted}", by, subject=f"Re: {above['Subject']}")
        made["In-Reply-To"] = f"<{to}>"
        made["References"] = f"{above.get('References', '')} <{to}>".strip()
        return self.send(made)

    def edit(self, post: str, text: str) -> None:
        raise NotImplementedError("a letter stays as it was sent")

    def delete(self, post: str) -> None:
        raise NotImplementedError("a letter cannot be called back")

    def letter(self, text: str, by: str, subject: str = "My order", **headers: str) -> EmailMessage:
        """A letter that is ready to be sent. Headers by name, "_" for "-"."""
        self.meet(by)
        made = EmailMessage(policy=policy.SMTP)
        made["From"] = f"{by.title()} <{by}@post.example>"
        made["To"] = f"Nawa Care <{BRAND}>"
        made["Subject"] = subject
        made["Date"] = format_datetime(datetime.now(UTC))
        made["Message-ID"] = make_msgid(domain="post.example")
        for name, value in headers.items():
            made[name.replace("_", "-")] = value
        made.set_content(text)
        return made

    def send(self, made: EmailMessage) -> str:
        """Hand a letter over; its id."""
        with smtplib.SMTP("127.0.0.1", self.office.port, timeout=20) as smtp:
            smtp.send_message(made)
        return id_of(made)

    # --- looking ----------------------------------------------------------------------------------------------------
    def answers_to(self, post: str) -> list[Answer]:
        answers = [
            one
            for address in sorted(self._known - {BRAND})
            for one in self.box(address)
            if str(one["In-Reply-To"]).strip() == f"<{post}>"
        ]
        return [Answer(id_of(one), str(one.get_content()).strip()) for one in answers]

    def box(self, address: str, folder: str = "INBOX") -> list[EmailMessage]:
        """What lies in a mailbox, the oldest first."""
        with imaplib.IMAP4_SSL("127.0.0.1", self.dovecot.port, ssl_context=self._trust, timeout=20) as imap:
            imap.login(address, PASSWORD)
            imap.select(folder, readonly=True)
            _, found = imap.search(None, "ALL")
            numbers = found[0].decode().split()
            told = imap.fetch(",".join(numbers), "(BODY.PEEK[])")[1] if numbers else []
        return _letters(told)

    # --- strings to pull --------------------------------------------------------------------------------------------
    @contextmanager
    def held(self) -> Iterator[Kept]:
        self.office.tell(f"hold {BRAND}")
        try:
            yield Kept(self.office)
        finally:
            self.office.tell("release")

    def by_token(self) -> dict[str, str]:
        """Credentials for the same mailbox without a password."""
        given = {name: value for name, value in self.credentials().items() if name != "password"}
        return {**given, "refresh_token": self.tokens.refresh_token, "client_secret": CLIENT_SECRET}

    def token_options(self) -> dict[str, str]:
        """Options that go with them."""
        return {**self.options(), "client_id": CLIENT_ID, "token_url": self.tokens.url}

    def _let_in(self, address: str) -> None:
        if address not in self._known:
            self.dovecot.let_in(address, PASSWORD)
            self._known.add(address)


def id_of(made: EmailMessage) -> str:
    """A letter's id without brackets."""
    return str(made["Message-ID"]).strip().strip("<>")


def _said_when(above: EmailMessage) -> str:
    """The line above a quote, as Gmail writes it."""
    at = parsedate_to_datetime(above["Date"])
    return f"On {at:%a, %b %d, %Y at %H:%M} Nawa Care <{BRAND}> wrote:\n"


def _letters(told: Sequence[object]) -> list[EmailMessage]:
    bodies = [part[1] for part in told if isinstance(part, tuple)]
    return [message_from_bytes(body, policy=policy.default) for body in bodies]


@contextmanager
def mail() -> Iterator[Mail]:
    """Both servers with one mailbox, the brand's. Raises Unavailable."""
    python_program("aiosmtpd")
    with ExitStack() as stack:
        tokens = TokenService(BRAND)
        stack.callback(tokens.close)
        certificate = Certificate("127.0.0.1")
        dovecot = Dovecot(free_port(), certificate.both, tokens.info_url)
        stack.callback(dovecot.close)
        dovecot.start()
        office = Office(dovecot, tokens.info_url)
        stack.callback(office.close)
        yield Mail(dovecot, office, certificate, tokens)
