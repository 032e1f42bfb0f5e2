"""The way to a bridge: one HTTP call to an address that somebody typed in.

So the address is checked where it counts, on the very address that is connected to: Radd must not be made to call
machines beside it (a metadata service, a database) that trust whoever comes from inside. No redirect is followed, no
proxy is asked, and the whole call, however slowly the other side speaks, ends in time.
"""

import http.client
import io
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from ingest.platforms.base import Json, OutcomeUnknown, PlatformError

CONNECT_SECONDS = 5.0
UNREACHABLE_WAIT = 30.0
# Addresses of one name that are tried, one after the other.
MOST_ADDRESSES = 4
LONGEST_ANSWER = 65_536
DEFAULT_PORTS = {"http": 80, "https": 443}
WORLD = ipaddress.ip_network("2000::/3")
# IPv4 behind a translator: the address meant is in the last 32 bits.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a call may go, and the seconds that all of it may take."""

    timeout: float
    # Unencrypted, to other machines.
    allow_http: bool = False
    # To this machine and its neighbours.
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `writing`: it may have done something on the other side even if we never hear of it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    writing: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Headers by their names in lower case; `told` is the body if it is a JSON object."""

    status: int
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)
    told: Json | None = None


def call(request: Call, rules: Rules) -> Answer:
    """Make the call and read the whole answer, whatever its status.

    Raises PlatformError("bad_options") where the call may not go, "unreachable" where nothing was sent, and else
    OutcomeUnknown or, where nothing was being written, "unreachable".
    """
    parts = checked(request.url, rules)
    deadline = time.monotonic() + rules.timeout
    connected = _connected(parts, rules, deadline)
    try:
        return _exchange(request, parts, _Timed(connected, deadline))
    except (OSError, http.client.HTTPException) as error:
        words = f"{parts.hostname}: {type(error).__name__}: {error}"[:500]
        if request.writing:
            raise OutcomeUnknown("outcome_unknown", words, retry_after=UNREACHABLE_WAIT) from error
        raise PlatformError("unreachable", words, retry_after=UNREACHABLE_WAIT) from error
    finally:
        connected.close()


def checked(url: str, rules: Rules) -> SplitResult:
    """The address in its parts. Raises PlatformError("bad_options") when it is none that could be called."""
    try:
        parts = urlsplit(url)
        port_is_one = parts.port != 0
    except ValueError:
        raise _not_called("it is no address") from None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or not port_is_one:
        raise _not_called("it is no https address")
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise _not_called("it holds characters that must be percent-encoded")
    if parts.username or parts.password or parts.fragment:
        raise _not_called("it holds a name, a password or a fragment")
    if parts.scheme == "http" and not (rules.allow_http or rules.allow_private):
        raise _not_called("it is not https")
    return parts


def is_public(address: str) -> bool:
    """Whether this IP address belongs to the open internet, seen through every way of writing one inside another."""
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip in TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in WORLD or ip.teredo or ip.sixtofour:
            return False
    return ip.is_global and not ip.is_multicast


def _not_called(why: str) -> PlatformError:
    return PlatformError("bad_options", f"answer_url is not called: {why}", permanent=True)


def _connected(parts: SplitResult, rules: Rules, deadline: float) -> socket.socket:
    """A socket to the first address that takes us, encrypted where the scheme says so."""
    host = parts.hostname or ""
    errors = []
    for family, place in _addresses(parts, host, rules):
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(min(CONNECT_SECONDS, _left(deadline)))
            plain.connect(place)
            if parts.scheme == "http":
                return plain
            plain.settimeout(_left(deadline))
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except (OSError, ValueError) as error:
            plain.close()
            errors.append(f"{type(error).__name__}: {error}")
    raise PlatformError("unreachable", f"{host}: {'; '.join(errors)}"[:500], retry_after=UNREACHABLE_WAIT)


def _addresses(parts: SplitResult, host: str, rules: Rules) -> list[tuple[int, Any]]:
    """(family, socket address) of each address of this host; all of them must be such as may be called."""
    try:
        found = socket.getaddrinfo(host, parts.port or DEFAULT_PORTS[parts.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PlatformError("unreachable", f"{host}: {error}", retry_after=UNREACHABLE_WAIT) from error
    places = [(int(family), place) for family, _, _, _, place in found]
    for _, place in places:
        address = str(place[0])
        if not rules.allow_private and not is_public(address):
            raise _not_called(f"{host} is {address}, an address of this machine or of its own network")
        loopback = ipaddress.ip_address(address.partition("%")[0]).is_loopback
        if parts.scheme == "http" and not (rules.allow_http or loopback):
            raise _not_called("it is not https")
    return places[:MOST_ADDRESSES]


def _exchange(request: Call, parts: SplitResult, timed: "_Timed") -> Answer:
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme])
    # http.client asks no more of a socket than _Timed has.
    connection.sock = cast("socket.socket", timed)
    # A port that is the scheme's own is not named: some servers know themselves only without it.
    host = parts.netloc if parts.port != DEFAULT_PORTS[parts.scheme] else parts.netloc.rpartition(":")[0]
    headers = {"Host": host, "Connection": "close", "User-Agent": "Radd", "Accept": "application/json"}
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(request.method, path, request.body or None, {**headers, **request.headers})
    response = connection.getresponse()
    body = response.read(LONGEST_ANSWER + 1)
    if response.length and len(body) <= LONGEST_ANSWER:
        raise http.client.IncompleteRead(body, response.length)
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, response.reason, headers, _object(body))


def _object(body: bytes) -> Json | None:
    if len(body) > LONGEST_ANSWER:
        return None
    try:
        told = json.loads(body)
    except (RecursionError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for this call is up")
    return left


class _Timed:
    """A socket whose every wait ends at the deadline: one that speaks a letter a second holds up nobody for long.

    It has what http.client asks of a socket. Closing it leaves the socket open; that is its owner's.
    """

    def __init__(self, inner: socket.socket, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Raises TimeoutError."""
        self._inner.settimeout(_left(self._deadline))
        self._inner.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What is read from."""
        return io.BufferedReader(_Reading(self._inner, self._deadline))

    def close(self) -> None:
        """Nothing."""


class _Reading(io.RawIOBase):
    """The reading side of it."""

    def __init__(self, inner: socket.socket, deadline: float) -> None:
        super().__init__()
        self._inner = inner
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        """Raises TimeoutError."""
        self._inner.settimeout(_left(self._deadline))
        return self._inner.recv_into(into)
