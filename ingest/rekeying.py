"""New keys for a channel that is there: the same account must come back, and nothing it brought is touched."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from ingest import doorbell
from ingest.connecting import Missing, Wish, check_may, sorted_out
from ingest.models import Channel
from ingest.platforms.base import Account, Author, Json, PlatformError, Session, Unkept
from ingest.platforms.entering import Connects
from ingest.platforms.registry import adapter_of
from ingest.sessions import Kept

# Names of keys by which an account says who it is, where a platform has more than one way.
WAYS = (
    frozenset({"oauth2_user_token", "refresh_token", "expires_at", "scope"}),
    frozenset({"access_token", "access_token_secret"}),
)


class AnotherAccount(ValueError):
    """The keys open another account than the channel's; `author` is whose they are."""

    def __init__(self, author: Author) -> None:
        super().__init__(author.handle or author.external_id)
        self.author = author


@dataclass(frozen=True, slots=True)
class Keys:
    """What is new. What is not given stays as it was."""

    given: Mapping[str, str]
    options: Json = field(default_factory=dict)
    # What a sign-in at the platform gave.
    tokens: Json = field(default_factory=dict)


def try_out(channel: Channel, keys: Keys, *, by: User | None = None) -> Author:
    """Whose these keys are, if they are our account's. Nothing is kept. Raises as `reconnect` does."""
    check_may(by)
    credentials, options = _together(channel, keys)
    return _checked(channel, credentials, options, _session(channel, credentials))


def reconnect(channel_id: int, keys: Keys, *, by: User | None = None) -> Channel:
    """Enter with new keys; one that was given up on, or removed with its data kept, is at work again.

    Raises AnotherAccount, Missing, PlatformError, Channel.DoesNotExist (also for one that is being erased), and
    IntegrityError where one that was removed comes back and its name was given to another.
    """
    check_may(by)
    channel = Channel.objects.exclude(state=Channel.State.ERASING).get(pk=channel_id)
    credentials, options = _together(channel, keys)
    session = _session(channel, credentials)
    author = _checked(channel, credentials, options, session)
    with transaction.atomic():
        channel = Channel.objects.select_for_update().exclude(state=Channel.State.ERASING).get(pk=channel_id)
        was = channel.state
        channel.secrets = json.dumps(credentials)
        # Others may have noted things there while the platform thought.
        channel.options = {**channel.options, **_new_options(channel, keys)}
        channel.handle = author.handle.lstrip("@") or channel.handle
        _awake(channel)
        if isinstance(session, Unkept):
            Kept(channel.pk).renew(lambda _: session.get())
        audit.record(by, "channel.keys", channel, given=sorted({*keys.given, *keys.tokens}), was=was)
        doorbell.ring("radd.collect", channel.pk)
    return channel


def wish_of(channel: Channel, keys: Keys) -> Wish:
    """What a sign-in at the platform needs to know of this channel beforehand: its server, the keys of its app."""
    credentials, options = _together(channel, keys, whole=False)
    known = {name: str(value) for name, value in credentials.items() if isinstance(value, str)}
    return Wish(channel.platform, channel.name, known, handle=channel.handle, options=options)


def _awake(channel: Channel) -> None:
    """At work again, unless a person paused it; what is in somebody's hands with the old keys has no say any more."""
    if channel.state != Channel.State.PAUSED:
        channel.state = Channel.State.ACTIVE
    channel.error_code, channel.last_error, channel.attempts = "", "", 0
    channel.lease_until, channel.next_poll_at = None, timezone.now()
    channel.save()


def _together(channel: Channel, keys: Keys, *, whole: bool = True) -> tuple[Json, Json]:
    """Credentials and options, the new ones over the old. A bridge's secret that is replaced still holds for a while.

    Raises Missing.
    """
    wish = Wish(channel.platform, channel.name, keys.given, tokens=keys.tokens)
    credentials, _ = sorted_out(wish, whole=False)
    before = _without_other_ways(_kept_secrets(channel), credentials)
    if whole and not credentials and not before:
        raise Missing([need.name for need in getattr(adapter_of(channel.platform), "needs", ()) if need.secret])
    if channel.platform == "webhook" and before.get("secret") not in {None, credentials.get("secret")}:
        credentials = {"previous_secret": before["secret"], **credentials}
    return {**before, **credentials}, {**channel.options, **_new_options(channel, keys)}


def _without_other_ways(before: Json, new: Json) -> Json:
    """Whoever comes in by another way than before leaves the keys of that behind: they may open nothing any more."""
    taken = [way for way in WAYS if way & new.keys()]
    left = set().union(*(way for way in WAYS if way not in taken)) if taken else set()
    return {name: value for name, value in before.items() if name not in left}


def _new_options(channel: Channel, keys: Keys) -> Json:
    _, options = sorted_out(Wish(channel.platform, channel.name, keys.given, options=keys.options), whole=False)
    return options


def _session(channel: Channel, credentials: Json) -> Session:
    """Tokens that are renewed by use, and are not replaced, go on where they are: each is good for one use."""
    renewed = credentials.get("refresh_token")
    return Kept(channel.pk) if renewed and renewed == _kept_secrets(channel).get("refresh_token") else Unkept()


def _checked(channel: Channel, credentials: Json, options: Json, session: Session) -> Author:
    """Whose they are: asked without saying whom we expect, so that another account is told apart from wrong keys."""
    account = Account(0, "", channel.handle, credentials, options, settings.PLATFORM_TIMEOUT, session)
    adapter = adapter_of(channel.platform)(account)
    if not isinstance(adapter, Connects):
        raise PlatformError("not_connected", "This platform cannot be connected by keys", permanent=True)
    author = adapter.verify()
    if channel.external_id and author.external_id != channel.external_id:
        raise AnotherAccount(author)
    return author


def _kept_secrets(channel: Channel) -> dict[str, Any]:
    """What is kept so far; nothing where it was sealed with a key that we no longer have."""
    try:
        return dict(json.loads(channel.secrets or "{}"))
    except ValueError:
        return {}
