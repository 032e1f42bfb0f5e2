"""Our side of a mailbox (IMAP4rev1): what lies in a folder after a certain one, and the bytes of it.

Folders are opened for reading only, and mails are peeked at: nothing is marked as seen that a person may still want
to find unseen.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import imapclient
from imapclient.exceptions import IMAPClientError

from ingest.platforms.base import PlatformError
from ingest.platforms.email.oauth import Tokens, sasl
from ingest.platforms.email.options import Server
from ingest.platforms.email.parse import Arrived
from ingest.platforms.email.wire import imap_words, off_the_way, refused_login

SEEN, SENT = rb"\Seen", rb"\Sent"
CONNECT_SECONDS = 5.0
# Bytes asked for at once; mails are fetched in groups of at most so much.
GROUP_BYTES = 4 * 1024 * 1024
# The library takes no line longer than a million bytes: where more may wait, uids are asked for by stretches.
STRETCH = 50_000
NOT_IN_A_NAME = set(' "\\(){%*]')


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder. `top`: no mail that is there has a greater uid."""

    uidvalidity: int
    top: int


class Mailbox:
    """A connection, logged in. Every call has the time limit it was opened with; raises PlatformError."""

    def __init__(self, client: Any) -> None:
        self._client = client

    # --- folders --------------------------------------------------------------------------------------------------
    def open(self, folder: str) -> Folder:
        with imap_words():
            told = self._client.select_folder(folder, readonly=True)
            top = int(told[b"UIDNEXT"]) - 1 if b"UIDNEXT" in told else max(self._client.search(["UID", "*"]), default=0)
            return Folder(int(told[b"UIDVALIDITY"]), top)

    def sent_folder(self) -> str:
        """The folder flagged as the one for what was sent, or one so called; empty if there is none."""
        with imap_words():
            return str(self._client.find_special_folder(SENT) or "")

    # --- looking --------------------------------------------------------------------------------------------------
    def after(self, uid: int, top: int) -> tuple[list[int], int]:
        """Uids above this one, ascending, and the last of the stretch that was looked at."""
        last = uid + STRETCH
        wanted = f"{uid + 1}:{last}" if top > last else f"{uid + 1}:*"
        with imap_words():
            # "n:*" means the last mail where there is none from n on, and a stretch may be told in any order.
            found = sorted({int(each) for each in self._client.search(["UID", wanted]) if int(each) > uid})
        return found, last if top > last else max([uid, top, *found])

    def since(self, day: date, uid: int, top: int) -> list[int]:
        """Uids above `uid`, up to `top`, of mails that arrived that day or later."""
        if top <= uid:
            return []
        with imap_words():
            found = self._client.search(["UID", f"{uid + 1}:{top}", "SINCE", day])
            return sorted({int(each) for each in found if uid < int(each) <= top})

    def by_header(self, name: str, value: str, since: date) -> list[int]:
        with imap_words():
            return sorted(int(each) for each in self._client.search(["HEADER", name, value, "SINCE", since]))

    # --- reading --------------------------------------------------------------------------------------------------
    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Bytes of each that is still there."""
        with imap_words():
            told = self._client.fetch(uids, ["RFC822.SIZE"])
            return {uid: int(said[b"RFC822.SIZE"]) for uid, said in told.items() if b"RFC822.SIZE" in said}

    def read(self, folder: Folder, sizes: dict[int, int], max_bytes: int) -> Iterator[Arrived]:
        """These mails in order, each at most to `max_bytes`. What has gone meanwhile, or is not given, is left out."""
        for group in _groups(sizes, max_bytes):
            large = sizes[group[0]] > max_bytes
            body = f"BODY.PEEK[]<0.{max_bytes}>" if large else "BODY.PEEK[]"
            with imap_words():
                told = self._client.fetch(group, [body, "INTERNALDATE"])
                found = [_arrived(uid, folder, told.get(uid, {}), sizes[uid]) for uid in group]
            yield from (each for each in found if each is not None)

    def heads(self, uids: Sequence[int]) -> list[tuple[bytes, datetime]]:
        """The headers of these mails, and when each was laid into the folder."""
        with imap_words():
            told = self._client.fetch(uids, ["BODY.PEEK[HEADER]", "INTERNALDATE"])
            return [(bytes(said[b"BODY[HEADER]"]), _aware(said[b"INTERNALDATE"])) for said in told.values()]

    def there(self, uid: int) -> bool:
        with imap_words():
            return uid in self._client.search(["UID", str(uid)])

    def save(self, folder: str, letter: bytes, at: datetime) -> None:
        """Lay a letter into a folder, as seen."""
        with imap_words():
            self._client.append(folder, letter, (SEEN,), at)

    # --- waiting --------------------------------------------------------------------------------------------------
    def wait(self, seconds: float) -> bool:
        """Wait until the server says that something is new; False if it said nothing so long.

        IDLE is begun and ended within: a wait far below the 29 minutes that servers allow, and its end proves that
        the other side is still there, which silence does not.
        """
        with imap_words():
            # What came while nobody waited is told here: told after IDLE is asked for, it would confuse the library.
            if _news(self._client.noop()[1]):
                return True
            if b"IDLE" not in self._client.capabilities():
                # Such a server tells at the next NOOP; waiting on its socket notices when it hangs up.
                self._client._poll_socket(self._client.socket(), seconds)  # noqa: SLF001 - the library's way to wait
                return _news(self._client.noop()[1])
            self._client.idle()
            told = self._client.idle_check(timeout=seconds)
            return _news([*told, *self._client.idle_done()[1]])


@contextmanager
def mailbox(server: Server, timeout: float) -> Iterator[Mailbox]:
    """A connection that is closed at the end. Raises PlatformError."""
    with imap_words():
        client = _connected(server, timeout)
    try:
        with imap_words():
            _log_in(client, server)
        yield Mailbox(client)
    finally:
        _leave(client)


def _connected(server: Server, timeout: float) -> Any:
    limits = imapclient.SocketTimeout(connect=min(CONNECT_SECONDS, timeout), read=timeout)
    secure = server.security == "ssl"
    context = None if server.security == "plain" else server.context()
    try:
        client = imapclient.IMAPClient(server.host, server.port, ssl=secure, ssl_context=context, timeout=limits)
    except OSError as error:
        raise off_the_way(error, f"IMAP {server.host}:{server.port}") from error
    client.normalise_times = False
    # A search is written in parts; the second must not wait for the first to be acknowledged, 40 ms each time.
    client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if server.security == "starttls":
        try:
            if not client.has_capability("STARTTLS"):
                raise PlatformError("bad_options", "The IMAP server offers no STARTTLS", permanent=True)
            client.starttls(context)
        except BaseException:
            _hang_up(client)
            raise
    return client


def _log_in(client: Any, server: Server) -> None:
    if server.tokens:
        _enter_by_token(client, server.username, server.tokens)
        return
    if client.has_capability("LOGINDISABLED"):
        raise PlatformError("bad_options", "The IMAP server takes no password on an unprotected way", permanent=True)
    try:
        if _simple(server.username) and server.password.isascii():
            client.login(server.username, server.password)
        else:
            # LOGIN has no way to write such names.
            client.plain_login(server.username, server.password)
    except IMAPClientError as error:
        raise refused_login(error) from error


def _enter_by_token(client: Any, username: str, tokens: Tokens) -> None:
    """A token that was taken back before its time is renewed, and the new one tried on the same connection."""
    if not client.has_capability("AUTH=XOAUTH2"):
        raise PlatformError("bad_options", "The IMAP server does not take tokens (XOAUTH2)", permanent=True)
    token = tokens.current()
    refusal = _refused_token(client, username, token)
    if refusal and refusal.code == "bad_credentials":
        refusal = _refused_token(client, username, tokens.after_refusal(token))
    if refusal:
        raise refusal


def _refused_token(client: Any, username: str, token: str) -> PlatformError | None:
    said = sasl(username, token).encode()
    try:
        # What a server answers to a token it does not take is an error told in JSON; it waits for an empty line then.
        client.sasl_login("XOAUTH2", lambda challenge: b"" if challenge.strip() else said)
    except IMAPClientError as error:
        return refused_login(error)
    return None


def _simple(username: str) -> bool:
    return username.isascii() and not NOT_IN_A_NAME & set(username)


def _leave(client: Any) -> None:
    """Say good-bye, and hang up whatever the answer: nothing that matters can go wrong any more."""
    with suppress(Exception):
        client._imap.send(b"bye LOGOUT\r\n")  # noqa: SLF001 - the library's own would wait for an answer
    _hang_up(client)


def _hang_up(client: Any) -> None:
    with suppress(Exception):
        client.shutdown()


def _news(told: Sequence[Any]) -> bool:
    return any(b"EXISTS" in each for each in told)


def _groups(sizes: dict[int, int], max_bytes: int) -> Iterator[list[int]]:
    """Uids in order, together while they are small; one that is too large to read whole goes alone."""
    group: list[int] = []
    weight = 0
    for uid in sorted(sizes):
        size = sizes[uid]
        if group and (size > max_bytes or weight + size > GROUP_BYTES):
            yield group
            group, weight = [], 0
        group.append(uid)
        weight += size
        if size > max_bytes:
            yield group
            group, weight = [], 0
    if group:
        yield group


def _arrived(uid: int, folder: Folder, told: dict[bytes, Any], size: int) -> Arrived | None:
    body = next((value for name, value in told.items() if name.startswith(b"BODY[]")), None)
    if not isinstance(body, bytes):
        return None
    at = told.get(b"INTERNALDATE")
    # A server that counts a mail's bytes otherwise than it sends them has still sent all it has.
    whole = len(body) if b"BODY[]" in told else max(size, len(body))
    return Arrived(uid, folder.uidvalidity, body, whole, _aware(at))


def _aware(at: Any) -> datetime:
    if not isinstance(at, datetime):
        return datetime.now(UTC)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
