"""What may not lie about in clear while a person is away at a platform, sealed with the key of channels' secrets."""

import json
from datetime import timedelta

from cryptography.fernet import InvalidToken
from encrypted_fields.fields import EncryptedTextField

from ingest.platforms.base import Json

# A sign-in that takes longer is begun anew.
KEPT = timedelta(minutes=30)


class Stale(ValueError):
    """It was not sealed here, or too long ago."""


def seal(value: Json) -> str:
    """The value as text that only this installation can open."""
    return bytes(EncryptedTextField().f.encrypt(json.dumps(value).encode())).decode()


def opened(sealed: str) -> Json:
    """What was sealed. Raises Stale."""
    try:
        return dict(json.loads(EncryptedTextField().f.decrypt(sealed.encode(), ttl=int(KEPT.total_seconds()))))
    except (InvalidToken, ValueError):
        raise Stale from None
