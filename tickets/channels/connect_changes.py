"""What was last done to a channel, and by whom, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEntry
from ingest.models import Channel
from tickets.channels.connect_words import CHANGES, field_word

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the page."""

    at: datetime
    who: str
    what: str
    # What it was about: names of settings, or of keys.
    names: str


def last_changes(channel: Channel) -> list[Change]:
    """The newest lines of the record, newest first."""
    return [_change(channel, entry) for entry in audit.of(channel)[:SHOWN]]


def _change(channel: Channel, entry: AuditEntry) -> Change:
    names = [*entry.data.get("changed", {}), *entry.data.get("options", []), *entry.data.get("given", [])]
    words = CHANGES.get(entry.verb)
    return Change(
        entry.at,
        entry.actor_name or _("The server's console"),
        str(words) if words else entry.verb,
        _(", ").join(field_word(channel.platform, name) for name in names),
    )
