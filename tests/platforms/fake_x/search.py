"""Recent search on the fake X: seven days, 512 characters, and the few operators Radd asks with."""

import re
from datetime import UTC, datetime, timedelta

from tests.platforms.fake_x.world import FakePost, World

LONGEST = 512
KEPT = timedelta(days=7)
TOKEN = re.compile(r'-?"[^"]*"|\(|\)|[^\s()]+')


def recent(world: World, query: str, delay: timedelta) -> list[FakePost]:
    """What the query finds, newest first: of the last seven days, and nothing younger than `delay`."""
    now = datetime.now(UTC)
    shown = [post for post in world.newest_first() if now - KEPT < world.moment(post.id) <= now - delay]
    return [post for post in shown if matches(query, post)]


def too_old(world: World, since_id: str) -> str:
    """Why X refuses this mark, in its words; empty if it takes it."""
    oldest = datetime.now(UTC) - KEPT
    if world.moment(since_id) >= oldest:
        return ""
    told = f"{oldest:%Y-%m-%dT%H:%MZ}"
    return (
        f"'since_id' must be a tweet id created after [{told}]. Please use a 'since_id' that is larger than {since_id}"
    )


def matches(query: str, post: FakePost) -> bool:
    """Terms side by side must all hold; in brackets, with OR between them, one must."""
    verdict, group = True, None
    for token in TOKEN.findall(query):
        if token == "(":
            group = False
        elif token == ")":
            verdict, group = verdict and bool(group), None
        elif token == "OR":
            continue
        elif group is None:
            verdict = verdict and _holds(token, post)
        else:
            group = group or _holds(token, post)
    return verdict


def _holds(token: str, post: FakePost) -> bool:
    if token.startswith("-"):
        return not _holds(token[1:], post)
    name, _, value = token.partition(":")
    if name == "is" and value == "retweet":
        return bool(post.reposts)
    if name == "from":
        return post.author.handle.lower() == value.lower()
    if name == "conversation_id":
        return post.conversation_id == value
    words = re.escape(token.strip('"')).replace(r"\ ", r"\s+")
    return bool(re.search(rf"(?<![\w@]){words}(?!\w)", post.note or post.text, re.IGNORECASE))
