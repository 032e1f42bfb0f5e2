"""The operations of the fake X around what it pushes, and its direct messages."""

import re
from typing import Any

from tests.platforms.fake_x import faults, inbox
from tests.platforms.fake_x.activity import Activity
from tests.platforms.fake_x.world import BRAND

Json = dict[str, Any]
Answer = tuple[int, Json]
MESSAGES = re.compile(r"/2/dm_conversations/with/(\d+)/(messages|dm_events)")
GROUP = re.compile(r"/2/dm_conversations/(\d+)/(messages|dm_events)")
APP_ALONE = {"/2/tweets/search/stream/rules", "/2/webhooks"}


def call(activity: Activity, caller: str, method: str, path: str, query: dict[str, str], body: Any) -> Answer | None:
    """Do what is asked; None where it is none of these operations."""
    match = MESSAGES.fullmatch(path)
    if match:
        if caller != "user":
            return faults.APP_ONLY
        if match[2] == "messages":
            return _write(activity, match[1], body)
        return inbox.listed(inbox.between(activity.world, match[1]), activity.world, query)
    if path == "/2/dm_events" or (match := GROUP.fullmatch(path)):
        if caller != "user":
            return faults.APP_ONLY
        return inbox.call(activity.world, method, match[1] if match else "", query, body)
    if path in APP_ALONE and caller != "app":
        return faults.USER_ONLY
    if path == "/2/tweets/search/stream/rules":
        rules = {"data": activity.rules} if activity.rules else {}
        meta = {"sent": "2026-11-21T10:00:00.000Z", "result_count": len(activity.rules)}
        return (200, {**rules, "meta": meta}) if method == "GET" else (200, activity.change_rules(body))
    if path == "/2/activity/subscriptions":
        return _subscriptions(activity, caller, method, body)
    if (method, path) == ("POST", "/2/webhooks"):
        made = activity.register(body["url"])
        return (200, made) if made else faults.REFUSALS["crc_failed"]
    return None


def reshaped(path: str, status: int, told: Json) -> Json:
    """The answer as 2.167 has it, where that is more than other names of fields."""
    if path == "/2/webhooks" and status == 200:
        return {"data": told}
    if path == "/2/activity/subscriptions":
        return {key: value for key, value in told.items() if key != "meta"}
    if path == "/2/tweets/search/stream/rules" and "sent" in told.get("meta", {}) and "summary" not in told["meta"]:
        return {**told, "meta": {"result_count": told["meta"]["result_count"]}}
    return told


def _subscriptions(activity: Activity, caller: str, method: str, body: Any) -> Answer:
    if method == "GET":
        known = activity.subscriptions
        return 200, {"data": known, "meta": {"result_count": len(known)}} if known else {"meta": {"result_count": 0}}
    if caller != "user":
        return faults.APP_ONLY
    made = activity.subscribe(body)
    return (200, {"data": {"subscription": made}}) if made else faults.REFUSALS["not_offered"]


def _write(activity: Activity, to: str, body: Json) -> Answer:
    world = activity.world
    if to not in world.users:
        return faults.REFUSALS["forbidden_dm"]
    ids = [attached["media_id"] for attached in body.get("attachments", [])]
    shown = activity.media.attached(ids, "dm_image") if activity.media else []
    if shown is None:
        return faults.problem(400, "Invalid Request", "Your media IDs are invalid.")
    link = f" https://t.co/{abs(hash(shown[0].id)) % 10**10:010d}" if shown else ""
    return 201, {"data": world.message(BRAND.id, to, body["text"] + link)}
