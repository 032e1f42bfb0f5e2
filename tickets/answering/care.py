"""What is kept with an answer of ours when it is sent: how canned it is, what the guard found, and whether it counts.

It stands in `Message.raw` under `KEY`, as things stood at that moment: a policy changed later changes no history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Case, F, JSONField, When

from ingest.models import Message
from ingest.platforms.base import Json

KEY = "radd_care"
# For querysets of TicketMessage. Looked for in answers written here only: what platforms told may be long.
CARE = Case(When(message__delivery__state__isnull=False, then=F(f"message__raw__{KEY}")), output_field=JSONField())


@dataclass(frozen=True, slots=True)
class Care:
    """`canned`: from 0, new, to 1, said word for word before. `counts`: whether it stops a clock and may resolve.

    `later`: it goes out at a time its writer chose; until it has, nobody is answered by it. `guard`: codes of what was
    found in it. `approved`: the name of the second person who let it go.
    """

    canned: float = 0.0
    counts: bool = True
    later: bool = False
    guard: Sequence[str] = ()
    approved: str = ""

    @classmethod
    def read(cls, kept: Any) -> "Care | None":
        """From what is kept; None where nothing is."""
        return (
            cls(**{name: kept[name] for name in cls.__slots__ if name in kept}) if isinstance(kept, Mapping) else None
        )

    def kept(self) -> Json:
        """As it stands in `Message.raw`."""
        return {KEY: {**asdict(self), "guard": list(self.guard)}}


def care_of(message: Message) -> Care:
    """What was kept with it; an answer without anything counts."""
    return Care.read(message.raw.get(KEY)) or Care()
