"""Signatures of the generic channel: the same on what a bridge sends us and on what we send a bridge.

    Radd-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256(secret, t + "." + body)>

While a secret is being replaced there are two of them, and a call may carry a `v1` for each.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ingest.platforms.base import Json, PlatformError

HEADER = "Radd-Signature"
# A call that took longer on its way, or comes from the future, may be somebody else's copy of it.
TOLERANCE = timedelta(minutes=5)
SHORTEST_SECRET = 16
# More than anybody needs for a rotation, and few enough that a header costs us nothing.
MOST_SIGNATURES = 8
LONGEST_HEADER = 1000
SECONDS = re.compile(r"[0-9]{1,12}")


def secrets_of(credentials: Json) -> tuple[bytes, ...]:
    """The channel's secrets, the newest first. Raises PlatformError("bad_credentials") if they keep nobody out."""
    told = [str(credentials.get(name) or "").strip() for name in ("secret", "previous_secret")]
    secrets = tuple(secret.encode() for secret in told if secret)
    if not told[0]:
        raise PlatformError("bad_credentials", "The channel has no secret", permanent=True)
    if min(map(len, secrets)) < SHORTEST_SECRET:
        raise PlatformError("bad_credentials", f"A secret has at least {SHORTEST_SECRET} bytes", permanent=True)
    return secrets


def sign(secrets: Sequence[bytes], body: bytes, seconds: int) -> str:
    """The header's value: one `v1` for each secret."""
    parts = [f"v1={_digest(secret, str(seconds), body)}" for secret in secrets]
    return ",".join([f"t={seconds}", *parts])


def check(secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Nothing, if one of our secrets signed these bytes within the last minutes.

    Raises PlatformError("bad_signature"), permanent: the same call will never be right.
    """
    seconds, told = _parts(next((value for name, value in headers.items() if name.lower() == HEADER.lower()), ""))
    ours = [_digest(secret, seconds, body).encode() for secret in secrets]
    # Every pair is compared, and each in constant time: how long it takes tells nothing.
    hits = [hmac.compare_digest(mine, theirs) for mine in ours for theirs in told]
    if not any(hits):
        raise _refused("no v1 fits this body and our secret")
    away = abs(int(seconds) - now.timestamp())
    if away > TOLERANCE.total_seconds():
        raise _refused(f"t is {away:.0f} s away from our clock, and {TOLERANCE.total_seconds():.0f} s are allowed")


def _parts(header: str) -> tuple[str, list[bytes]]:
    """The time as it was written, and the signatures."""
    if not header:
        raise _refused(f"there is no {HEADER} header")
    if len(header) > LONGEST_HEADER:
        raise _refused("the header is too long")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    told = [value.encode("utf-8", "replace") for name, _, value in pairs if name == "v1"]
    if len(times) != 1 or not SECONDS.fullmatch(times[0]):
        raise _refused("t must be there once, in whole seconds since 1970")
    if not 1 <= len(told) <= MOST_SIGNATURES:
        raise _refused(f"there must be 1 to {MOST_SIGNATURES} v1")
    return times[0], told


def _digest(secret: bytes, seconds: str, body: bytes) -> str:
    return hmac.new(secret, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()


def _refused(words: str) -> PlatformError:
    return PlatformError("bad_signature", words, permanent=True)
