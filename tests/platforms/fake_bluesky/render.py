"""The fake Bluesky's posts as its AppView tells them."""

from tests.platforms.fake_bluesky.faults import Json
from tests.platforms.fake_bluesky.world import FakeAccount, FakePost, World

DEFS = "app.bsky.feed.defs"
CDN = "https://cdn.fake.test/img"


def profile(account: FakeAccount, *, viewer: FakeAccount | None = None, full: bool = False) -> Json:
    """As in views; `full` as getProfile gives it."""
    told: Json = {
        "did": account.did,
        "handle": account.handle,
        "displayName": account.name,
        "avatar": f"{CDN}/avatar/plain/{account.did}@jpeg",
    }
    if viewer:
        told["viewer"] = {"muted": False, "blockedBy": viewer.did in account.blocks}
    return {**told, "followersCount": account.followers} if full else told


def notification(post: FakePost, reason: str) -> Json:
    """`indexedAt` is what the list is sorted by, not when the post was indexed."""
    return {
        "uri": post.uri,
        "cid": post.cid,
        "author": profile(post.author),
        "reason": reason,
        "record": post.record,
        "isRead": False,
        "indexedAt": _time(post),
        "labels": [],
    }


def view(world: World, post: FakePost, viewer: FakeAccount) -> Json:
    """A post view."""
    answers = [other for other in world.posts.values() if _parent(other) == post.uri]
    told: Json = {
        "uri": post.uri,
        "cid": post.cid,
        "author": profile(post.author, viewer=viewer),
        "record": post.record,
        "likeCount": 3,
        "repostCount": 1,
        "replyCount": len(answers),
        "quoteCount": 0,
        "indexedAt": _time(post),
        "viewer": {"threadMuted": False},
        "labels": [],
    }
    root = world.posts.get(post.record.get("reply", {}).get("root", {}).get("uri", post.uri), post)
    if root.closed and root.author is not viewer:
        told["viewer"]["replyDisabled"] = True
    embed = post.record.get("embed", {})
    if embed.get("$type") == "app.bsky.embed.images":
        images = [_image(post, image) for image in embed["images"]]
        told["embed"] = {"$type": "app.bsky.embed.images#view", "images": images}
    return told


def tree(world: World, uri: str, viewer: FakeAccount, depth: int, height: int) -> Json:
    """A thread view: the post, `height` posts above it and `depth` floors below."""
    post = world.posts.get(uri)
    if post is None:
        return {"$type": f"{DEFS}#notFoundPost", "uri": uri, "notFound": True}
    if world.hidden(post, viewer):
        return {"$type": f"{DEFS}#blockedPost", "uri": uri, "blocked": True, "author": {"did": post.author.did}}
    told: Json = {"$type": f"{DEFS}#threadViewPost", "post": view(world, post, viewer)}
    if height and (parent := _parent(post)):
        told["parent"] = tree(world, parent, viewer, 0, height - 1)
    if depth:
        below = [other.uri for other in world.posts.values() if _parent(other) == uri]
        told["replies"] = [tree(world, one, viewer, depth - 1, 0) for one in below]
    return told


def _image(post: FakePost, image: Json) -> Json:
    cid = image["image"]["ref"]["$link"]
    where = f"plain/{post.author.did}/{cid}@jpeg"
    return {"alt": image["alt"], "thumb": f"{CDN}/thumb/{where}", "fullsize": f"{CDN}/full/{where}"}


def _parent(post: FakePost) -> str:
    return str(post.record.get("reply", {}).get("parent", {}).get("uri", ""))


def _time(post: FakePost) -> str:
    return post.sorts_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
