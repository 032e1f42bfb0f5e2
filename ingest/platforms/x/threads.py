"""What was said around a post: its root, the way down to it, and the last seven days of the conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ingest.platforms.base import Page, Post
from ingest.platforms.x import prices as x_prices
from ingest.platforms.x.calls import Calls
from ingest.platforms.x.lookup import look_up
from ingest.platforms.x.parse import age, read_page, versions
from ingest.platforms.x.search import RECENT

PAGE_SIZE = 100
# A conversation that is larger is no longer one: its newest posts, and the way down to ours, are enough.
MOST_PAGES = 3
# Posts on the way up that search does not tell; each costs a call.
MOST_STEPS = 20


def thread(calls: Calls, post: Post) -> Page:
    """The posts around this one, oldest first, those of others marked as context; the cursor is {}."""
    around = _Around(calls)
    conversation = str(post.raw.get("conversation_id") or post.root_id or post.external_id)
    around.search(conversation)
    around.climb(conversation, post.parent_id)
    told = {other.external_id: other for other in around.known.values() if other.external_id != post.external_id}
    ours = calls.account.external_id
    posts = [replace(other, context=other.author.external_id != ours) for other in told.values()]
    posts.sort(key=lambda other: age(other.external_id))
    return Page(tuple(posts), {}, charged=around.charged, room=calls.room)


@dataclass
class _Around:
    """What is known of a conversation so far, each post by the ids of all its versions."""

    calls: Calls
    known: dict[str, Post] = field(default_factory=dict)
    charged: Mapping[str, int] = field(default_factory=dict)

    def search(self, conversation: str) -> None:
        """What search still has of it."""
        if not conversation.isdecimal():
            return
        token = ""
        for _ in range(MOST_PAGES):
            query = {"query": f"conversation_id:{conversation}", "next_token": token, "max_results": PAGE_SIZE}
            answer = self.calls.posts(RECENT, query)
            found = read_page(answer, self.calls.us)
            self._keep(found.posts, x_prices.of_reading(answer))
            token = found.next_token
            if not token:
                return

    def climb(self, root: str, parent: str) -> None:
        """The root, and from parent to parent up to it, as far as they are there."""
        tried: set[str] = set()
        for _ in range(MOST_STEPS):
            while parent in self.known:
                parent = self.known[parent].parent_id
            wanted = [i for i in dict.fromkeys((root, parent)) if i and i not in self.known and i not in tried]
            if not wanted:
                return
            tried.update(wanted)
            told = look_up(self.calls, wanted)
            self._keep(told.posts, told.charged)

    def _keep(self, posts: tuple[Post, ...], charged: Mapping[str, int]) -> None:
        for post in posts:
            self.known.update(dict.fromkeys(versions(post.raw), post))
        self.charged = x_prices.together(self.charged, charged)
