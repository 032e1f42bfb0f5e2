"""The daily mail: what a person was told and has not read, once a day at their hour, in their language; where that is
in their quiet hours, after these.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.reckoning import zone_of
from tickets.models import Notice
from tickets.news.bell import line_of
from tickets.news.notice_wishes import MAIL, wishes_of
from tickets.news.way_in import link_to

log = structlog.get_logger(__name__)

OF_A_KIND = 8
# Older ones are no news.
WITHIN = timedelta(days=7)


def send_due(now: datetime | None = None) -> int:
    """Mail everybody whose hour it is; returns how many mails went out. Called at least once an hour."""
    now = now or timezone.now()
    waiting = Notice.objects.filter(mailed_at=None, read_at=None, at__gte=now - WITHIN).values("user")
    people = User.objects.filter(pk__in=waiting, is_active=True).exclude(email="")
    return sum(_send(person, now) for person in people)


def _send(person: User, now: datetime) -> bool:
    wishes = wishes_of(person)
    if now.astimezone(zone_of(person)).hour != wishes.mail_due:
        return False
    rows = Notice.objects.filter(user=person, mailed_at=None, read_at=None, at__gte=now - WITHIN)
    notices = list(rows.filter(kind__in=wishes.kinds(MAIL)).select_related("ticket__contact", "actor").order_by("-at"))
    # Marked first: a mail too few is better than the same one every minute.
    if not notices or not Notice.objects.filter(pk__in=[n.pk for n in notices], mailed_at=None).update(mailed_at=now):
        return False
    with (
        translation.override(person.interface_language or translation.get_language()),
        timezone.override(zone_of(person)),
    ):
        subject = ngettext("%(n)d notice in Radd", "%(n)d notices in Radd", len(notices)) % {"n": len(notices)}
        try:
            send_mail(subject, _body(notices), None, [person.email])
        except (OSError, SMTPException) as error:
            log.warning("the daily mail could not be sent", person=person.pk, error=str(error))
            Notice.objects.filter(pk__in=[n.pk for n in notices]).update(mailed_at=None)
            return False
    return True


def _body(notices: list[Notice]) -> str:
    """By kinds, each with its newest: after an outage hundreds of one kind hide none of another."""
    of_kind: dict[str, list[Notice]] = {}
    for one in notices:
        of_kind.setdefault(one.kind, []).append(one)
    parts = ["\n".join(_lines(told)) for told in of_kind.values()]
    words = _("Open Radd to read them. Which notices come by mail is your choice: You, Notices.")
    parts.append(words + link_to(reverse("notices")))
    return "\n\n".join(parts)


def _lines(told: list[Notice]) -> Iterator[str]:
    """The newest of one kind, and how many more there are."""
    for one in told[:OF_A_KIND]:
        yield f"{timezone.localtime(one.at):%H:%M}  {line_of(one).title}"
    if more := len(told[OF_A_KIND:]):
        yield ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}
