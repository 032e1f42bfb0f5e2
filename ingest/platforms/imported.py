"""A channel whose posts came from a file: history to read and to learn from, with nobody at the other end."""

from typing import ClassVar

from ingest.platforms.base import Account, Cannot, Json, Kind, Length, Outgoing, Page, PlatformError, Sent

# No platform counts here; the bound keeps a slip of the hand from becoming a book.
LONGEST = 10_000


class Imported:
    """Nothing comes in by itself, nothing goes out."""

    name: ClassVar[str] = "imported"
    label: ClassVar[str] = "Imported file"
    threads: ClassVar[bool] = False

    def __init__(self, account: Account) -> None:
        self._account = account

    def fetch(self, cursor: Json) -> Page:
        """Never anything new: posts come by `manage.py import_posts`."""
        return Page(posts=(), cursor=cursor)

    def reply(self, outgoing: Outgoing) -> Sent:
        """There is no account to answer from."""
        raise PlatformError("no_account", "posts of a file cannot be answered", permanent=True)

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """No answer ever got through."""
        return None

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """No account, no answer."""
        return Cannot.NO_ACCOUNT

    def length(self, text: str) -> Length:
        """Code points."""
        return Length(used=len(text), limit=LONGEST)
