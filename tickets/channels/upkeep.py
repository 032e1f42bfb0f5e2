"""Looking after channels: pause, resume, look now, and take in what nobody understood at first."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from ingest import adapters, doorbell
from ingest.collect import clean, store_page
from ingest.models import BadItem, Channel
from ingest.platforms.base import Author, Kind, LooksUp, Page, PlatformError, Post, Receives
from tickets.permissions import NotAllowed, check_may_see_channel, check_runs_channels

TIMES = ("posted_at", "edited_at", "deleted_at", "reachable_at")


def pause(channel_id: int, *, by: User) -> Channel:
    """Read nothing more until somebody resumes it; answers still go out. Pausing twice changes nothing."""
    check_runs_channels(by)
    with transaction.atomic():
        channel = _at_work().get(pk=channel_id)
        if channel.state != Channel.State.PAUSED:
            channel.state = Channel.State.PAUSED
            channel.save(update_fields=["state"])
            audit.record(by, "channel.paused", channel)
    return channel


def resume(channel_id: int, *, by: User) -> Channel:
    """Read on from where it stopped, now; also one that was given up on, once what was wrong is mended."""
    check_runs_channels(by)
    with transaction.atomic():
        channel = _at_work().get(pk=channel_id)
        if channel.state != Channel.State.ACTIVE:
            channel.state, channel.error_code, channel.last_error = Channel.State.ACTIVE, "", ""
            channel.attempts, channel.lease_until, channel.next_poll_at = 0, None, timezone.now()
            channel.save()
            audit.record(by, "channel.resumed", channel)
        doorbell.ring("radd.collect", channel.pk)
    return channel


def _at_work() -> "QuerySet[Channel]":
    """Channels that were not removed, to be locked."""
    return Channel.objects.select_for_update().exclude(state__in=Channel.GONE)


def look_now(channel_id: int, *, by: User) -> Channel:
    """Look at an active channel without waiting for its turn."""
    check_runs_channels(by)
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        if channel.state == Channel.State.ACTIVE:
            Channel.objects.filter(pk=channel.pk).update(next_poll_at=timezone.now())
            doorbell.ring("radd.collect", channel.pk)
    return channel


def replay_item(item_id: int, *, by: User) -> BadItem:
    """Take in an item that was not understood, now that it may be. Raises NotAllowed where it still cannot be.

    A post of ours that the database refused is stored again; else its event is read again, else the platform is asked
    for that post. Replaying what was taken in changes nothing.
    """
    item = BadItem.objects.select_related("channel").get(pk=item_id)
    check_may_see_channel(by, item.channel)
    if item.replayed_at is not None:
        return item
    try:
        page = _read_again(item)
    except PlatformError as error:
        raise NotAllowed(_("Still not understood: %(words)s") % {"words": error.words or error.code}) from None
    with transaction.atomic():
        bad_before = set(item.channel.bad_items.values_list("pk", flat=True))
        store_page(item.channel, page)
        if page.bad or not set(item.channel.bad_items.values_list("pk", flat=True)) <= bad_before:
            raise NotAllowed(_("Still not understood: %(words)s") % {"words": item.error[:200]})
        item.replayed_at = timezone.now()
        item.save(update_fields=["replayed_at"])
    return item


def _read_again(item: BadItem) -> Page:
    """Raises PlatformError, also where there is no way to read it."""
    if (post := _as_post(item.payload)) is not None:
        return Page((post,), {})
    adapter = adapters.of(item.channel)
    if isinstance(adapter, Receives) and isinstance(item.payload, dict):
        page = adapter.read_event(item.payload)
        if page.posts:
            return page
    if isinstance(adapter, LooksUp) and item.external_id:
        told = adapter.look_up([item.external_id])
        if told.posts or item.external_id in told.gone:
            return Page(told.posts, {}, charged=told.charged, room=told.room)
    raise PlatformError("not_understood", clean(item.error)[:200])


def _as_post(payload: Any) -> Post | None:
    """A post that was kept whole (ingest.collect.store_page), as it was; None for anything else."""
    try:
        fields = {**payload, **{name: _time(payload.get(name)) for name in TIMES}}
        fields["author"], fields["kind"] = Author(**payload["author"]), Kind(payload["kind"])
        fields["media"] = tuple(payload.get("media") or ())
        post = Post(**fields)
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
    return post if isinstance(post.posted_at, datetime) and len(post.external_id) <= 512 else None


def _time(told: Any) -> datetime | None:
    return parse_datetime(told) if isinstance(told, str) else None
