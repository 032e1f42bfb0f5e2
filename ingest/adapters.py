"""From a channel to its adapter, credentials opened."""

import json

from ingest.models import Channel
from ingest.platforms.base import Adapter, Json, PlatformError
from ingest.platforms.registry import adapter_of
from ingest.sessions import Kept


def of(channel: Channel) -> Adapter:
    """The adapter of this channel's platform. Raises PlatformError when the channel cannot be used as it is set up."""
    try:
        platform = adapter_of(channel.platform)
    except KeyError:
        raise PlatformError("unknown_platform", channel.platform, permanent=True) from None
    return platform(channel.account(credentials_of(channel), Kept(channel.pk)))


def label_of(platform: str) -> str:
    """The platform's name as people write it."""
    try:
        return adapter_of(platform).label
    except KeyError:
        return platform.replace("_", " ").capitalize()


def credentials_of(channel: Channel) -> Json:
    """A channel's credentials, opened. Raises PlatformError("sealed_credentials")."""
    if not channel.secrets:
        return {}
    try:
        opened = json.loads(channel.secrets)
    except ValueError:
        # Written with another key, or never JSON: without the right key the text stays cipher.
        raise PlatformError("sealed_credentials", permanent=True) from None
    return dict(opened)
