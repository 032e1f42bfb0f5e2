"""Saving over what was read: of two who change one thing, the second is told before anything of the first is lost.

A page or a program brings the version that it was shown; a verb, which has the row locked by then, holds it against
what stands there. What keeps the moment of each save has that for a version (tickets.models.version); what keeps none
has a mark of its contents.
"""

import json
from hashlib import sha256


class MovedOn(Exception):
    """Somebody else saved it since it was read."""


def check_unmoved(there: int, seen: int | None) -> None:
    """Raises MovedOn where another version stands there than was `seen`; None was not asked to look."""
    if seen not in {None, there}:
        raise MovedOn


def mark_of(*told: object) -> int:
    """A version for what is told: other contents, another number, of at most 17 digits. It does not grow."""
    return int.from_bytes(sha256(json.dumps(told, ensure_ascii=False).encode()).digest()[:7])
