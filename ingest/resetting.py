"""Changing how a channel is read and who cares for it, without touching its keys or what others note in its options."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import Brand, Team, User
from ingest import adapters, doorbell
from ingest.connecting import brand_named, check_may
from ingest.models import Channel
from ingest.platforms.base import Account, Json
from ingest.platforms.entering import Connects
from ingest.platforms.registry import adapter_of
from ingest.rekeying import AnotherAccount
from ingest.sessions import Kept

# Options that change what is followed, or how we are named: the way in stays as it is.
FOLLOWING = frozenset(
    {"keywords", "hashtags", "dms", "plan", "stream", "from_name", "aliases", "answers", "limit", "images", "can_look"}
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How it shall be. `options`: by name; an empty value takes the option away, and one not named stays as it is."""

    name: str
    brand: Brand | str
    default_team: Team | None
    poll_seconds: int
    monthly_cap: Decimal | None
    options: Mapping[str, str] = field(default_factory=dict)


def change(channel_id: int, wanted: Settings, *, by: User | None = None) -> Channel:
    """Make it so; what is the same already leaves no line in the record.

    A new address is tried before it is kept. Raises PlatformError, AnotherAccount, IntegrityError where another has
    the name, Channel.DoesNotExist (also for one that was removed).
    """
    check_may(by)
    found = _at_work().get(pk=channel_id)
    if _moved(found, wanted.options) - FOLLOWING:
        _try_way(found, _merged(found.options, wanted.options))
    with transaction.atomic():
        channel = _at_work().select_for_update(of=("self",)).get(pk=channel_id)
        told = _changes(channel, wanted, by)
        options = sorted(_moved(channel, wanted.options))
        if not told and not options:
            return channel
        channel.options = _merged(channel.options, wanted.options)
        if options or "poll_seconds" in told:
            channel.next_poll_at = timezone.now()
            doorbell.ring("radd.collect", channel.pk)
        channel.save(update_fields=[*told, "options", "next_poll_at"])
        # Not what the options say: addresses and names of people may stand in them.
        audit.record(by, "channel.settings", channel, changed=told, options=options)
    return channel


def _at_work() -> "QuerySet[Channel]":
    return Channel.objects.select_related("brand", "default_team").exclude(state__in=Channel.GONE)


def _changes(channel: Channel, wanted: Settings, by: User | None) -> dict[str, list[str]]:
    """Put the new values on the row; for each field that changed, what it said before and what it says now."""
    brand = wanted.brand if isinstance(wanted.brand, Brand) else brand_named(wanted.brand, by)
    fields = {
        "name": wanted.name,
        "brand": brand,
        "default_team": wanted.default_team,
        "poll_seconds": wanted.poll_seconds,
        "monthly_cap": wanted.monthly_cap,
    }
    told = {}
    for name, value in fields.items():
        before = getattr(channel, name)
        if before != value:
            told[name] = ["" if before is None else str(before), "" if value is None else str(value)]
            setattr(channel, name, value)
    return told


def _moved(channel: Channel, options: Mapping[str, str]) -> set[str]:
    """Names of the options that would change."""
    return {name for name, value in options.items() if as_text(channel.options.get(name)) != value.strip()}


def _merged(before: Json, options: Mapping[str, str]) -> Json:
    kept = {name: value for name, value in before.items() if name not in options}
    same = {name: before[name] for name, value in options.items() if as_text(before.get(name)) == value.strip() != ""}
    new = {name: value.strip() for name, value in options.items() if value.strip()}
    return {**kept, **new, **same}


def as_text(value: object) -> str:
    """An option as a form shows it: a list with commas."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _try_way(channel: Channel, options: Json) -> None:
    """Whether we still come in, and to the same account."""
    account = Account(
        channel.pk, "", channel.handle, adapters.credentials_of(channel), options, settings.PLATFORM_TIMEOUT,
        Kept(channel.pk),
    )  # fmt: skip
    adapter = adapter_of(channel.platform)(account)
    if isinstance(adapter, Connects) and (author := adapter.verify()).external_id != channel.external_id:
        raise AnotherAccount(author)
