"""X calling us: the proof that the address is ours, the proof that it is X, and what a call holds."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from ingest.platforms.base import Event, Json, PlatformError
from ingest.platforms.told import clean
from ingest.platforms.x.activity import is_for, key_of, told_at

SIGNATURE = "x-twitter-webhooks-signature"
# X signs no time. It tells what has just happened, and for a day what it could not tell: older ones are replayed.
OLDEST = timedelta(hours=25)
LONGEST_TOKEN = 1000


def challenge(secret: str, query: Mapping[str, str]) -> Json | None:
    """The answer to X's question (`crc_token`) whether we know the app's secret; None where it asks nothing."""
    token = query.get("crc_token", "")
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return {"response_token": _signed(secret, token.encode())}


def events(secret: str, user_id: str, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Event, ...]:
    """What a call holds that is for this account. The signature is that of the bytes as they came.

    Raises PlatformError: `bad_signature`; `replayed` where it is old; `bad_payload` where it is signed and no JSON.
    """
    given = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
    if not hmac.compare_digest(_signed(secret, body).encode(), given.strip().encode()):
        raise PlatformError("bad_signature", "The call is not signed by X", permanent=True)
    told = [event for event in _read(body) if is_for(event, user_id)]
    if any((at := told_at(event)) is not None and at < now - OLDEST for event in told):
        raise PlatformError("replayed", "The call tells of what happened long ago", permanent=True)
    return tuple({(event := _event(item)).key: event for item in told}.values())


def _event(told: Json) -> Event:
    if told.get("event_uuid"):
        return Event(key_of(told), told)
    # Never seen; by what it holds it is still the same event when it comes again.
    return Event(sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(), told)


def _read(body: bytes) -> list[Json]:
    try:
        told = clean(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise PlatformError("bad_payload", f"{type(error).__name__}", permanent=True) from error
    data = told.get("data") if isinstance(told, dict) else None
    listed = data if isinstance(data, list) else [data]
    return [event for event in listed if isinstance(event, dict)]


def _signed(secret: str, told: bytes) -> str:
    if not secret:
        raise PlatformError("bad_credentials", "Webhooks need the app's consumer_secret", permanent=True)
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), told, sha256).digest()).decode()
