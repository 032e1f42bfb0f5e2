"""Connecting a channel: what was given is sorted and checked with the platform, then kept, the secrets encrypted.

Pages and the command ask the same verbs. `by` is who does it: None is somebody at the server's console, who may all.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Brand, Team, User
from accounts.permissions import may_run_channels
from ingest import backfilling, doorbell
from ingest.models import Channel
from ingest.platforms.base import Account, Author, Json, PlatformError, Unkept
from ingest.platforms.entering import Begun, Connects, Need
from ingest.platforms.registry import adapter_of, sign_in
from ingest.sessions import Kept


class Missing(ValueError):
    """Something that this platform needs was not given; `names` says what."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class Twice(ValueError):
    """The account is connected already; `channel` is it."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.name)
        self.channel = channel


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
    # What a sign-in at the platform gave.
    tokens: Json = field(default_factory=dict)
    default_team: Team | None = None
    monthly_cap: Decimal | None = None
    # How far back its past is read; 0 for not at all.
    backfill_days: int = 0
    # Whether an account that is connected already may be connected again.
    again: bool = True


def check_may(by: User | None) -> None:
    """Which channels there are, and how they are read, is for admins. Raises PermissionDenied."""
    if by is not None and not may_run_channels(by):
        raise PermissionDenied


def connect(brand: Brand | str, wish: Wish, *, by: User | None = None) -> Channel:
    """Ask the platform who we are and keep the channel; it is looked at at once.

    `brand`: one that is there, or the name of one to be made if there is none, with a team. Raises Missing,
    PlatformError as the platform said it, Twice, KeyError for a platform that Radd does not know, and IntegrityError
    where a channel of this name exists.
    """
    check_may(by)
    credentials, options = sorted_out(wish)
    session = Unkept()
    author = who(wish, credentials, options, session)
    if not wish.again and (known := twin(wish.platform, author, options)):
        raise Twice(known)
    with transaction.atomic():
        channel = Channel.objects.create(
            brand=brand if isinstance(brand, Brand) else brand_named(brand, by),
            name=wish.name,
            platform=wish.platform,
            external_id=author.external_id,
            handle=author.handle.lstrip("@"),
            secrets=json.dumps(credentials),
            options=options,
            poll_seconds=wish.poll_seconds,
            default_team=wish.default_team,
            monthly_cap=wish.monthly_cap,
        )
        if kept := session.get():
            Kept(channel.pk).renew(lambda _: kept)
        audit.record(by, "channel.connected", channel, platform=channel.platform, handle=channel.handle)
        if wish.backfill_days:
            read_past(channel, wish.backfill_days)
        doorbell.ring("radd.collect", channel.pk)
    return channel


def try_out(wish: Wish, *, by: User | None = None) -> Author:
    """Who we would be there. Nothing is kept. Raises as `connect` does."""
    check_may(by)
    credentials, options = sorted_out(wish)
    author = who(wish, credentials, options, Unkept())
    if not wish.again and (known := twin(wish.platform, author, options)):
        raise Twice(known)
    return author


def begin_sign_in(wish: Wish, redirect_uri: str, *, by: User | None = None) -> Begun:
    """Let a person let us in at the platform itself. Raises Missing, PlatformError; KeyError where none can."""
    check_may(by)
    account = _before_keys(wish)
    # An app of X is made by hand; other servers take our word for who asks.
    if wish.platform == "x" and not account.credentials.get("client_id"):
        raise Missing(["client_id"])
    way = sign_in(wish.platform, account)
    if way is None:
        raise KeyError(wish.platform)
    return way.begin(redirect_uri)


def finish_sign_in(wish: Wish, redirect_uri: str, kept: Json, told: Mapping[str, str]) -> Wish:
    """The wish with the credentials that came of it. Raises PlatformError."""
    way = sign_in(wish.platform, _before_keys(wish))
    if way is None:
        raise KeyError(wish.platform)
    return replace(wish, tokens=way.finish(redirect_uri, kept, told))


def _before_keys(wish: Wish) -> Account:
    credentials, options = sorted_out(wish, whole=False)
    return Account(0, "", wish.handle, credentials, options, settings.PLATFORM_TIMEOUT)


# --- parts of it ------------------------------------------------------------------------------------------------------
def sorted_out(wish: Wish, *, whole: bool = True) -> tuple[Json, Json]:
    """Credentials and options, by what the platform calls secret; what it does not name is taken as a secret.

    `whole`: all that is needed must be there. Raises Missing.
    """
    given, needs = _given(wish), _needs(wish)
    if whole and (absent := missing(wish)):
        raise Missing(absent)
    open_ones = {name for name, need in needs.items() if not need.secret}
    credentials = {name: value for name, value in given.items() if name not in open_ones}
    options = {name: value for name, value in given.items() if name in open_ones}
    return {**credentials, **wish.tokens}, {**options, **wish.options}


def missing(wish: Wish) -> list[str]:
    """What the platform needs and the wish does not tell."""
    told = _given(wish).keys() | wish.tokens.keys()
    absent = [name for name, need in _needs(wish).items() if need.required and name not in told]
    return [] if _enough(wish.platform, set(told)) else absent


def _needs(wish: Wish) -> dict[str, Need]:
    return {need.name: need for need in getattr(adapter_of(wish.platform), "needs", ())}


def _given(wish: Wish) -> dict[str, str]:
    return {name: value.strip() for name, value in wish.given.items() if value.strip()}


def who(wish: Wish, credentials: Json, options: Json, session: Unkept) -> Author:
    """Who these credentials are there; where they cannot tell, who the wish says. Raises PlatformError."""
    if wish.account_id:
        return Author(wish.account_id, wish.handle)
    account = Account(0, "", wish.handle, credentials, options, settings.PLATFORM_TIMEOUT, session)
    adapter = adapter_of(wish.platform)(account)
    if not isinstance(adapter, Connects):
        raise PlatformError("not_connected", "This platform cannot be connected by keys", permanent=True)
    return adapter.verify()


def twin(platform: str, author: Author, options: Json) -> Channel | None:
    """A channel at work with this very account. Ids are a server's own, and bridges may all say the same of us."""
    if platform == "webhook":
        return None
    same = Channel.objects.filter(platform=platform, external_id=author.external_id).exclude(state__in=Channel.GONE)
    home = _home(options)
    return next((channel for channel in same.order_by("id") if _home(channel.options) == home), None)


def _home(options: Json) -> str:
    told = str(options.get("base_url") or options.get("imap_host") or "")
    return told.lower().removeprefix("https://").rstrip("/")


def brand_named(name: str, by: User | None) -> Brand:
    """The brand of this name, made with a team of its own if there is none."""
    brand, made = Brand.objects.get_or_create(name=name)
    if made:
        team, _made = Team.objects.get_or_create(name=f"{brand.name} care"[:120])
        team.brands.add(brand)
        audit.record(by, "brand.made", brand)
    return brand


def read_past(channel: Channel, days: int) -> None:
    """Begin to read its past in the background, where its platform tells one."""
    now = timezone.now()
    with suppress(backfilling.NoPast):
        backfilling.start(channel, now - timedelta(days=days), now)


def _enough(platform: str, given: "set[str]") -> bool:
    """X takes several sets of keys, and its own list names those for everything it can do."""
    sets = ({"bearer_token"}, {"consumer_key", "consumer_secret", "access_token", "access_token_secret"},
            {"oauth2_user_token"})  # fmt: skip
    return platform == "x" and any(one <= given for one in sets)
