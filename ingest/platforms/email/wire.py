"""What mail servers say when they say no, in our words. Both ways, in and out, are read here."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, InvalidCriteriaError

from ingest.platforms.base import PlatformError
from ingest.platforms.email.charset import CONTROLS

UNREACHABLE_WAIT = 30.0
DOWN_WAIT = 60.0
CERTIFICATE_WAIT = 900.0
# Servers rarely say how long; most let in again after minutes.
LIMIT_WAIT = 300.0
LONGEST_WAIT = 86_400.0
WORDS_KEPT = 500

LIMITED = re.compile(
    r"too many|throttl|rate.?limit|greylist|graylist|\[limit\]|\[overquota\]|bandwidth limit|exceeded command"
    r"|sending limit|connections? (?:limit )?exceeded|slow down",
    re.IGNORECASE,
)
PASSES = re.compile(r"\[(?:unavailable|serverbug|inuse)\]|temporar|try (?:again )?later|internal error", re.IGNORECASE)
NO_FOLDER = re.compile(r"nonexistent|trycreate|n.t exist|not exist|unknown mailbox|no such|not found", re.IGNORECASE)
WAIT = re.compile(r"(\d{1,9}(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|hours?)\b", re.IGNORECASE)
UNITS = {"m": 60.0, "s": 1.0, "h": 3600.0}


def tidy(words: object) -> str:
    """What a server said, fit for a page: bytes read, controls gone, not too long."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return CONTROLS.sub(" ", text).strip()[:WORDS_KEPT]


def limited(words: str) -> PlatformError:
    """Too much: come back when they said, or in a while."""
    return PlatformError("rate_limited", words, retry_after=_wait(words))


def _wait(words: str) -> float:
    told = WAIT.search(words)
    if not told:
        return LIMIT_WAIT
    unit = told[2].lower()
    scale = 0.001 if unit.startswith(("ms", "milli")) else UNITS[unit[0]]
    return min(max(float(told[1]) * scale, 1.0), LONGEST_WAIT)


def off_the_way(error: OSError, where: str = "") -> PlatformError:
    """The connection could not be made, or broke. `where`: the server, for a mailbox has two."""
    words = ": ".join(filter(None, (where, tidy(error) or type(error).__name__)))
    if isinstance(error, ssl.SSLCertVerificationError):
        # Somebody over there will renew it; nobody here needs to do more than to see this.
        return PlatformError("bad_certificate", words, retry_after=CERTIFICATE_WAIT)
    return PlatformError("unreachable", words, retry_after=UNREACHABLE_WAIT)


@contextmanager
def imap_words() -> Iterator[None]:
    """Whatever goes wrong inside while speaking IMAP leaves as a PlatformError."""
    try:
        yield
    except PlatformError:
        raise
    except IMAPClientAbortError as error:
        raise _broken_off(tidy(error)) from error
    except IMAPClientError as error:
        raise _refused(tidy(str(error).partition("\n\n")[0]), bad=isinstance(error, InvalidCriteriaError)) from error
    except OSError as error:
        raise off_the_way(error) from error
    except (AssertionError, IndexError, KeyError, LookupError, TypeError, ValueError) as error:
        # What the libraries underneath make of an answer that is no IMAP.
        words = f"{type(error).__name__}: {tidy(error)}"
        raise PlatformError("garbled_answer", words, retry_after=DOWN_WAIT) from error


def refused_login(error: IMAPClientError) -> PlatformError:
    """Why a login failed. The library calls a line that broke in the middle of it a refusal, too: that is none."""
    cause, words = error.__context__, tidy(error)
    if isinstance(cause, IMAPClientAbortError):
        return _broken_off(words)
    if isinstance(cause, OSError):
        return off_the_way(cause)
    if LIMITED.search(words):
        return limited(words)
    if PASSES.search(words):
        return PlatformError("platform_down", words, retry_after=DOWN_WAIT)
    return PlatformError("bad_credentials", words, permanent=True)


def _broken_off(words: str) -> PlatformError:
    """The library gave up a connection: a cut line, a farewell (BYE), or an answer that is none."""
    if LIMITED.search(words):
        return limited(words)
    if "socket error" in words:
        return PlatformError("unreachable", words, retry_after=UNREACHABLE_WAIT)
    if "unexpected" in words or "got more than" in words:
        return PlatformError("garbled_answer", words, retry_after=DOWN_WAIT)
    return PlatformError("platform_down", words, retry_after=DOWN_WAIT)


def _refused(words: str, *, bad: bool) -> PlatformError:
    if LIMITED.search(words):
        return limited(words)
    if words.startswith("select failed") and NO_FOLDER.search(words):
        return PlatformError("bad_options", words, permanent=True)
    if bad or "not IMAP4 compliant" in words or " BAD " in words:
        return PlatformError("garbled_answer", words, retry_after=DOWN_WAIT)
    return PlatformError("platform_down", words, retry_after=DOWN_WAIT)
