"""Strings to pull on a fake X that runs in another process: POST JSON to /_control/…

user     {"handle", "name"?, "followers"?, "hidden"?}          -> {"id"}
post     {"author", "text", "reply_to"?, "quotes"?, "note"?…}  -> {"id"}
edit     {"id", "text"}                                        -> {"id"}   the new version's
delete   {"id"}          hold {"id"}        release {"id"}     repeat {"id"}
fault    {"kind", "on"?, "applied"?, "times"?, "seconds"?, "reset"?}
message  {"author", "text"}                                    -> {"id"}   a direct message to the brand
cut      {}                                                    every open stream ends
settings {"spelling"?, "plan"?, "page_cap"?, "keep_alive"?}
GET posts: all of them. GET breaches: where a request or an answer broke X's OpenAPI files. GET calls: their number.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.platforms.fake_x.server import FakeX

Json = dict[str, Any]


def handle(fake: FakeX, method: str, path: str, body: Any) -> tuple[int, Json]:
    """Pull one string."""
    verb = path.removeprefix("/_control/")
    try:
        return 200, _look(fake, verb) if method == "GET" else _pull(fake, verb, dict(body or {}))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}


def _look(fake: FakeX, verb: str) -> Json:
    with fake.world.lock:
        if verb == "posts":
            shown = [post for post in fake.world.posts.values() if not (post.deleted or post.held)]
            return {"posts": [_brief(post) for post in shown]}
    looks: Json = {"breaches": fake.breaches, "calls": len(fake.calls)}
    return {verb: looks[verb]}


def _brief(post: Any) -> Json:
    return {
        "id": post.id,
        "author": post.author.handle,
        "text": post.note or post.text,
        "reply_to": post.reply_to,
        "conversation_id": post.conversation_id,
    }


def _pull(fake: FakeX, verb: str, told: Json) -> Json:
    world = fake.world
    if verb == "user":
        return {"id": world.user(**told).id}
    if verb == "post":
        if "at" in told:
            told["at"] = datetime.fromisoformat(told["at"])
        return {"id": world.post(**told).id}
    if verb == "edit":
        return {"id": world.edit(told["id"], told["text"]).id}
    if verb == "message":
        told = fake.activity.message(world.user(told["author"]), told["text"])["data"]["payload"]
        return {"id": f"dm-{told['direct_message_events'][0]['id']}"}
    if verb == "cut":
        fake.activity.cut()
    elif verb == "fault":
        fake.fault(**told)
    elif verb == "settings":
        fake.spelling = told.get("spelling", fake.spelling)
        fake.api.plan = told.get("plan", fake.api.plan)
        fake.activity.keep_alive = told.get("keep_alive", fake.activity.keep_alive)
        fake.api.page_cap = int(told.get("page_cap", fake.api.page_cap))
    else:
        changes = {"delete": "deleted", "hold": "held", "release": "held", "repeat": "repeated"}
        setattr(world.posts[told["id"]], changes[verb], verb != "release")
    return {}
