"""The bell: what a person has been told, in their words, and what of it they have not read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncTime
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.reckoning import zone_of
from ingest.corrections import Label
from ingest.health import State
from tickets.channels.channel_words import STATES
from tickets.labels import word
from tickets.models import Notice
from tickets.news.notice_wishes import BROWSER, PAGE, SOUND, is_quiet, wishes_of

Kind = Notice.Kind
MOST_UNREAD = 100
PAGE_SIZE = 50
MOST_NEWS = 5

TITLES: dict[str, Promise] = {
    Kind.ASSIGNED: gettext_lazy("%(actor)s gave you a ticket"),
    Kind.MENTIONED: gettext_lazy("%(actor)s mentioned you in a note"),
    Kind.CUSTOMER_WROTE: gettext_lazy("%(customer)s wrote again"),
    Kind.NOT_DELIVERED: gettext_lazy("Your answer to %(customer)s was not sent"),
    Kind.BREACHING: gettext_lazy("Time runs out: %(customer)s waits"),
    Kind.BREACHED: gettext_lazy("Time has run out: %(customer)s waits"),
    Kind.ESCALATED: gettext_lazy("Escalated to you: %(customer)s"),
    Kind.APPROVAL: gettext_lazy("An answer to %(customer)s waits for your word"),
    Kind.DECIDED: gettext_lazy("%(actor)s decided on your answer to %(customer)s"),
    Kind.REVIEWED: gettext_lazy("%(actor)s reviewed your work for %(customer)s"),
    Kind.CHANNEL: gettext_lazy("%(channel)s: %(state)s"),
    Kind.SURGE: gettext_lazy("%(n)s tickets within an hour are about “%(about)s”"),
}
# What was told to everybody in an incident, and was not taken on some tickets: one notice for all of them.
NOT_TOLD = gettext_lazy("“%(incident)s”: the news did not reach everybody")
# Instead of a hundred of one kind.
MANY: dict[str, Promise] = {
    Kind.BREACHING: gettext_lazy("Many clocks run out soon"),
    Kind.BREACHED: gettext_lazy("Many clocks have run out"),
}
# To the reviewer, when whose work it is said something to the review.
ANSWERED = gettext_lazy("%(actor)s answered your review")
ICONS = {
    Kind.ASSIGNED: "user-plus", Kind.MENTIONED: "note", Kind.CUSTOMER_WROTE: "message-2",
    Kind.NOT_DELIVERED: "alert-circle", Kind.BREACHING: "hourglass", Kind.BREACHED: "alert-circle",
    Kind.ESCALATED: "alert-triangle", Kind.APPROVAL: "eye-check", Kind.DECIDED: "check", Kind.REVIEWED: "eye-check",
    Kind.CHANNEL: "broadcast", Kind.SURGE: "bolt",
}  # fmt: skip
LOOKS = {
    Kind.NOT_DELIVERED: "bad", Kind.BREACHED: "bad", Kind.BREACHING: "warn", Kind.ESCALATED: "warn", Kind.SURGE: "warn",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as it is read. `words`: what was said, in the language it was said in."""

    id: int
    kind: str
    title: str
    words: str
    icon: str
    look: str
    at: datetime
    unread: bool


def told(user: User) -> QuerySet[Notice]:
    """All that a person was told and wants to see in Radd, or was not disturbed with; the newest first."""
    return _shown(user).select_related("ticket__contact", "actor").order_by("-at", "-id")


def unread(user: User) -> int:
    """How many they have not read; it stops at MOST_UNREAD."""
    return _shown(user).filter(read_at=None)[:MOST_UNREAD].count()


def _shown(user: User) -> QuerySet[Notice]:
    """What stands within Radd: the kinds they want there, and what quiet hours kept from coming by another way."""
    wishes, mine = wishes_of(user), Notice.objects.filter(user=user)
    wanted = Q(kind__in=wishes.kinds(PAGE))
    if wishes.quiet is None or not wishes.held:
        return mine.filter(wanted)
    begun, not_over = Q(clock__gte=wishes.quiet.begins), Q(clock__lt=wishes.quiet.ends)
    then = begun & not_over if wishes.quiet.begins <= wishes.quiet.ends else begun | not_over
    mine = mine.annotate(clock=TruncTime("at", tzinfo=zone_of(user)))
    return mine.filter(wanted | (Q(kind__in=wishes.held) & then))


def lines(notices: Iterable[Notice]) -> list[Line]:
    """Notices in words."""
    return [line_of(notice) for notice in notices]


def line_of(notice: Notice) -> Line:
    """One notice in the language that is on."""
    ticket = notice.ticket
    contact = ticket.contact if ticket else None
    told_by = {
        "actor": notice.actor.name if notice.actor else _("Radd"),
        "customer": (contact.display_name or contact.handle or f"#{notice.ticket_id}") if contact else "",
        "channel": notice.data.get("name", ""),
        "incident": notice.data.get("name", ""),
        "state": _state(notice.data),
        "n": notice.data.get("n", ""),
        "about": word(Label.TRIGGER, str(notice.data.get("about", ""))),
    }
    return Line(
        id=notice.pk,
        kind=notice.kind,
        title=str(_title(notice)) % told_by,
        words=str(notice.data.get("words") or (ticket.preview if ticket else "")),
        icon=ICONS[Kind(notice.kind)],
        look=LOOKS.get(Kind(notice.kind), ""),
        at=notice.at,
        unread=notice.read_at is None,
    )


def _title(notice: Notice) -> Promise:
    if notice.kind == Kind.REVIEWED and notice.data.get("answered"):
        return ANSWERED
    if notice.kind == Kind.NOT_DELIVERED and notice.data.get("update"):
        return NOT_TOLD
    titles = MANY if notice.data.get("many") and notice.kind in MANY else TITLES
    return titles[Kind(notice.kind)]


def _state(data: dict[str, Any]) -> str:
    state = data.get("state")
    return str(STATES[State(state)]) if state in {one.value for one in State} else ""


def where(notice: Notice) -> str:
    """The page a notice is about."""
    review = notice.data.get("review")
    if notice.kind == Kind.REVIEWED and type(review) is int:
        answered = bool(notice.data.get("answered"))
        return reverse("quality-review", args=[review]) if answered else f"{reverse('my-quality')}#review-{review}"
    if notice.ticket_id:
        return reverse("inbox-ticket", args=["mine" if _is_theirs(notice) else "all", notice.ticket_id])
    if notice.kind == Kind.NOT_DELIVERED and notice.data.get("update"):
        return reverse("incident-update", args=[notice.data["incident"], notice.data["update"]])
    if notice.kind == Kind.CHANNEL and type(notice.data.get("channel")) is int:
        return reverse("channel", args=[notice.data["channel"]])
    if notice.data.get("many"):
        return reverse("inbox-list", args=["breaching"])
    if notice.kind == Kind.SURGE:
        return reverse("incidents")
    return reverse("notices")


def _is_theirs(notice: Notice) -> bool:
    return notice.ticket is not None and notice.ticket.assignee_id == notice.user_id and notice.ticket.is_live


# --- news for open pages --------------------------------------------------------------------------------------------
def news(user: User, after: int | None, now: datetime | None = None) -> dict[str, Any]:
    """For an open page: how much is unread, whether its title is to say so, and what came behind the notice `after`,
    with the ways it may come by.

    None as `after`: the page has only just been drawn, so nothing is news.
    """
    now = now or timezone.now()
    wishes = wishes_of(user)
    newest = Notice.objects.filter(user=user).order_by("-id").values_list("id", flat=True).first() or 0
    fresh: Sequence[Notice] = []
    if after is not None:
        behind = Notice.objects.filter(user=user, id__gt=after, read_at=None)
        fresh = list(behind.select_related("ticket__contact", "actor").order_by("-id")[:MOST_NEWS])
    quiet = is_quiet(user, wishes, now)

    def may(notice: Notice, way: str) -> bool:
        return not quiet and way in wishes.ways[notice.kind]

    items = [
        {"id": line.id, "title": line.title, "words": line.words, "url": reverse("notice", args=[line.id]),
         "page": PAGE in wishes.ways[line.kind], "browser": may(one, BROWSER), "sound": may(one, SOUND)}
        for one in fresh for line in [line_of(one)]
    ]  # fmt: skip
    return {"unread": unread(user), "newest": newest, "title": wishes.title, "items": items[::-1]}


# --- reading --------------------------------------------------------------------------------------------------------
def read(user: User, *, notice: int | None = None, ticket: int | None = None, now: datetime | None = None) -> int:
    """Mark one notice as read, those of a ticket, or all; how many were unread."""
    rows = Notice.objects.filter(user=user, read_at=None)
    if notice is not None:
        rows = rows.filter(pk=notice)
    if ticket is not None:
        rows = rows.filter(ticket=ticket)
    return rows.update(read_at=now or timezone.now())
