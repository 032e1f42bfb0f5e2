"""Connecting a channel: what was given is sorted and checked with the platform, then kept, the secrets encrypted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from accounts.models import Brand
from ingest.models import Channel
from ingest.platforms.base import Account, Author, Connects, Json, PlatformError, Unkept
from ingest.platforms.registry import adapter_of
from ingest.sessions import Kept


class Missing(ValueError):
    """Something that this platform needs was not given; `names` says what."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class Wish:
    """A channel to be: `given` holds everything the platform needs, secret or not, by the names of its `needs`."""

    platform: str
    name: str
    given: Mapping[str, str]
    # Who we are there, where the credentials cannot tell.
    account_id: str = ""
    handle: str = ""
    poll_seconds: int = 60
    # Settings beyond `needs` that only the operator may make.
    options: Json = field(default_factory=dict)


def connect(brand: Brand, wish: Wish) -> Channel:
    """Ask the platform who we are and keep the channel; it is looked at at once.

    Raises Missing, PlatformError as the platform said it, KeyError for a platform that Radd does not know, and
    IntegrityError where a channel of this name exists.
    """
    credentials, options = sorted_out(wish)
    session = Unkept()
    author = who(wish, credentials, options, session)
    with transaction.atomic():
        channel = Channel.objects.create(
            brand=brand,
            name=wish.name,
            platform=wish.platform,
            external_id=author.external_id,
            handle=author.handle.lstrip("@"),
            secrets=json.dumps(credentials),
            options=options,
            poll_seconds=wish.poll_seconds,
        )
        if kept := session.get():
            Kept(channel.pk).renew(lambda _: kept)
    return channel


def sorted_out(wish: Wish) -> tuple[Json, Json]:
    """Credentials and options, by what the platform calls secret; what it does not name is taken as a secret.

    Raises Missing.
    """
    platform = adapter_of(wish.platform)
    needs = {need.name: need for need in getattr(platform, "needs", ())}
    given = {name: value.strip() for name, value in wish.given.items() if value.strip()}
    absent = [name for name, need in needs.items() if need.required and name not in given]
    if absent and not _enough(wish.platform, given):
        raise Missing(absent)
    open_ones = {name for name, need in needs.items() if not need.secret}
    credentials = {name: value for name, value in given.items() if name not in open_ones}
    options = {name: value for name, value in given.items() if name in open_ones}
    return credentials, {**options, **wish.options}


def who(wish: Wish, credentials: Json, options: Json, session: Unkept) -> Author:
    """Who these credentials are there; where they cannot tell, who the wish says. Raises PlatformError."""
    if wish.account_id:
        return Author(wish.account_id, wish.handle)
    account = Account(0, "", wish.handle, credentials, options, settings.PLATFORM_TIMEOUT, session)
    adapter = adapter_of(wish.platform)(account)
    if not isinstance(adapter, Connects):
        raise PlatformError("not_connected", "This platform cannot be connected by keys", permanent=True)
    return adapter.verify()


def _enough(platform: str, given: Mapping[str, str]) -> bool:
    """X takes several sets of keys, and its own list names those for everything it can do."""
    sets = ({"bearer_token"}, {"consumer_key", "consumer_secret", "access_token", "access_token_secret"},
            {"oauth2_user_token"})  # fmt: skip
    return platform == "x" and any(one <= given.keys() for one in sets)
