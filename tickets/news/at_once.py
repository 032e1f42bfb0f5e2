"""Mail that does not wait for its hour: what a step of an escalation chain tells by mail, one mail for each notice.

Quiet hours do not hold it up: who wrote the chain wants somebody to hear of it now.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.reckoning import zone_of
from tickets.models import Notice
from tickets.news.bell import line_of, where
from tickets.news.way_in import link_to

log = structlog.get_logger(__name__)

# What could not be mailed for so long comes with the daily mail.
WITHIN = timedelta(hours=1)
MOST = 100


def send_due(now: datetime | None = None) -> int:
    """Mail each notice that says so and was not read meanwhile; how many mails went out."""
    now = now or timezone.now()
    urgent = Notice.objects.filter(mailed_at=None, read_at=None, at__gte=now - WITHIN, data__mail=True)
    rows = (
        urgent.filter(user__is_active=True).exclude(user__email="").select_related("user", "ticket__contact", "actor")
    )
    return sum(_send(notice, now) for notice in rows.order_by("id")[:MOST])


def _send(notice: Notice, now: datetime) -> bool:
    # Marked first: a mail too few is better than the same one every minute.
    if not Notice.objects.filter(pk=notice.pk, mailed_at=None).update(mailed_at=now):
        return False
    person = notice.user
    with (
        translation.override(person.interface_language or translation.get_language()),
        timezone.override(zone_of(person)),
    ):
        line = line_of(notice)
        # Names may hold anything; a subject is one line.
        subject = " ".join(line.title.split())
        what = _("Open Radd to acknowledge it or send it further.") + link_to(where(notice))
        body = f"{subject}\n\n{line.words}\n\n{what}"
        try:
            send_mail(subject, body, None, [person.email])
        except (OSError, SMTPException) as error:
            log.warning("an urgent mail could not be sent", person=person.pk, error=str(error))
            Notice.objects.filter(pk=notice.pk).update(mailed_at=None)
            return False
    return True
