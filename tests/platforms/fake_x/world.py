"""Who is on the fake X, and what they have posted."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

EPOCH_MS = 1_288_834_974_657
# In a post's changes: leave this field out of the answer.
REMOVED = object()
NAMED = re.compile(r"@(\w+)")


@dataclass
class FakeUser:
    """`hidden`: X names the id and keeps the rest to itself, as with suspended and protected accounts."""

    id: str
    handle: str
    name: str = ""
    followers: int = 10
    hidden: bool = False


BRAND = FakeUser("2244994945", "NasimAir", "Nasim Air", followers=51_000)


@dataclass
class FakePost:
    """One version of a post. `history` holds the ids of all its versions, oldest first."""

    id: str
    author: FakeUser
    text: str
    at: datetime
    conversation_id: str
    history: list[str]
    reply_to: str = ""
    quotes: str = ""
    reposts: str = ""
    note: str = ""
    lang: str = "en"
    media: tuple[dict[str, Any], ...] = ()
    poll: dict[str, Any] | None = None
    links: tuple[dict[str, str], ...] = ()
    # Fields of the answer to put in, replace, or (REMOVED) leave out. Such an answer is not one of X's: unchecked.
    changes: dict[str, Any] = field(default_factory=dict)
    held: bool = False
    deleted: bool = False
    # Told again at every poll, however old.
    repeated: bool = False


class World:
    """All users and posts. Ids grow with time and hold it, as X's do."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.users = {BRAND.id: BRAND}
        self.posts: dict[str, FakePost] = {}
        self.messages: list[dict[str, Any]] = []
        # The most messages a page holds, whatever the client asks for.
        self.message_cap = 100
        # Told of each post that is made ("post") or deleted ("delete").
        self.listeners: list[Callable[[str, FakePost], None]] = []
        self._last_id = 0

    def user(self, handle: str, name: str | None = None, **more: Any) -> FakeUser:
        """The user with this handle, made if there is none."""
        with self.lock:
            known = next((user for user in self.users.values() if user.handle.lower() == handle.lower()), None)
            if known is None:
                known = FakeUser(str(9_000_000 + len(self.users)), handle, handle if name is None else name, **more)
                self.users[known.id] = known
            return known

    def post(self, author: str | FakeUser, text: str, *, reply_to: str = "", **more: Any) -> FakePost:
        """A new post. As on X, a reply begins with the name of the one it answers."""
        with self.lock:
            writer = author if isinstance(author, FakeUser) else self.user(author)
            parent = self.posts.get(reply_to)
            if parent and parent.author.id != writer.id and f"@{parent.author.handle}".lower() not in text.lower():
                text = f"@{parent.author.handle} {text}"
            post_id = more.pop("post_id", None) or self.new_id()
            at = more.pop("at", None) or self.moment(post_id)
            root = more.pop("conversation_id", None) or (parent.conversation_id if parent else post_id)
            made = FakePost(post_id, writer, text, at, root, [post_id], reply_to=reply_to, **more)
            self.posts[post_id] = made
            self._tell("post", made)
            return made

    def edit(self, post_id: str, text: str) -> FakePost:
        """An edit is a new post that knows the ids of its earlier versions; lists show the newest version only."""
        with self.lock:
            before = self.posts[post_id]
            new_id = self.new_id()
            changed = FakePost(**{**vars(before), "id": new_id, "text": text, "at": self.moment(new_id)})
            changed.history = [*before.history, new_id]
            for version in before.history:
                # An earlier version stands in no list, and asked for by its id it tells the whole chain.
                self.posts[version].held = True
                self.posts[version].history = changed.history
            self.posts[new_id] = changed
            return changed

    def delete(self, post_id: str) -> None:
        """The post is gone; what pointed to it goes on pointing."""
        with self.lock:
            for version in self.posts[post_id].history:
                self.posts[version].deleted = True
            self._tell("delete", self.posts[post_id])

    def message(
        self, sender: str, to: str, text: str, *, group: str = "", at: datetime | None = None
    ) -> dict[str, str]:
        """A direct message, and what X tells the one who wrote it. `group`: the conversation of more than two."""
        made = {"id": self.new_id(), "from": sender, "to": to, "text": text, "at": datetime.now(UTC), "group": group}
        if at:
            made |= {"id": str((int(at.timestamp() * 1000) - EPOCH_MS) << 22), "at": at}
        self.messages.append(made)
        conversation = group or "-".join(sorted((sender, to), key=int))
        return {"dm_conversation_id": conversation, "dm_event_id": str(made["id"])}

    def _tell(self, what: str, post: FakePost) -> None:
        for listener in self.listeners:
            listener(what, post)

    def visible(self, post_id: str) -> FakePost | None:
        """The post, unless it is deleted."""
        post = self.posts.get(post_id)
        return None if post is None or post.deleted else post

    def mentions(self, user: FakeUser) -> list[FakePost]:
        """Posts of others that name the user, newest first."""
        handle = user.handle.lower()
        return [
            post
            for post in self.newest_first()
            if post.author.id != user.id and handle in {name.lower() for name in NAMED.findall(post.note or post.text)}
        ]

    def timeline(self, user: FakeUser) -> list[FakePost]:
        """The user's own posts, newest first."""
        return [post for post in self.newest_first() if post.author.id == user.id]

    def summons(self, parent: FakePost, user: FakeUser) -> bool:
        """Whether the author asked this user in: by name, or by quoting one of the user's posts."""
        quoted = self.visible(parent.quotes)
        names = {name.lower() for name in NAMED.findall(parent.note or parent.text)}
        own = parent.author.id == user.id
        return own or user.handle.lower() in names or (quoted is not None and quoted.author.id == user.id)

    def newest_first(self) -> list[FakePost]:
        """What lists show: no deleted post, and of an edited one the newest version."""
        shown = [post for post in self.posts.values() if not (post.held or post.deleted)]
        return sorted(shown, key=lambda post: int(post.id), reverse=True)

    def new_id(self) -> str:
        """An id of this moment, greater than all before it."""
        made = (int(time.time() * 1000) - EPOCH_MS) << 22
        self._last_id = max(made, self._last_id + 1)
        return str(self._last_id)

    def moment(self, post_id: str) -> datetime:
        """When a post with this id was made."""
        return datetime.fromtimestamp(((int(post_id) >> 22) + EPOCH_MS) / 1000, UTC)
