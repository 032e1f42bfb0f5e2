"""Deletions that come before the post they delete: the fact is kept, so that the post does not come in alive.

Nothing else is kept of such a post: no words, no author, no conversation. That platforms tell in any order makes this a
race between two workers, one with the post and one with its deletion: they take turns by a lock of the channel, which
those without deletions share among themselves.
"""

from collections.abc import Collection, Sequence

from django.db import connection

from ingest.models import Channel, Message, Tombstone
from ingest.platforms.base import Post

LOCK_CLASS = 0x746F6D62


def only_living(channel: Channel, posts: Sequence[Post]) -> list[Post]:
    """These posts without those that are deleted unseen, now or before. In the transaction that stores the others.

    The deletion of a post that is here stays among them: ingest.changes follows it.
    """
    deletions = {post.external_id: post.deleted_at for post in posts if post.deleted_at}
    _take_turns(channel, alone=bool(deletions))
    known = Message.objects.filter(channel=channel, external_id__in=deletions)
    here = set(known.values_list("external_id", flat=True)) if deletions else set()
    Tombstone.objects.bulk_create(
        [
            Tombstone(channel=channel, external_id=external_id, deleted_at=at)
            for external_id, at in deletions.items()
            if external_id not in here
        ],
        ignore_conflicts=True,
    )
    buried = of_channel(channel, [post.external_id for post in posts]) - here
    return [post for post in posts if post.external_id not in buried]


def of_channel(channel: Channel, external_ids: Collection[str]) -> set[str]:
    """Which of these are known to be deleted, and were never here."""
    kept = Tombstone.objects.filter(channel=channel, external_id__in=external_ids)
    return set(kept.values_list("external_id", flat=True))


def _take_turns(channel: Channel, *, alone: bool) -> None:
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as sql:
        sql.execute(f"SELECT {lock}(%s, %s)", [LOCK_CLASS, channel.pk])
