"""Admins hear when a channel falls ill, and when it is well again: at once by mail, and by a notice within Radd; once
for each change. What people are told of tickets is tickets.news.telling.
"""

from collections.abc import Sequence
from datetime import datetime
from smtplib import SMTPException

import structlog
from django.core.mail import send_mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Role, User
from ingest import health
from ingest.health import Health, State
from ingest.models import Channel
from tickets.channels.channel_words import STATES, words_of
from tickets.news import telling
from tickets.news.way_in import link_to

log = structlog.get_logger(__name__)

# What a person should hear of. Slow ones, and those that somebody paused, are told on their page alone.
ILL = {State.FAILING, State.ATTENTION}
# In Channel.options: what the last notice said.
TOLD = "told_state"


def tell_changes(now: datetime | None = None) -> int:
    """Look at every channel and tell what changed; returns how many notices went out."""
    now = now or timezone.now()
    channels = list(Channel.objects.select_related("brand"))
    found = health.of_channels(channels, now)
    return sum(_tell(channel, found[channel.pk]) for channel in channels)


def _tell(channel: Channel, found: Health) -> bool:
    before = str(channel.options.get(TOLD, State.HEALTHY.value))
    after = found.state.value if found.state in ILL else State.HEALTHY.value
    # Slow is neither ill nor well again: what was told stands until one of the two is sure.
    if after == before or found.state == State.SLOW or not _mark(channel, before, after):
        return False
    log.warning("channel health", channel=channel.name, state=after, reasons=[r.code for r in found.reasons])
    if found.state in {State.PAUSED, State.REMOVED}:
        return False
    telling.tell_of_channel(channel, after, [words_of(reason) for reason in found.reasons])
    try:
        _mail(channel, found)
    except (OSError, SMTPException) as error:
        log.warning("no notice could be sent", channel=channel.name, error=str(error))
        _mark(channel, after, before)
        return False
    return True


def _mark(channel: Channel, before: str, after: str) -> bool:
    """True for the one process that makes this change."""
    with connection.cursor() as sql:
        sql.execute(
            "UPDATE ingest_channel SET options = options || jsonb_build_object(%s, %s)"
            " WHERE id = %s AND coalesce(options ->> %s, %s) = %s",
            [TOLD, after, channel.pk, TOLD, State.HEALTHY.value, before],
        )
        return bool(sql.rowcount)


def _mail(channel: Channel, found: Health) -> None:
    for language, addresses in _admins().items():
        with translation.override(language):
            send_mail(_subject(channel, found), _body(channel, found), None, addresses)


def _admins() -> dict[str, list[str]]:
    """Addresses by the language these people read."""
    found: dict[str, list[str]] = {}
    for person in User.objects.filter(role=Role.ADMIN, is_active=True).exclude(email=""):
        found.setdefault(person.interface_language or translation.get_language() or "en", []).append(person.email)
    return found


def _subject(channel: Channel, found: Health) -> str:
    line = _("%(channel)s: %(state)s") % {"channel": channel.name, "state": STATES[found.state]}
    return " ".join(line.split())[:200]


def _body(channel: Channel, found: Health) -> str:
    reasons: Sequence[str] = [words_of(reason) for reason in found.reasons] or [_("All is well again.")]
    where = _("More on its page: Monitor, Channels, %(channel)s.") % {"channel": channel.name}
    where += link_to(reverse("channel", args=[channel.pk]))
    return "\n\n".join([f"{channel.name} · {channel.brand}", *reasons, where])
