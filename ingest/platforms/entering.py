"""How a platform is entered: by keys that a person gives, or by a sign-in there. Asked for by `isinstance`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from ingest.platforms.base import Author, Json


@dataclass(frozen=True, slots=True)
class Need:
    """One thing an admin must give to connect a channel. Pages have the words for it, by platform and name."""

    name: str
    secret: bool = False
    required: bool = True
    usual: str = ""


@runtime_checkable
class Connects(Protocol):
    """A channel can be connected by a person, with keys of theirs."""

    needs: ClassVar[tuple[Need, ...]]
    """Secrets become credentials, the others options."""

    def verify(self) -> Author:
        """Who these credentials are there. Raises PlatformError."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where to send the browser, and what must be there again when it comes back.

    `keep` may hold secrets. It belongs to the one person who began, and to nobody's page.
    """

    url: str
    keep: Json


@runtime_checkable
class Authorizes(Protocol):
    """A person may let us in at the platform itself, in their browser, instead of handing over keys.

    No adapter: made with an account that has what is known before there are keys, once for each of the two steps.
    """

    scopes: ClassVar[tuple[str, ...]]
    """What we ask for, as the platform names it."""

    def begin(self, redirect_uri: str) -> Begun:
        """Begin. Raises PlatformError."""
        ...

    def finish(self, redirect_uri: str, kept: Json, told: Mapping[str, str]) -> Json:
        """Credentials, from what was kept and what the platform told in the address it sent the browser back to.

        Raises PlatformError: `state_mismatch` where that is not the sign-in begun here, `access_denied` where the
        person said no.
        """
        ...
