"""The fake X's posts and users as X writes them in JSON, in the old field names or the new ones."""

import html
import re
from datetime import timedelta
from typing import Any

from tests.platforms.fake_x.world import NAMED, REMOVED, FakePost, FakeUser, World

Json = dict[str, Any]

# What X 2.167 calls things, by what 2.166 calls them.
NEW_NAMES = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
    "tweets": "posts",
}
DEFAULT_FIELDS = {"id", "text", "edit_history_tweet_ids"}
CUT = 275
PROBLEMS = "https://api.twitter.com/2/problems/"
NEW_PROBLEMS = "https://api.x.com/2/problems/"


def renamed(node: Any) -> Any:
    """The same answer in the names of 2.167."""
    if isinstance(node, list):
        return [renamed(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    new = {NEW_NAMES.get(key, key): renamed(inner) for key, inner in node.items()}
    if str(new.get("type", "")).startswith(PROBLEMS):
        new["type"] = new["type"].replace(PROBLEMS, NEW_PROBLEMS)
    if new.get("type") == f"{NEW_PROBLEMS}invalid-request":
        # 2.167 has one such problem an answer, where 2.166 has a list of them.
        (first, *_) = new.pop("errors")
        ((parameter, values),) = first["parameters"].items()
        new |= {"detail": first["message"], "parameter": parameter, "value": values[0]}
    return new


def in_old_names(query: dict[str, str]) -> dict[str, str]:
    """A query in the names of 2.167 as 2.166 would have asked it."""
    if "post.fields" not in query:
        return query
    back = {new: old for old, new in NEW_NAMES.items()} | {"referenced_posts": "referenced_tweets.id"}
    expansions = query.get("expansions", "").split(",")
    names = {"author_id": "author_id", "edit_history_post_ids": "", "in_reply_to_user_id": "in_reply_to_user_id"}
    fields = [back.get(name, name) for name in query["post.fields"].split(",")]
    fields += [names[name] for name in expansions if names.get(name)]
    fields += ["referenced_tweets"] if "referenced_posts" in expansions else []
    kept = [back.get(name, name) for name in expansions if name not in {"edit_history_post_ids", "in_reply_to_user_id"}]
    rest = {name: value for name, value in query.items() if name != "post.fields"}
    return {**rest, "tweet.fields": ",".join(fields), "expansions": ",".join(kept)}


def page(world: World, posts: list[FakePost], query: dict[str, str]) -> Json:
    """`data`, `includes` and `errors` of a list of posts, with what the query asks for and nothing else."""
    query = in_old_names(query)
    fields = DEFAULT_FIELDS | set(filter(None, query.get("tweet.fields", "").split(",")))
    expansions = set(query.get("expansions", "").split(","))
    answer: Json = {"data": [_changed(post, _post(post, fields, world)) for post in posts]}
    includes: Json = {}
    errors: list[Json] = []
    if "author_id" in expansions:
        authors = {post.author.id: post.author for post in posts}.values()
        includes["users"] = [user_json(user, query) for user in authors if not user.hidden]
        errors += [_hidden(user) for user in authors if user.hidden]
    if "attachments.media_keys" in expansions:
        asked = {"media_key", "type", *query.get("media.fields", "").split(",")}
        every = [media for post in posts for media in post.media]
        includes["media"] = [{key: value for key, value in media.items() if key in asked} for media in every]
    if "attachments.poll_ids" in expansions:
        asked = {"id", "options", *query.get("poll.fields", "").split(",")}
        polls = [post.poll for post in posts if post.poll]
        includes["polls"] = [{key: value for key, value in poll.items() if key in asked} for poll in polls]
    if "referenced_tweets.id" in expansions:
        ids = dict.fromkeys(i for post in posts for i in (post.reply_to, post.quotes, post.reposts) if i)
        known = {i: world.visible(i) for i in ids}
        includes["tweets"] = [_post(found, fields, world) for found in known.values() if found]
        errors += [_missing(post_id) for post_id, found in known.items() if not found]
    answer["includes"] = {name: entries for name, entries in includes.items() if entries}
    answer["errors"] = errors
    return {key: value for key, value in answer.items() if value}


def user_json(user: FakeUser, query: dict[str, str]) -> Json:
    """A user with the fields asked for."""
    full: Json = {
        "id": user.id,
        "name": user.name,
        "username": user.handle,
        "profile_image_url": f"https://pbs.twimg.com/profile_images/{user.id}/face_normal.jpg",
        "public_metrics": {
            "followers_count": user.followers, "following_count": 3, "tweet_count": 7, "listed_count": 0,
        },
        "verified": False,
        "verified_type": "none",
    }  # fmt: skip
    asked = {"id", "name", "username", *query.get("user.fields", "").split(",")}
    return {key: value for key, value in full.items() if key in asked}


def _post(post: FakePost, fields: set[str], world: World) -> Json:
    points = {"retweeted": post.reposts, "quoted": post.quotes, "replied_to": post.reply_to}
    parent = world.visible(post.reply_to)
    full: Json = {
        "id": post.id,
        "text": escaped(post.note[:CUT] + "…" if post.note else post.text),
        "edit_history_tweet_ids": post.history,
        "author_id": post.author.id,
        "conversation_id": post.conversation_id,
        "created_at": _stamp(post),
        "lang": post.lang,
        "entities": _entities(post, world),
        "in_reply_to_user_id": parent.author.id if parent else None,
        "referenced_tweets": [{"type": kind, "id": post_id} for kind, post_id in points.items() if post_id],
        "attachments": _attachments(post),
        "edit_controls": {
            "edits_remaining": 6 - len(post.history),
            "is_edit_eligible": not post.reply_to,
            "editable_until": (post.at + timedelta(minutes=60)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        },
        "note_tweet": {"text": escaped(post.note)} if post.note else None,
        "public_metrics": {
            "retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 0, "bookmark_count": 0,
            "impression_count": 99,
        },
    }  # fmt: skip
    # X leaves out what is empty. The text is never left out.
    return {key: value for key, value in full.items() if key in fields and (value or key == "text")}


def _attachments(post: FakePost) -> Json:
    media = {"media_keys": [media["media_key"] for media in post.media]} if post.media else {}
    return {**media, **({"poll_ids": [post.poll["id"]]} if post.poll else {})}


def _changed(post: FakePost, told: Json) -> Json:
    return {key: value for key, value in {**told, **post.changes}.items() if value is not REMOVED}


def _stamp(post: FakePost) -> str:
    return post.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{post.at.microsecond // 1000:03d}Z"


def escaped(text: str) -> str:
    """As X writes a text."""
    return html.escape(text, quote=False)


def _entities(post: FakePost, world: World) -> Json:
    handles = {user.handle.lower(): user for user in world.users.values()}
    names = [match for match in NAMED.finditer(post.text) if match[1].lower() in handles]
    mentions = [{"start": m.start(), "end": m.end(), "username": m[1], "id": handles[m[1].lower()].id} for m in names]
    urls = [
        {"start": match.start(), "end": match.end(), **link}
        for link in post.links
        if (match := re.search(re.escape(link["url"]), post.text))
    ]
    return {key: found for key, found in (("mentions", mentions), ("urls", urls)) if found}


def _missing(post_id: str) -> Json:
    return not_found(post_id, "referenced_tweets.id")


def not_found(post_id: str, parameter: str) -> Json:
    """A post that was asked for, or pointed to, and is gone."""
    return {
        "title": "Not Found Error",
        "type": f"{PROBLEMS}resource-not-found",
        "detail": f"Could not find tweet with {parameter}: [{post_id}].",
        "parameter": parameter,
        "resource_id": post_id,
        "resource_type": "tweet",
        "value": post_id,
    }


def not_allowed(post_id: str) -> Json:
    """A post that was asked for and is kept from us: its author is protected or suspended, or has blocked us."""
    return {
        "title": "Authorization Error",
        "type": f"{PROBLEMS}not-authorized-for-resource",
        "detail": f"Sorry, you are not authorized to see the Tweet with ids: [{post_id}].",
        "parameter": "ids",
        "resource_id": post_id,
        "resource_type": "tweet",
        "section": "data",
        "value": post_id,
    }


def _hidden(user: FakeUser) -> Json:
    return {
        "title": "Authorization Error",
        "type": f"{PROBLEMS}not-authorized-for-resource",
        "detail": f"Sorry, you are not authorized to see the user with author_id: [{user.id}].",
        "parameter": "author_id",
        "resource_id": user.id,
        "resource_type": "user",
        "section": "includes",
        "value": user.id,
    }
