"""How a mailbox is set up: servers, safety of the way, who we are. Checked once, said in words when wrong."""

import re
import ssl
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ingest.platforms.base import Account, PlatformError
from ingest.platforms.email.oauth import Tokens, uses_tokens

PORTS = {
    ("imap", "ssl"): 993, ("imap", "starttls"): 143, ("imap", "plain"): 143,
    ("smtp", "ssl"): 465, ("smtp", "starttls"): 587, ("smtp", "plain"): 25,
}  # fmt: skip
AFTER_PLUS = re.compile(r"\+[^@]*@")
MAX_BYTES = 10 * 1024 * 1024
KEEP_BYTES = 128 * 1024
DAYS = 7


class Token(StrEnum):
    """Where an answer carries its conversation's token, beside its Message-ID."""

    SUBJECT = "subject"
    PLUS = "plus"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Server:
    """One server and how to enter it: by `tokens` (XOAUTH2) where there are some, else by the password.

    `security`: ssl, starttls, or plain (nothing is hidden on the way).
    """

    host: str
    port: int
    security: str
    username: str
    password: str
    ca: str = ""
    tokens: Tokens | None = None

    def context(self) -> ssl.SSLContext:
        """Certificates are always checked: against those of the system, or against `ca` (PEM) alone."""
        try:
            return ssl.create_default_context(cadata=self.ca or None)
        except (ssl.SSLError, ValueError) as error:
            raise PlatformError("bad_options", f"ca holds no certificate: {error}", permanent=True) from error


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    imap: Server
    # None where the channel only reads.
    smtp: Server | None
    address: str
    sender_name: str
    own_addresses: frozenset[str]
    folder: str
    sent_folder: str
    save_sent: bool
    copy_to_self: bool
    token: Token
    days: int
    max_bytes: int
    keep_bytes: int
    our_lists: frozenset[str]
    timeout: float
    # Names of the mail servers whose Authentication-Results are believed, in lower case.
    auth_servers: frozenset[str] = frozenset()

    def is_ours(self, address: str) -> bool:
        """Whether mail for it comes to us: what stands after a plus makes no other address."""
        return AFTER_PLUS.sub("@", address.lower()) in self.own_addresses or address.lower() in self.own_addresses

    @property
    def domain(self) -> str:
        """The domain of our Message-IDs, in ASCII."""
        return _ascii_domain(self.address)

    @property
    def domains(self) -> frozenset[str]:
        """All domains we may have written from."""
        return frozenset(map(_ascii_domain, self.own_addresses))


def settings_of(account: Account) -> Settings:
    """Raises PlatformError: not_connected, bad_credentials or bad_options."""
    said = account.options
    username, password = _secret(account, "username"), _secret(account, "password")
    address = _address(account, username)
    username = username or address
    tokens = Tokens(account) if uses_tokens(account) else None
    if not (password or tokens):
        raise PlatformError("bad_credentials", "There is neither a password nor a refresh token", permanent=True)
    token = str(said.get("token") or Token.SUBJECT)
    if token not in set(Token):
        raise _wrong("token", token)
    return Settings(
        imap=replace(_server(said, "imap", username, password), tokens=tokens),
        smtp=_way_out(account, username, password, tokens),
        address=address,
        sender_name=str(said.get("from_name") or "").strip(),
        own_addresses=frozenset({address.lower(), *(each.lower() for each in _list(said.get("aliases")))}),
        folder=str(said.get("folder") or "INBOX"),
        sent_folder=str(said.get("sent_folder") or ""),
        save_sent=_yes(said.get("save_sent"), usual=True),
        copy_to_self=_yes(said.get("copy_to_self"), usual=False),
        token=Token(token),
        days=_whole(said, "days", DAYS),
        max_bytes=_whole(said, "max_bytes", MAX_BYTES),
        keep_bytes=_whole(said, "keep_bytes", KEEP_BYTES, least=0),
        our_lists=frozenset(each.lower().strip("<>") for each in _list(said.get("our_lists"))),
        timeout=account.timeout,
        auth_servers=frozenset(each.lower() for each in _list(said.get("auth_server"))),
    )


def _way_out(account: Account, username: str, password: str, tokens: Tokens | None) -> Server | None:
    """A password of its own goes before tokens: mail may leave by another provider than it comes in by."""
    if not str(account.options.get("smtp_host") or "").strip():
        return None
    name, own = _secret(account, "smtp_username") or username, _secret(account, "smtp_password")
    server = _server(account.options, "smtp", name, own or password)
    return server if own else replace(server, tokens=tokens)


def _address(account: Account, username: str) -> str:
    candidates = (account.options.get("address"), account.external_id, account.handle, username)
    found = next((str(each).strip() for each in candidates if each and "@" in str(each).strip("@ ")), "")
    if not found:
        raise PlatformError("not_connected", "The channel has no mail address", permanent=True)
    if any(letter.isspace() or letter in '<>,;"' for letter in found):
        raise _wrong("address", found)
    return found


def _server(said: dict[str, Any], kind: str, username: str, password: str) -> Server:
    host = str(said.get(f"{kind}_host") or "").strip()
    security = str(said.get(f"{kind}_security") or "ssl").lower()
    if not host or any(letter.isspace() or letter in "/@" for letter in host):
        raise _wrong(f"{kind}_host", host)
    if (kind, security) not in PORTS:
        raise _wrong(f"{kind}_security", security)
    port = _whole(said, f"{kind}_port", PORTS[kind, security])
    if port > 65_535:
        raise _wrong(f"{kind}_port", str(port))
    return Server(host, port, security, username, password, str(said.get("ca") or ""))


def _secret(account: Account, name: str) -> str:
    """A user's name is no secret and may stand among the options."""
    value = account.credentials.get(name) or (account.options.get(name) if name.endswith("username") else "")
    found = str(value or "")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in found):
        raise PlatformError("bad_credentials", f"{name} holds a control character", permanent=True)
    return found


def _whole(said: dict[str, Any], name: str, usual: int, least: int = 1) -> int:
    try:
        value = int(said[name]) if said.get(name) not in {None, ""} else usual
    except (TypeError, ValueError):
        raise _wrong(name, str(said[name])) from None
    if value < least:
        raise _wrong(name, str(value))
    return value


def _yes(value: object, *, usual: bool) -> bool:
    if value is None or value == "":
        return usual
    return str(value).strip().lower() not in {"0", "false", "no", "off"}


def _list(value: object) -> list[str]:
    """A list, or words parted by commas or white space."""
    words = value if isinstance(value, list) else str(value or "").replace(",", " ").split()
    return [str(word).strip() for word in words if str(word).strip()]


def _ascii_domain(address: str) -> str:
    domain = address.rpartition("@")[2].lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return "invalid"


def _wrong(name: str, value: str) -> PlatformError:
    return PlatformError("bad_options", f"{name}: {value[:200]!r}", permanent=True)
