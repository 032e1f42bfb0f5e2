"""When a post was said, and since when it waits: what its author claims, held against what others vouch for.

On Bluesky, in mail and between Mastodon servers a post carries whatever time its author's program wrote. One that says
2020 must not be six years overdue when it comes in, and one that says tomorrow must not be due later than its
neighbours. docs/decisions/0013-times-that-can-be-trusted.md says why each rule is as it is. Pure.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.platforms.base import Post

# Clocks differ so much between honest machines.
AHEAD = timedelta(minutes=10)
# So long a post may lie in an outbox before it gets to a platform that tells when it did.
IN_AN_OUTBOX = timedelta(days=1)
# Where nobody tells when a post got there: what claims to be older than this is not news.
DOUBTED = timedelta(days=14)
# A channel's first looks read what was there before it; its posts are as old as they say.
FIRST_LOOKS = timedelta(days=1)
# Years that every zone and every library can hold.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Times:
    """What is kept of a post's times.

    `posted_at`: when it was said, as far as can be believed: all order, hours and weeks go by it; never after it came.
    `claimed_at`: what its author says instead; None where that is believed.
    `reachable_at`: since when the platform had it, where somebody vouches for that and our channel was there to read
    it: clocks start then, so that an outage of ours counts as the customer's wait. None: they start at its arrival.
    """

    posted_at: datetime
    claimed_at: datetime | None = None
    reachable_at: datetime | None = None


def believed(post: Post, received_at: datetime, connected_at: datetime, *, past: bool = False) -> Times:
    """The times of a post that came at `received_at` through a channel connected at `connected_at`.

    `past`: it was asked for as a piece of the past (a backfill, an import). Other people's words around a thread
    (`Post.context`) are past, too: they may be of any age.
    """
    vouched = min(max(post.reachable_at, EARLIEST), received_at) if post.reachable_at else None
    latest = vouched or received_at
    if vouched and not post.context:
        earliest = vouched - IN_AN_OUTBOX
    elif past or post.context or received_at < connected_at + FIRST_LOOKS:
        earliest = EARLIEST
    else:
        earliest = received_at - DOUBTED
    reachable = vouched if vouched and vouched >= connected_at else None
    if earliest <= post.posted_at <= latest + AHEAD:
        return Times(min(post.posted_at, latest), None, reachable)
    return Times(latest, min(max(post.posted_at, EARLIEST), LATEST), reachable)
