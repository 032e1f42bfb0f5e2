"""Answers of ours on their way to a bridge, and what the bridge says to them."""

import base64
import json
import time
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from ingest.platforms.base import Account, Json, OutcomeUnknown, Outgoing, PlatformError, Sent
from ingest.platforms.webhook.fields import Fields, Wrong, clean, is_link
from ingest.platforms.webhook.wire import Answer

# Asked to wait without being told how long.
RATE_WAIT = 60.0
DOWN_WAIT = 60.0
# What is being worked on is soon done.
BUSY_WAIT = 15.0
LONGEST_WAIT = 86_400.0
# Clocks differ: our own answer may carry a time a little before we began to send it.
LOOK_BACK = timedelta(minutes=2)
LONGEST_ID = 512
WORDS_KEPT = 500


def answer_body(outgoing: Outgoing, account: Account) -> bytes:
    """The JSON that is posted: the same bytes at every attempt."""
    data = outgoing.parent_raw.get("data")
    told = {
        "type": "answer",
        "key": outgoing.key,
        "text": outgoing.text,
        "lang": outgoing.lang,
        "first_tried_at": outgoing.first_tried_at.isoformat(),
        "account": {"id": account.external_id, "handle": account.handle},
        "in_reply_to": {
            "id": outgoing.parent_id,
            "root_id": outgoing.root_id,
            "thread_id": outgoing.conversation_key,
            "kind": outgoing.kind.value,
            "author_handle": outgoing.to_handle,
            "data": data if isinstance(data, dict) else {},
        },
        "images": [
            {"media_type": image.media_type, "alt": image.alt, "base64": base64.b64encode(image.content).decode()}
            for image in outgoing.images
        ],
    }
    return json.dumps(clean(told), ensure_ascii=False).encode()


def read_sent(answer: Answer, outgoing: Outgoing) -> Sent:
    """Where the answer ended up, by what the bridge said to its POST. Raises PlatformError, OutcomeUnknown."""
    success = 200 <= answer.status < 300
    if success or answer.status == HTTPStatus.CONFLICT:
        if sent := _told_sent(answer):
            return sent
        if answer.status == HTTPStatus.ACCEPTED:
            return Sent(outgoing.key)
        words = "The bridge said yes but gave no id" if success else words_of(answer)
        raise OutcomeUnknown("outcome_unknown", words, retry_after=DOWN_WAIT if success else BUSY_WAIT)
    raise refusal(answer, writing=True)


def read_found(answer: Answer, outgoing: Outgoing) -> Sent | None:
    """The answer that the bridge has under this key, by what it said to a GET. Raises PlatformError."""
    if answer.status == HTTPStatus.NOT_FOUND:
        return None
    if not 200 <= answer.status < 300:
        raise refusal(answer, writing=False)
    sent = _told_sent(answer) or (Sent(outgoing.key) if answer.status == HTTPStatus.ACCEPTED else None)
    if sent is None:
        raise PlatformError("garbled_answer", "The bridge knows the answer but gave no id", retry_after=DOWN_WAIT)
    try:
        posted_at = Fields(answer.told or {}).moment("posted_at")
    except Wrong as error:
        raise PlatformError("garbled_answer", str(error), retry_after=DOWN_WAIT) from error
    # A bridge that has given the key to something older has mixed up its keys: that is not our answer.
    return None if posted_at and posted_at < outgoing.first_tried_at - LOOK_BACK else sent


def refusal(answer: Answer, *, writing: bool) -> PlatformError:
    """What an answer other than yes means."""
    status, words = answer.status, words_of(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return PlatformError("rate_limited", words, retry_after=wait_of(answer.headers, RATE_WAIT))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        # By contract nothing was done.
        return PlatformError("platform_down", words, retry_after=wait_of(answer.headers, DOWN_WAIT))
    if status >= 500 or status == HTTPStatus.REQUEST_TIMEOUT:
        wait = wait_of(answer.headers, DOWN_WAIT)
        kind, code = (OutcomeUnknown, "outcome_unknown") if writing else (PlatformError, "platform_down")
        return kind(code, words, retry_after=wait)
    if 300 <= status < 400:
        words = f"{words}: redirects are not followed, enter the address it leads to"
        return PlatformError("bad_options", words, permanent=True)
    codes = {401: "bad_credentials", 403: "bad_credentials", 410: "gone", 413: "too_long"}
    return PlatformError(codes.get(status, "rejected"), words, permanent=True)


def words_of(answer: Answer) -> str:
    """What the bridge said for a person to read, else the status."""
    error = (answer.told or {}).get("error")
    told = error.get("message") if isinstance(error, dict) else error
    words = told if isinstance(told, str) and told.strip() else f"{answer.status} {answer.reason}"
    return str(clean(words))[:WORDS_KEPT]


def wait_of(headers: Mapping[str, str], usual: float) -> float:
    """Seconds of a Retry-After, which are seconds or a date; within a day."""
    told = headers.get("retry-after", "").strip()
    try:
        wait = (
            float(told) if told.isascii() and told.isdigit() else parsedate_to_datetime(told).timestamp() - time.time()
        )
    except (OverflowError, TypeError, ValueError):
        return usual
    return min(max(wait, 1.0), LONGEST_WAIT)


def _told_sent(answer: Answer) -> Sent | None:
    told: Json = clean(answer.told or {})
    external_id, url = told.get("id"), told.get("url")
    if not isinstance(external_id, str) or not 0 < len(external_id.strip()) <= LONGEST_ID:
        return None
    return Sent(external_id, url if isinstance(url, str) and is_link(url) else "", raw=told)
