"""The way out (SMTP): one letter, one recipient, and the truth about what became of it.

Until the letter's last byte is on its way nothing has been sent, and every trouble may be tried again. From there on
silence is an OutcomeUnknown: the server may have taken it.
"""

import base64
import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ingest.platforms.base import OutcomeUnknown, PlatformError
from ingest.platforms.email.oauth import Tokens, sasl
from ingest.platforms.email.options import Server
from ingest.platforms.email.wire import DOWN_WAIT, LIMITED, UNREACHABLE_WAIT, limited, off_the_way, tidy

LATER_WAIT = 300.0
LINE_START_DOT = re.compile(rb"(?m)^\.")
OK, GO_ON = 250, 354
NO_MAILBOX = re.compile(
    r"5\.1\.\d|unknown|no such|does ?n.t exist|not exist|not found|invalid|unrouteable", re.IGNORECASE
)
TOO_LARGE = re.compile(r"5\.3\.4|5\.2\.3|too (?:large|big|long)|size", re.IGNORECASE)


def send(server: Server, letter: bytes, *, sender: str, to: str, copy_to: str, domain: str, timeout: float) -> None:
    """Hand a letter over. Raises PlatformError where it was not taken, OutcomeUnknown where nobody can know."""
    with _connection(server, domain, timeout) as smtp:
        with _before_it_is_sent():
            _introduce(smtp, letter, sender, to, copy_to)
        _hand_over(smtp, letter)


def check(server: Server, *, domain: str, timeout: float) -> None:
    """Enter and leave. Raises PlatformError."""
    with _connection(server, domain, timeout) as smtp, _before_it_is_sent():
        smtp.noop()


@contextmanager
def _connection(server: Server, domain: str, timeout: float) -> Iterator[smtplib.SMTP]:
    """A connection, greeted and logged in. Our name there is our domain: to ask for this machine's may take long."""
    with _before_it_is_sent():
        smtp = _connected(server, domain, timeout)
    try:
        with _before_it_is_sent():
            if server.security == "starttls":
                _start_tls(smtp, server)
            _greet(smtp)
            _log_in(smtp, server)
        yield smtp
    finally:
        # The letter is taken or not by now; no answer to a good-bye is waited for.
        with suppress(OSError, smtplib.SMTPException):
            smtp.putcmd("QUIT")
        smtp.close()


def _connected(server: Server, domain: str, timeout: float) -> smtplib.SMTP:
    try:
        if server.security == "ssl":
            return smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=domain, timeout=timeout, context=server.context()
            )
        return smtplib.SMTP(server.host, server.port, local_hostname=domain, timeout=timeout)
    except smtplib.SMTPException:
        # These are errors of the operating system to the library, too; they are read where all are.
        raise
    except OSError as error:
        raise off_the_way(error, f"SMTP {server.host}:{server.port}") from error


def _greet(smtp: smtplib.SMTP) -> None:
    """EHLO only: what a server says to HELO tells neither its limits nor how to log in."""
    code, words = smtp.ehlo()
    if code != OK:
        raise _refusal("HELO", code, tidy(words))


def _start_tls(smtp: smtplib.SMTP, server: Server) -> None:
    _greet(smtp)
    if not smtp.has_extn("starttls"):
        raise PlatformError("bad_options", "The SMTP server offers no STARTTLS", permanent=True)
    smtp.starttls(context=server.context())


def _log_in(smtp: smtplib.SMTP, server: Server) -> None:
    ways = str(smtp.esmtp_features.get("auth", "")).upper().split()
    if server.tokens:
        _enter_by_token(smtp, server.username, server.tokens, ways)
    elif "PLAIN" in ways:
        # The library's own takes ASCII passwords only.
        token = base64.b64encode(f"\0{server.username}\0{server.password}".encode()).decode()
        code, words = smtp.docmd("AUTH", f"PLAIN {token}")
        if code not in {235, 503}:
            raise smtplib.SMTPAuthenticationError(code, words)
    elif ways:
        smtp.login(server.username, server.password)
    # A server that offers no login knows us by our address, or will refuse the sender.


def _enter_by_token(smtp: smtplib.SMTP, username: str, tokens: Tokens, ways: list[str]) -> None:
    """A token that was taken back before its time is renewed, and the new one tried on the same connection."""
    if "XOAUTH2" not in ways:
        raise PlatformError("bad_options", "The SMTP server does not take tokens (XOAUTH2)", permanent=True)
    token = tokens.current()
    code, words = _said_token(smtp, username, token)
    if 500 <= code < 600:
        code, words = _said_token(smtp, username, tokens.after_refusal(token))
    if code not in {235, 503}:
        raise smtplib.SMTPAuthenticationError(code, words)


def _said_token(smtp: smtplib.SMTP, username: str, token: str) -> tuple[int, bytes]:
    code, words = smtp.docmd("AUTH", f"XOAUTH2 {base64.b64encode(sasl(username, token).encode()).decode()}")
    # An error told in JSON: the server waits for an empty line before it says no.
    return smtp.docmd("") if code == 334 else (code, words)


def _introduce(smtp: smtplib.SMTP, letter: bytes, sender: str, to: str, copy_to: str) -> None:
    most = smtp.esmtp_features.get("size", "")
    if most.isdigit() and 0 < int(most) < len(letter):
        raise PlatformError("too_long", f"{len(letter)} bytes; the server takes {most}", permanent=True)
    options = [f"size={len(letter)}"] if smtp.has_extn("size") else []
    if not to.isascii():
        if not smtp.has_extn("smtputf8"):
            raise PlatformError("bad_address", f"The mail server cannot write to {to}", permanent=True)
        options += ["SMTPUTF8", "BODY=8BITMIME"]
        smtp.command_encoding = "utf-8"
    code, words = smtp.mail(sender, options)
    if code != OK:
        raise _refusal("MAIL", code, tidy(words))
    code, words = smtp.rcpt(to)
    if code not in {OK, 251}:
        raise _refusal("RCPT", code, tidy(words))
    if copy_to:
        # Evidence for ourselves; the customer's letter does not depend on it.
        smtp.rcpt(copy_to)
    code, words = smtp.docmd("DATA")
    if code != GO_ON:
        raise _refusal("DATA", code, tidy(words))


def _hand_over(smtp: smtplib.SMTP, letter: bytes) -> None:
    try:
        smtp.send(LINE_START_DOT.sub(b"..", letter).removesuffix(b"\r\n") + b"\r\n.\r\n")
        code, told = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown("outcome_unknown", tidy(error) or "No answer", retry_after=UNREACHABLE_WAIT) from error
    if not 200 <= code < 600:
        raise OutcomeUnknown("outcome_unknown", f"The answer is not SMTP: {tidy(told)}", retry_after=DOWN_WAIT)
    if code >= 300:
        raise _refusal("DATA", code, tidy(told))


@contextmanager
def _before_it_is_sent() -> Iterator[None]:
    """Whatever goes wrong inside leaves as a PlatformError, and nothing has been sent."""
    try:
        yield
    except PlatformError:
        raise
    except smtplib.SMTPAuthenticationError as error:
        raise _refusal("AUTH", error.smtp_code, tidy(error.smtp_error)) from error
    except smtplib.SMTPNotSupportedError as error:
        raise PlatformError("bad_options", tidy(error), permanent=True) from error
    except smtplib.SMTPServerDisconnected as error:
        raise PlatformError("unreachable", tidy(error), retry_after=UNREACHABLE_WAIT) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal("HELO", error.smtp_code, tidy(error.smtp_error)) from error
    except smtplib.SMTPException as error:
        # No common way to log in.
        raise PlatformError("bad_options", tidy(error), permanent=True) from error
    except OSError as error:
        raise off_the_way(error) from error
    except (LookupError, TypeError, ValueError) as error:
        raise PlatformError("garbled_answer", tidy(error), retry_after=DOWN_WAIT) from error


def _refusal(at: str, code: int, words: str) -> PlatformError:
    """What a code means at that command: 4xx passes, 5xx does not."""
    said = f"{code} {words}".strip()
    if not 400 <= code < 600:
        return PlatformError("garbled_answer", f"The answer is not SMTP: {said}", retry_after=DOWN_WAIT)
    if code < 500:
        if LIMITED.search(said):
            return limited(words)
        return PlatformError("platform_down", said, retry_after=LATER_WAIT)
    return PlatformError(_code(at, code, words), said, permanent=True)


def _code(at: str, code: int, words: str) -> str:
    if code == 530 or at == "AUTH":
        return "bad_credentials"
    if code == 552 or (at in {"MAIL", "DATA"} and TOO_LARGE.search(words)):
        return "too_long"
    if at == "RCPT" and NO_MAILBOX.search(words):
        return "bad_address"
    return "rejected" if at in {"DATA", "HELO"} else "not_allowed"
