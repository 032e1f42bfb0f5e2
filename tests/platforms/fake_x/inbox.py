"""The fake X's lists of direct messages: all of the brand's, those with one person, those of a group."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.platforms.fake_x import faults, render
from tests.platforms.fake_x.world import BRAND, World

Json = dict[str, Any]
Answer = tuple[int, Json]
# X lists no more of the past.
KEPT = timedelta(days=30)


def call(world: World, method: str, group: str, query: dict[str, str], body: Any) -> Answer:
    """`group`: the id of a group's conversation, empty for the list of all."""
    told = [message for message in world.messages if not group or message.get("group") == group]
    if method == "GET":
        return listed(told, world, query)
    if not told:
        return faults.REFUSALS["forbidden_dm"]
    return 201, {"data": world.message(BRAND.id, "", body["text"], group=group)}


def between(world: World, other: str) -> list[Json]:
    """The messages of the brand and one person."""
    return [message for message in world.messages if {message["from"], message["to"]} == {other, BRAND.id}]


def listed(messages: list[Json], world: World, query: dict[str, str]) -> Answer:
    """Newest first, by pages."""
    since = datetime.now(UTC) - KEPT
    known = sorted((m for m in messages if m["at"] >= since), key=lambda m: int(m["id"]), reverse=True)
    token = query.get("pagination_token", "")
    if token and (len(token) < 16 or not token.rpartition("-")[2].isdecimal()):
        return faults.problem(400, "Invalid Request", "The `pagination_token` query parameter value is not valid")
    below = [m for m in known if not token or int(m["id"]) < int(token.rpartition("-")[2])]
    shown = below[: min(int(query.get("max_results", "100")), world.message_cap)]
    meta: Json = {"result_count": len(shown)}
    if len(below) > len(shown):
        meta["next_token"] = f"0000000000000000-{shown[-1]['id']}"
    data = [_event(message, query) for message in shown]
    users = {m["from"]: world.users[m["from"]] for m in shown if m["from"] in world.users}
    includes = {"users": [render.user_json(user, query) for user in users.values()]} if users else {}
    asked = "sender_id" in query.get("expansions", "")
    return 200, {
        **({"data": data} if data else {}),
        **({"includes": includes} if asked and users else {}),
        "meta": meta,
    }


def _event(message: Json, query: dict[str, str]) -> Json:
    pair = "-".join(sorted((message["from"], message["to"] or BRAND.id), key=int))
    full = {
        "id": str(message["id"]),
        "event_type": "MessageCreate",
        "text": render.escaped(message["text"]),
        "sender_id": message["from"],
        "dm_conversation_id": message.get("group") or pair,
        "created_at": message["at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    asked = {"id", "event_type", "text", *query.get("dm_event.fields", "").split(",")}
    if "sender_id" in query.get("expansions", ""):
        asked.add("sender_id")
    return {name: value for name, value in full.items() if name in asked}
