"""What a counterpart has to be able to do, so that a whole desk can be tried against it.

A counterpart is somebody else's server (or our fake behind somebody else's specification), started on loopback. It is
spoken to by its own API, never by Radd's adapter: what Radd says it did is looked up there.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


class Unavailable(Exception):
    """The counterpart cannot be started here; the words say what is missing. Its tests are skipped, and say so."""


@dataclass(frozen=True)
class Answer:
    """One post of the brand under somebody's post, as the network itself tells it."""

    id: str
    text: str


class Held(Protocol):
    """A send that the network has taken and whose answer never came back to the desk."""

    def wait(self, seconds: float = 30) -> None:
        """Until the network has answered such a call, and the answer is being kept. Raises AssertionError."""
        ...


class Network(Protocol):
    """One counterpart with a brand's account and people on it. People are made when they first speak."""

    platform: str
    """Its name in `ingest.platforms.registry`."""
    label: str
    """Its name in the table."""
    against: str
    """What was started, with versions."""
    pushes: bool
    """Whether `listen` hears it; else it is only polled."""
    edits: bool
    """Whether an author can change a post there, and the desk hears of it soon."""
    tells_deletions: bool
    """Whether the desk hears soon that a post was deleted; else `look_again` finds it in its own time."""
    chats: bool
    """Whether people answer in threads there; `reply` works."""

    def credentials(self) -> dict[str, str]:
        """What `connect_channel --credentials` is given."""
        ...

    def options(self) -> dict[str, str]:
        """What it is given as `--option name=value`: addresses on loopback, mostly."""
        ...

    def meet(self, by: str) -> None:
        """Make that person, unless they are there: else the first word of each would seem slow."""
        ...

    def mention(self, text: str, by: str = "lina") -> str:
        """`by` says this to the brand in public (the network's own way of naming it is added); the post's id."""
        ...

    def reply(self, to: str, text: str, by: str = "lina") -> str:
        """`by` answers that post, without naming the brand anew; the id."""
        ...

    def edit(self, post: str, text: str) -> None:
        """Its author changes the words."""
        ...

    def delete(self, post: str) -> None:
        """Its author takes it away."""
        ...

    def answers_to(self, post: str) -> list[Answer]:
        """The brand's posts directly under that one, the oldest first."""
        ...

    def held(self) -> AbstractContextManager[Held]:
        """Inside it, calls that post an answer reach the network, and what it says to them does not come back."""
        ...
