"""What adapters remember between pieces of work: tokens that are renewed by use, encrypted, one renewal at a time."""

import json
from collections.abc import Callable, Iterable

from django.db import transaction

from ingest.cleaning import remember_tokens
from ingest.models import ChannelSession
from ingest.platforms.base import Json


class Kept:
    """The session of one channel, as `ingest.platforms.base.Session` wants it."""

    def __init__(self, channel_id: int) -> None:
        self._channel_id = channel_id

    def get(self) -> Json:
        """As it was last kept; {} where there is none, or where it was written with a key that we no longer have."""
        row = ChannelSession.objects.filter(channel=self._channel_id).first()
        return _opened(row)

    def renew(self, make: Callable[[Json], Json]) -> Json:
        """Keep what `make` makes of the newest, under a lock of the row.

        The lock is held while the platform answers: a refresh token is good for one use, and two workers that use it
        at once would both be thrown out.
        """
        with transaction.atomic():
            ChannelSession.objects.get_or_create(channel_id=self._channel_id)
            row = ChannelSession.objects.select_for_update().get(channel=self._channel_id)
            kept = make(_opened(row))
            remember_tokens(kept)
            row.secrets = json.dumps(kept)
            row.save(update_fields=["secrets"])
        return kept


def kept(channel_ids: Iterable[int]) -> dict[int, Json]:
    """What these channels' adapters remember, by channel; one query."""
    return {row.channel_id: _opened(row) for row in ChannelSession.objects.filter(channel__in=list(channel_ids))}


def _opened(row: ChannelSession | None) -> Json:
    if row is None or not row.secrets:
        return {}
    try:
        opened = dict(json.loads(row.secrets))
    except ValueError:
        return {}
    remember_tokens(opened)
    return opened
