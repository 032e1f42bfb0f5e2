"""A call goes where it may and nowhere else, ends in time, and is called unknown only if something was sent."""

import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ingest.platforms.base import OutcomeUnknown, PlatformError
from ingest.platforms.webhook import wire as webhook_wire
from ingest.platforms.webhook.adapter import Webhook
from ingest.platforms.webhook.wire import Answer, Call, Rules, call, is_public
from tests.platforms.fake_bridge.server import Asked, Server, Told, told
from tests.platforms.test_webhook import NOWHERE, account
from tests.platforms.test_webhook_answers import outgoing

LENIENT = Rules(1.0, allow_private=True)
STRICT = Rules(1.0)


class Recorder(Server):
    """Says what it is told to say, and remembers what it was asked."""

    def __init__(self, say: Told = told(200, {"id": "1"})) -> None:  # noqa: B008 - it is never changed
        super().__init__(self._answer)
        self.say = say
        self.asked: list[Asked] = []

    def _answer(self, asked: Asked) -> Told:
        self.asked.append(asked)
        return self.say


@pytest.fixture
def there() -> Iterator[Recorder]:
    with Recorder() as there:
        yield there


def get(url: str, rules: Rules = LENIENT, *, writing: bool = False) -> Answer:
    return call(Call("POST" if writing else "GET", url, {}, b"{}" if writing else b"", writing), rules)


def error_of(do: Callable[[], object]) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        do()
    return error.value


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name have these addresses."""

    def look_up(_host: str, port: int, **_: Any) -> list[Any]:
        return [(10 if ":" in address else 2, 1, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("socket.getaddrinfo", look_up)


# --- where it may go --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "ftp://bridge.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "https://",
        "https:///answers",
        "bridge.example/answers",
        "//bridge.example",
        "https://[::1",
        "https://bridge.example:99999/",
        "https://bridge.example:0/",
        "https://bridge.example:x/",
        "https://nawa:pass@bridge.example/",
        "https://nawa@127.0.0.1/",
        "https://bridge.example/#part",
        "https://bridge.example/a b",
        "https://bridge.example/\r\nX-Injected: 1",
        "https://bridge.example/\u0627",
        "https://br\u0456dge.example/",
    ],
)
def test_an_address_of_any_other_shape_is_not_called(url: str) -> None:
    error = error_of(lambda: get(url))
    assert (error.code, error.permanent) == ("bad_options", True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "198.18.0.1", "224.0.0.1", "224.0.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",
        "2002:7f00:1::1", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::127.0.0.1", "100::1",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_its_neighbours_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:2800:220:1::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_addresses_of_the_open_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_every_way_of_writing_this_machine_is_refused(there: Recorder, host: str) -> None:
    error = error_of(lambda: get(f"https://{host}:{there.port}/", STRICT))
    assert (error.code, error.permanent) == ("bad_options", True)
    assert "of this machine or of its own network" in error.words
    assert there.asked == []


@pytest.mark.parametrize("addresses", [("10.0.0.7",), ("93.184.216.34", "10.0.0.7"), ("::ffff:10.0.0.7",)])
def test_a_name_is_judged_by_all_its_addresses(monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]) -> None:
    resolving(monkeypatch, *addresses)
    assert error_of(lambda: get("https://bridge.example/", STRICT)).code == "bad_options"


def test_the_address_that_was_judged_is_the_one_that_is_called(
    there: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The name points elsewhere at every look: there is only one.
    looks: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        looks.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(looks) == 1 else "127.0.0.9", port))]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    get(f"http://bridge.example:{there.port}/")
    assert looks == ["bridge.example"]
    assert there.asked[0].headers["host"] == f"bridge.example:{there.port}"


def test_http_goes_to_this_machine_only(there: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert get(f"{there.url}/").status == 200
    resolving(monkeypatch, "192.168.7.7")
    assert "not https" in error_of(lambda: get("http://bridge.example/")).words
    resolving(monkeypatch, "93.184.216.34")
    assert "not https" in error_of(lambda: get("http://bridge.example/")).words
    assert "not https" in error_of(lambda: get("http://bridge.example/", STRICT)).words


def test_http_goes_elsewhere_where_the_operator_allows_it(there: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []
    monkeypatch.setattr("socket.socket.connect", lambda _, place: tried.append(place) or (_ for _ in ()).throw(OSError))
    resolving(monkeypatch, "93.184.216.34")
    assert error_of(lambda: get("http://bridge.example/", Rules(1.0, allow_http=True))).code == "unreachable"
    assert tried == [("93.184.216.34", 80)]
    resolving(monkeypatch, "127.0.0.1")
    assert error_of(lambda: get(f"{there.url}/", Rules(1.0, allow_http=True))).code == "bad_options"


@pytest.mark.parametrize("allowed", [False, "", "no", "false", None])
def test_a_channel_must_be_allowed_to_call_its_own_machine(there: Recorder, allowed: Any) -> None:
    channel = account(f"{there.url}/answers", options={"allow_private": allowed, "allow_http": True})
    error = error_of(lambda: Webhook(channel).reply(outgoing()))
    assert (error.code, error.permanent, there.asked) == ("bad_options", True, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(there: Recorder, status: int) -> None:
    with Recorder() as elsewhere:
        there.say = Told(status, headers={"location": f"{elsewhere.url}/"})
        assert get(f"{there.url}/").status == status
        assert "redirects are not followed" in error_of(lambda: Webhook(account(there.url)).reply(outgoing())).words
        assert elsewhere.asked == []


def test_no_proxy_is_asked(there: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    assert get(f"{there.url}/").status == 200


def test_no_error_tells_the_path_or_the_query(there: Recorder) -> None:
    there.say = Told(0, none=True)
    for url in (f"{there.url}/hidden?token=hidden", "http://127.0.0.1:9/hidden?token=hidden"):
        assert "hidden" not in str(error_of(lambda url=url: get(url, writing=True)))


# --- what was sent ----------------------------------------------------------------------------------------------------
def test_where_nobody_listens_nothing_was_sent() -> None:
    error = error_of(lambda: get(NOWHERE, writing=True))
    assert (type(error), error.code, error.permanent) == (PlatformError, "unreachable", False)
    assert error.retry_after


def test_a_name_without_an_address_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any, **__: Any) -> Any:
        raise OSError("Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    error = error_of(lambda: get("https://bridge.example/", STRICT, writing=True))
    assert (type(error), error.code) == (PlatformError, "unreachable")


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "..", ".", "a..b"])
def test_a_name_that_is_none_is_unreachable(host: str) -> None:
    assert error_of(lambda: get(f"https://{host}/")).code in {"unreachable", "bad_options"}


def test_the_next_address_is_tried_where_one_takes_nobody(there: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "127.0.0.2", "127.0.0.1")
    assert get(f"http://bridge.example:{there.port}/").status == 200


@pytest.mark.parametrize(
    "say",
    [
        Told(0, none=True),
        Told(200, b'{"id": "1"}', cut=True),
        Told(200, b"5\r\nab", {"transfer-encoding": "chunked", "content-length": "0"}),
        Told(200, b"zz\r\n", {"transfer-encoding": "chunked"}),
    ],
)
def test_what_breaks_off_is_unknown_if_something_was_written(there: Recorder, say: Told) -> None:
    there.say = say
    wrote, asked = (error_of(lambda writing=writing: get(there.url, writing=writing)) for writing in (True, False))
    assert (type(wrote), wrote.code) == (OutcomeUnknown, "outcome_unknown")
    assert (type(asked), asked.code) == (PlatformError, "unreachable")


@pytest.mark.parametrize("say", [Told(200, stall=30), Told(200, b" " * 1000, drip=0.05)])
def test_silence_and_a_trickle_are_given_up_on_in_time(there: Recorder, say: Told) -> None:
    there.say = say
    began = time.monotonic()
    error = error_of(lambda: get(there.url, Rules(0.4, allow_private=True), writing=True))
    assert isinstance(error, OutcomeUnknown)
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"[" * 60_000, b" " * 65_530 + b'{"id": "1"}', b"\xff"])
def test_a_body_that_is_no_object_of_reasonable_size_is_none(there: Recorder, body: bytes) -> None:
    there.say = Told(200, body)
    assert get(there.url) == Answer(200, "OK", get(there.url).headers, None)


# --- encryption -------------------------------------------------------------------------------------------------------
@pytest.fixture
def encrypted(there: Recorder, tmp_path: Path) -> tuple[Recorder, Path]:
    """The server behind a certificate of its own making for bridge.example, and the certificate's file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("bridge.example")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    there.encrypt(context)
    return there, certificate


def test_a_bridge_is_called_over_https(encrypted: tuple[Recorder, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    there, certificate = encrypted
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    resolving(monkeypatch, "127.0.0.1")
    assert get(f"https://bridge.example:{there.port}/answers", writing=True).told == {"id": "1"}
    assert there.asked[0].path == "/answers"


@pytest.mark.parametrize(("host", "trusted"), [("bridge.example", False), ("other.example", True)])
def test_nothing_is_sent_to_a_server_that_cannot_prove_its_name(
    encrypted: tuple[Recorder, Path], monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool
) -> None:
    there, certificate = encrypted
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate if trusted else certificate.with_name("none.pem")))
    resolving(monkeypatch, "127.0.0.1")
    error = error_of(lambda: get(f"https://{host}:{there.port}/", writing=True))
    assert (type(error), error.code, there.asked) == (PlatformError, "unreachable", [])
    assert "CERTIFICATE_VERIFY_FAILED" in error.words


def test_nothing_is_sent_to_a_server_that_does_not_encrypt(there: Recorder) -> None:
    error = error_of(lambda: get(there.url.replace("http:", "https:"), writing=True))
    assert (type(error), error.code, there.asked) == (PlatformError, "unreachable", [])


def test_a_port_that_is_the_schemes_own_is_not_named(there: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(webhook_wire.DEFAULT_PORTS, "http", there.port)
    get(f"{there.url}/?a=1")
    assert (there.asked[0].headers["host"], there.asked[0].path) == ("127.0.0.1", "/?a=1")
