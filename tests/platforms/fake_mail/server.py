"""Both servers and the strings to pull on them."""

import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from tests.platforms.fake_mail.certificate import Certificate
from tests.platforms.fake_mail.faults import Fault, Faults
from tests.platforms.fake_mail.folders import Folder
from tests.platforms.fake_mail.imap import ImapSession
from tests.platforms.fake_mail.letters import BRAND
from tests.platforms.fake_mail.lines import LineServer
from tests.platforms.fake_mail.oauth import CLIENT_ID, CLIENT_SECRET, TokenService
from tests.platforms.fake_mail.smtp import SmtpSession


class FakeMail:
    """A provider with one mailbox. `saves_sent`: it keeps what is sent among what was sent, as the large ones do.

    `by_token`: it takes no password, only tokens of its token service.
    """

    username = BRAND
    password = 'nawa\'s own \\ "password"'

    def __init__(self, *, security: str = "plain", saves_sent: bool = False, by_token: bool = False) -> None:
        self.security = security
        self.saves_sent = saves_sent
        self.idles = True
        self.tells_uidnext = True
        self.writes_utf8 = False
        self.most_bytes = 35_000_000
        self.tokens = TokenService(self.username) if by_token else None
        self.faults = Faults()
        # Addresses that do not exist.
        self.unknown: set[str] = set()
        self.folders = {"INBOX": Folder("INBOX"), "Gesendet": Folder("Gesendet", ("\\HasNoChildren", "\\Sent"))}
        # Letters taken, in order: (envelope sender, recipients, bytes).
        self.taken: list[tuple[str, list[str], bytes]] = []
        # All that was said to either server, without passwords of SMTP.
        self.commands: list[str] = []
        context = self.context if security == "ssl" else None
        self._imap = LineServer(lambda line: ImapSession(self, line).run(), context)
        self._smtp = LineServer(lambda line: SmtpSession(self, line).run(), context)

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    @property
    def sent(self) -> Folder:
        return self.folders["Gesendet"]

    @property
    def options(self) -> dict[str, Any]:
        """How a channel is set up to enter here."""
        return {
            "address": BRAND,
            "imap_host": "127.0.0.1",
            "imap_port": self._imap.port,
            "imap_security": self.security,
            "smtp_host": "127.0.0.1",
            "smtp_port": self._smtp.port,
            "smtp_security": self.security,
            **({"client_id": CLIENT_ID, "token_url": self.tokens.url} if self.tokens else {}),
            **({"ca": self.certificate.pem} if self.security != "plain" else {}),
        }

    @property
    def credentials(self) -> dict[str, str]:
        """The secrets that open it."""
        if self.tokens:
            return {"refresh_token": self.tokens.refresh_token, "client_secret": CLIENT_SECRET}
        return {"username": self.username, "password": self.password}

    def takes(self, username: str, password: str) -> bool:
        """Whether these open the mailbox."""
        return not self.tokens and (username, password) == (self.username, self.password)

    def fault(self, kind: str, *on: str, **more: Any) -> None:
        """Let the next of these commands go wrong (see faults.Fault)."""
        self.faults.add(Fault(kind, frozenset(on), **more))

    def accept(self, sender: str, to: list[str], content: bytes) -> None:
        """A letter for others is evidence; one for the brand lands in its inbox."""
        self.taken.append((sender, to, content))
        if self.saves_sent:
            self.sent.deliver(content)
        if BRAND in to:
            self.inbox.deliver(content)

    def letters(self) -> list[EmailMessage]:
        """The letters taken, read."""
        return [message_from_bytes(each, policy=policy.default) for _, _, each in self.taken]

    def hang_up(self) -> None:
        """End all connections to the mailbox."""
        self._imap.hang_up()

    @cached_property
    def certificate(self) -> Certificate:
        return Certificate("127.0.0.1")

    @cached_property
    def context(self) -> ssl.SSLContext:
        return self.certificate.context()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._imap.close()
        self._smtp.close()
        if self.tokens:
            self.tokens.close()
