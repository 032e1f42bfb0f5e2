"""Nothing comes in that our secret has not signed just now, and nobody learns more than that it did not."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ingest.platforms.base import Event, PlatformError
from ingest.platforms.webhook import signing as webhook_signing
from ingest.platforms.webhook.adapter import Webhook
from tests.platforms.fake_bridge.bridge import SECRET, digest, signature
from tests.platforms.test_webhook import account

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
BODY = json.dumps({"id": "e1", "type": "message.created", "message": {}}).encode()
OLD = "the secret of last year"


def take(header: str | None, body: bytes = BODY, *, secret: str = SECRET, previous: str = "") -> tuple[Event, ...]:
    """The events of the call."""
    headers = {} if header is None else {"Radd-Signature": header}
    adapter = Webhook(account(credentials={"secret": secret, "previous_secret": previous}))
    return adapter.events(headers, body, NOW)


def refusal(header: str | None, body: bytes = BODY) -> str:
    """The words by which the call is refused."""
    with pytest.raises(PlatformError) as error:
        take(header, body)
    assert (error.value.code, error.value.permanent) == ("bad_signature", True)
    return error.value.words


def test_a_call_signed_with_our_secret_is_taken() -> None:
    assert take(signature(SECRET, BODY, AT))


def test_the_signature_is_the_documented_one() -> None:
    # Made by OpenSSL, and shown in docs/generic-channel.md.
    body, told = b'{"id": "evt-1"}', "t=1795323600,v1=97a81080509e7533f5b21fdd616a3df0edef9a974bb49ff6ea0a8ee2db533713"
    assert webhook_signing.sign((b"a-secret-of-16-bytes-or-more",), body, 1795323600) == told


@pytest.mark.parametrize("name", ["radd-signature", "RADD-SIGNATURE", "Radd-Signature"])
def test_a_headers_name_is_read_in_any_case(name: str) -> None:
    assert Webhook(account()).events({name: signature(SECRET, BODY, AT)}, BODY, NOW)


@pytest.mark.parametrize("seconds", [0, 299, 300, -299, -300])
def test_five_minutes_either_way_are_taken(seconds: int) -> None:
    assert take(signature(SECRET, BODY, AT - seconds))


@pytest.mark.parametrize("seconds", [301, -301, 86_400, AT])
def test_an_older_or_newer_call_is_refused_as_a_replay(seconds: int) -> None:
    assert "away from our clock" in refusal(signature(SECRET, BODY, AT - seconds))


def test_the_time_is_signed_too() -> None:
    old = signature(SECRET, BODY, AT - 1000)
    assert "no v1 fits" in refusal(old.replace(str(AT - 1000), str(AT)))


@pytest.mark.parametrize(
    "body", [BODY + b" ", BODY.replace(b"e1", b"e2"), b"", json.dumps(json.loads(BODY), indent=1).encode()]
)
def test_the_bytes_are_signed_not_their_meaning(body: bytes) -> None:
    assert "no v1 fits" in refusal(signature(SECRET, BODY, AT), body)


def test_a_body_that_is_no_json_is_refused_for_its_signature_first() -> None:
    assert "no v1 fits" in refusal(signature("somebody else's secret", b"\xff{", AT), b"\xff{")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "v1=" + "0" * 64,
        f"t={AT}",
        f"t={AT},v1=",
        f"t={AT},v1=zz",
        f"t={AT},v1=é",
        f"t={AT},v1=\udcff",
        f"t=x,v1={'0' * 64}",
        f"t=-{AT},v1={'0' * 64}",
        f"t=²,v1={'0' * 64}",
        f"t={AT},t={AT},v1={'0' * 64}",
        f"t={'9' * 13},v1={'0' * 64}",
        f"t={AT},v2={digest(SECRET, str(AT), BODY)}",
        f"t={AT}," + ",".join(["v1=0"] * 9),
        "x" * 100_000,
        ",=,=,",
    ],
)
def test_a_header_in_any_other_shape_is_refused(header: str | None) -> None:
    assert refusal(header)


def test_a_digest_in_capitals_or_of_another_time_does_not_fit() -> None:
    assert refusal(signature(SECRET, BODY, AT).upper().replace("T=", "t=").replace("V1=", "v1="))
    assert refusal(f"t={AT},v1={digest(SECRET, str(AT + 1), BODY)}")


@pytest.mark.parametrize("order", [1, -1])
def test_one_right_signature_of_several_is_enough(order: int) -> None:
    parts = [f"v1={digest(OLD, str(AT), BODY)}", f"v1={digest(SECRET, str(AT), BODY)}"][::order]
    assert take(",".join([f"t={AT}", *parts]))


def test_unknown_schemes_are_passed_over() -> None:
    assert take(f"t={AT}, v9=abc, v1={digest(SECRET, str(AT), BODY)}, note=hello")


# --- a secret is replaced ---------------------------------------------------------------------------------------------
def test_while_a_secret_is_replaced_both_are_taken_and_afterwards_one() -> None:
    assert take(signature(OLD, BODY, AT), previous=OLD)
    assert take(signature(SECRET, BODY, AT), previous=OLD)
    assert refusal(signature(OLD, BODY, AT))


def test_while_a_secret_is_replaced_we_sign_with_both() -> None:
    header = webhook_signing.sign((SECRET.encode(), OLD.encode()), BODY, AT)
    assert header == f"t={AT},v1={digest(SECRET, str(AT), BODY)},v1={digest(OLD, str(AT), BODY)}"
    webhook_signing.check((OLD.encode(),), {"Radd-Signature": header}, BODY, NOW + timedelta(minutes=1))


def test_without_a_secret_nothing_is_taken() -> None:
    for secret in ("", "short"):
        with pytest.raises(PlatformError) as error:
            Webhook(account(credentials={"secret": secret})).events(
                {"Radd-Signature": signature(secret, BODY, AT)}, BODY, NOW
            )
        assert error.value.code == "bad_credentials"


def test_a_secret_in_any_script_signs() -> None:
    assert take(signature("سر بين جهازين اثنين", BODY, AT), secret="سر بين جهازين اثنين")


def test_no_refusal_tells_a_secret_or_the_right_signature() -> None:
    words = refusal(signature(SECRET, BODY, AT + 1000)) + refusal(f"t={AT},v1=00")
    assert SECRET not in words
    assert digest(SECRET, str(AT), BODY) not in words
