"""What the fake server's people and posts look like in JSON, and what their words look like in HTML."""

import html
import re
from datetime import datetime
from typing import Any

from tests.platforms.fake_mastodon.world import BRAND, NAMED, FakeStatus, FakeUser, Told, World

Json = dict[str, Any]
LINK = re.compile(r"https?://\S+")


def stamp(at: datetime) -> str:
    """A time as these servers write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def user_json(user: FakeUser) -> Json:
    """An account."""
    return {
        "id": user.id,
        "username": user.username,
        "acct": user.acct,
        "display_name": user.name,
        "url": user.url,
        "avatar": f"https://files.example/{user.username}.png",
        "followers_count": user.followers,
    }


def status_json(world: World, status: FakeStatus) -> Json:
    """A status as the brand sees it."""
    parent = world.statuses.get(status.reply_to)
    named = [{"id": u.id, "username": u.username, "acct": u.acct, "url": u.url} for u in world.named(status)]
    return {
        "id": status.id,
        "created_at": stamp(status.at),
        "in_reply_to_id": status.reply_to or None,
        "in_reply_to_account_id": parent.author.id if parent else None,
        "sensitive": bool(status.warning),
        "spoiler_text": status.warning,
        "visibility": status.visibility,
        "language": status.language,
        "uri": f"{status.author.url}/{status.id}",
        "url": f"{status.author.url}/{status.id}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "edited_at": stamp(status.edited_at) if status.edited_at else None,
        "content": status.html or content(world, status),
        "reblog": None,
        "account": user_json(status.author),
        "media_attachments": status.media,
        "mentions": named,
        "poll": None,
        **status.changes,
    }


def told_json(world: World, told: Told) -> Json:
    """A notification."""
    return {
        "id": told.id,
        "type": told.kind,
        "created_at": stamp(told.at),
        "account": user_json(told.status.author),
        "status": status_json(world, told.status),
    }


def payload(world: World, event: str, told: Any) -> Any:
    """What a stream's event holds, before it is made text."""
    if event == "notification":
        return told_json(world, told)
    return status_json(world, told) if event in {"status.update", "status_update", "update"} else told


def content(world: World, status: FakeStatus) -> str:
    """HTML as Mastodon makes it: hosts cut off names, links in three pieces of which one is shown."""
    words = html.escape(status.text, quote=False)
    if not status.plain:
        words = re.sub(r"\*(.+?)\*", r"<em>\1</em>", words)
    words = LINK.sub(lambda match: _link(match[0]), words)
    words = NAMED.sub(lambda match: _name(world, match), words)
    words = re.sub(
        r"(?<![\w&/])#(\w+)", r'<a href="https://nawa.example/tags/\1" class="hashtag">#<span>\1</span></a>', words
    )
    paragraphs = [part.replace("\n", "<br />") for part in words.split("\n\n")]
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def _link(address: str) -> str:
    scheme, _, rest = address.partition("://")
    shown, hidden = rest[:30], rest[30:]
    return (
        f'<a href="{address}" rel="nofollow noopener"><span class="invisible">{scheme}://</span>'
        f'<span class="ellipsis">{shown}</span><span class="invisible">{hidden}</span></a>'
    )


def _name(world: World, match: re.Match[str]) -> str:
    named = world.named(FakeStatus("", BRAND, match[0], datetime.min))  # noqa: DTZ901 - never shown
    if not named:
        return match[0]
    return (
        f'<span class="h-card"><a href="{named[0].url}" class="u-url mention">'
        f"@<span>{named[0].username}</span></a></span>"
    )
