"""Answers to direct messages of the old, unencrypted kind."""

from datetime import datetime, timedelta
from urllib.parse import quote

from ingest.platforms.base import Json, OutcomeUnknown, Outgoing, PlatformError, Sent
from ingest.platforms.told import clean, clean_text
from ingest.platforms.x import media as x_media
from ingest.platforms.x.activity import LEGACY_DM
from ingest.platforms.x.calls import Calls
from ingest.platforms.x.parse import NOT_UNDERSTOOD, SITE, unescaped
from ingest.platforms.x.prices import DM_CREATE

# X lists the last 30 days of a conversation, a hundred a page; an answer of ours is among the newest.
MOST_PAGES = 5
ASKED = {"dm_event.fields": "created_at,event_type,id,text", "expansions": "sender_id", "max_results": 100}


def is_message(outgoing: Outgoing) -> bool:
    """Whether it answers a direct message."""
    return bool(outgoing.parent_raw.get(LEGACY_DM))


def send(calls: Calls, outgoing: Outgoing) -> Sent:
    """Write to the one who wrote. Raises PlatformError, OutcomeUnknown."""
    body: Json = {"text": clean_text(outgoing.text)}
    if outgoing.images:
        body["attachments"] = [{"media_id": i} for i in x_media.ready(calls, outgoing, x_media.DM_IMAGE)]
    try:
        answer = calls.post(f"{_path(outgoing)}/messages", body)
    except PlatformError as error:
        code = {"forbidden": "not_allowed", "not_found": "gone"}.get(error.code)
        if code:
            raise PlatformError(code, error.words, permanent=True) from error
        raise
    created = answer.get("data")
    if not isinstance(created, dict) or not created.get("dm_event_id"):
        raise OutcomeUnknown("outcome_unknown", "X said yes but gave no id", retry_after=60)
    return _sent(outgoing, str(created["dm_event_id"]))


def find(calls: Calls, outgoing: Outgoing, look_back: timedelta) -> Sent | None:
    """Our own message in that conversation, if an earlier attempt did get through."""
    since, token = outgoing.first_tried_at - look_back, ""
    for _ in range(MOST_PAGES):
        answer = clean(calls.get(f"{_path(outgoing)}/dm_events", {**ASKED, "pagination_token": token}, as_us=True))
        for told in answer.get("data") or ():
            if _is_it(told, outgoing, calls.account.external_id, since):
                return _sent(outgoing, str(told["id"]))
        meta = answer.get("meta")
        token = str(meta.get("next_token") or "") if isinstance(meta, dict) else ""
        if not token:
            break
    return None


def _is_it(told: Json, outgoing: Outgoing, us: str, since: datetime) -> bool:
    try:
        words = x_media.is_copy(outgoing, unescaped(str(told.get("text") or "")))
        return words and str(told.get("sender_id")) == us and datetime.fromisoformat(told["created_at"]) >= since
    except NOT_UNDERSTOOD:
        return False


def _path(outgoing: Outgoing) -> str:
    """The conversation with the one who wrote; a group's by its own id."""
    told = outgoing.parent_raw
    group = str(told.get("dm_conversation_id") or "")
    if group.isdecimal():
        return f"/2/dm_conversations/{group}"
    try:
        sender = str(told["sender_id"] if "sender_id" in told else told["message_create"]["sender_id"])
    except NOT_UNDERSTOOD as error:
        raise PlatformError("gone", "The message does not tell who sent it", permanent=True) from error
    return f"/2/dm_conversations/with/{quote(sender, safe='')}"


def _sent(outgoing: Outgoing, event_id: str) -> Sent:
    conversation = outgoing.conversation_key.removeprefix("dm-")
    return Sent(f"dm-{event_id}", f"{SITE}/messages/{conversation}", charged={DM_CREATE: 1})
