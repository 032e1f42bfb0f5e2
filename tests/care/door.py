"""What a door of the desk is: an address, in which ways it may be asked, and from whom on it opens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Who(IntEnum):
    """From whom on a door opens. Of the brand: in a team that cares for it; admins are of every brand."""

    # Whoever asks, signed in or not.
    ANYBODY = 0
    # Whoever works here; of what is not theirs it shows nothing.
    PEOPLE = 1
    # Those of the brand it belongs to.
    BRAND = 2
    # Supervisors of any brand, and admins.
    LEADS = 3
    # Supervisors of the brand it belongs to, and admins.
    BRAND_LEADS = 4
    ADMINS = 5
    # One person: whoever began it.
    AUTHOR = 6
    # No person at all: a platform that signs its calls.
    MACHINE = 7


ANYBODY, PEOPLE, BRAND, LEADS, BRAND_LEADS, ADMINS, AUTHOR, MACHINE = Who


@dataclass(frozen=True, slots=True)
class Door:
    """`at`: what of the cast its address names (Desk.names); `form`: what is posted, values of names where they fit."""

    may: Mapping[str, Who]
    at: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)


def shows(who: Who, at: str = "") -> Door:
    return Door({"GET": who}, at)


def does(who: Who, at: str = "", **form: Any) -> Door:
    return Door({"POST": who}, at, form)


def both(who: Who, at: str = "") -> Door:
    """A page and its form."""
    return Door({"GET": who, "POST": who}, at)
