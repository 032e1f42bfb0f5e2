"""The one set of filters of tickets: pages, API and saved views all ask it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.api.filtering import of_whoever_asks
from accounts.models import Brand, User
from accounts.permissions import brand_ids, brands_seen
from ingest.corrections import Label
from ingest.models import Channel
from ingest.platforms.registry import PLATFORMS
from tickets.labels import WORDS as LABELS
from tickets.models import Tag, Ticket, Tier
from tickets.models.ticket import NEEDS_US
from tickets.moods import NEGATIVE, POSITIVE
from tickets.reasons import WORDS as REASONS

Tickets = QuerySet[Ticket]

SENTIMENTS = [
    ("negative", _("Negative")),
    ("neutral", _("Neutral")),
    ("positive", _("Positive")),
    ("unread", _("No reading")),
]
SENTIMENT_RULES = {
    "negative": Q(latest_valence__lte=NEGATIVE),
    "neutral": Q(latest_valence__gt=NEGATIVE, latest_valence__lt=POSITIVE),
    "positive": Q(latest_valence__gte=POSITIVE),
    "unread": Q(latest_valence=None),
}
LANGUAGES = [("ar", _("Arabic")), ("en", _("English")), ("other", _("Another language"))]
YES_NO = [("yes", _("Yes")), ("no", _("No"))]
# Why a ticket needs an answer, as triage writes it down (tickets.reasons).
KINDS = (
    "safety_or_legal", "threat_to_leave", "complaint", "fault_report", "question", "request", "details_given",
    "wrote_again", "came_back", "private", "only_media", "unread",
)  # fmt: skip
WHY: list[tuple[str, str | Promise]] = [(code, REASONS[code]) for code in KINDS]
TRIGGERS = [(code, word) for code, word in LABELS[Label.TRIGGER].items() if code]
OPENED = [("1", _("in the last 24 hours")), ("7", _("in the last 7 days")), ("30", _("in the last 30 days"))]
WAITING = [
    ("30", _("longer than 30 minutes")),
    ("60", _("longer than an hour")),
    ("240", _("longer than 4 hours")),
    ("1440", _("longer than a day")),
]


def _of_my_brands(rows: Callable[[], QuerySet[Any]], *, shared: bool = False) -> Callable[[Any], QuerySet[Any]]:
    """Rows that have a brand, of those this person sees; with `shared` also those of no brand."""

    def found(request: Any) -> QuerySet[Any]:
        user = getattr(request, "user", None)
        if not isinstance(user, User):
            return rows().none()
        allowed = brand_ids(user)
        if allowed is None:
            return rows()
        return rows().filter(Q(brand_id__in=allowed) | Q(brand=None) if shared else Q(brand_id__in=allowed))

    return found


channels_of = _of_my_brands(Channel.objects.all)
tags_of = _of_my_brands(Tag.objects.all, shared=True)
tiers_of = _of_my_brands(Tier.objects.all)


def brands_of(request: Any) -> QuerySet[Brand]:
    """The brands this person may filter by."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Brand.objects.none()
    return brands_seen(user)


class WordOrNumber(django_filters.CharFilter):
    """One of a few words, or the number of a row. Whose tickets they are is checked by what the person may see."""

    field_class = forms.RegexField


class TicketFilter(django_filters.FilterSet):
    """Narrow tickets down. What is given twice over different filters must hold at once."""

    channel = django_filters.ModelChoiceFilter(queryset=of_whoever_asks(channels_of), label=_("Channel"))
    platform = django_filters.ChoiceFilter(
        choices=[(name, name) for name in PLATFORMS], field_name="channel__platform", label=_("Platform")
    )
    brand = django_filters.ModelChoiceFilter(queryset=of_whoever_asks(brands_of), label=_("Brand"))
    status = django_filters.MultipleChoiceFilter(choices=Ticket.Status.choices, distinct=False, label=_("Status"))
    assignee = WordOrNumber(regex=r"^(me|nobody|[0-9]{1,15})$", method="by_assignee", label=_("Assignee"))
    team = WordOrNumber(regex=r"^(mine|[0-9]{1,15})$", method="by_team", label=_("Team"))
    priority = django_filters.MultipleChoiceFilter(choices=Ticket.Priority.choices, distinct=False, label=_("Priority"))
    urgency = django_filters.ChoiceFilter(choices=Ticket.Urgency.choices, label=_("Urgency"))
    tags = django_filters.ModelMultipleChoiceFilter(
        queryset=of_whoever_asks(tags_of),
        method="by_tags",
        label=_("Tags"),
    )
    language = django_filters.ChoiceFilter(choices=LANGUAGES, method="by_language", label=_("Language"))
    sentiment = django_filters.ChoiceFilter(choices=SENTIMENTS, method="by_sentiment", label=_("Sentiment"))
    why = django_filters.ChoiceFilter(choices=WHY, method="by_why", label=_("Why it needs an answer"))
    trigger = django_filters.ChoiceFilter(choices=TRIGGERS, method="by_why", label=_("Trigger"))
    tier = django_filters.ModelChoiceFilter(
        queryset=of_whoever_asks(tiers_of),
        method="by_tier",
        label=_("Tier"),
    )
    incident = WordOrNumber(regex=r"^(any|none|[0-9]{1,15})$", method="by_incident", label=_("Incident"))
    waiting = django_filters.ChoiceFilter(choices=WAITING, method="by_waiting", label=_("Waiting"))
    opened = django_filters.ChoiceFilter(choices=OPENED, method="by_opened", label=_("Opened"))
    breached = django_filters.ChoiceFilter(choices=YES_NO, method="by_breached", label=_("Target missed"))
    escalated = django_filters.ChoiceFilter(choices=YES_NO, method="by_mark", label=_("Escalated"))
    approval = django_filters.ChoiceFilter(
        choices=YES_NO, method="by_mark", field_name="awaits_approval", label=_("Awaits approval")
    )

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = ()

    @property
    def person(self) -> User:
        """Who asks."""
        user = getattr(self.request, "user", None)
        if not isinstance(user, User):
            raise TypeError("tickets are narrowed down for people who are signed in")
        return user

    def by_language(self, tickets: Tickets, _name: str, value: str) -> Tickets:
        """By the language of the customer's words."""
        if value == "other":
            return tickets.exclude(language__in=["ar", "en"])
        return tickets.filter(language=value)

    def by_sentiment(self, tickets: Tickets, _name: str, value: str) -> Tickets:
        """By the customer's newest reading, cut where the pages cut it."""
        return tickets.filter(SENTIMENT_RULES[value])

    def by_assignee(self, tickets: Tickets, _name: str, value: str) -> Tickets:
        """Mine, nobody's or one person's."""
        if value == "nobody":
            return tickets.filter(assignee=None)
        return tickets.filter(assignee=self.person.pk if value == "me" else int(value))

    def by_team(self, tickets: Tickets, _name: str, value: str) -> Tickets:
        """Of my teams, or of one."""
        if value == "mine":
            return tickets.filter(team__in=self.person.team_ids)
        return tickets.filter(team=int(value))

    def by_tags(self, tickets: Tickets, _name: str, value: Iterable[Model]) -> Tickets:
        """Those that have any of these tags."""
        ids = [tag.pk for tag in value]
        return tickets.filter(tags__overlap=ids) if ids else tickets

    def by_why(self, tickets: Tickets, name: str, value: str) -> Tickets:
        """By one of the reasons triage wrote down, or by what set off the complaint."""
        return tickets.filter(why__contains=[{"code" if name == "why" else name: value}])

    def by_tier(self, tickets: Tickets, _name: str, value: Tier) -> Tickets:
        """By the customer's tier; whoever nobody has placed has the brand's usual one."""
        placed = Q(customer__tier=value)
        if value.is_default:
            placed |= Q(customer__tier=None, brand=value.brand_id)
        return tickets.filter(placed)

    def by_incident(self, tickets: Tickets, _name: str, value: str) -> Tickets:
        """Of one incident, of any, or of none."""
        if value in {"any", "none"}:
            return tickets.filter(incident__isnull=value == "none")
        return tickets.filter(incident=int(value))

    def by_waiting(self, tickets: Tickets, _name: str, value: str) -> Tickets:
        """Whose customer has waited for us for more than so many minutes."""
        return tickets.filter(status__in=NEEDS_US, waiting_since__lt=Now() - timedelta(minutes=int(value)))

    def by_opened(self, tickets: Tickets, _name: str, value: str) -> Tickets:
        """Opened within so many days."""
        return tickets.filter(opened_at__gte=Now() - timedelta(days=int(value)))

    def by_breached(self, tickets: Tickets, _name: str, value: str) -> Tickets:
        """Whether one of its clocks has run out, ever."""
        return tickets.filter(breached_at__isnull=value == "no")

    def by_mark(self, tickets: Tickets, name: str, value: str) -> Tickets:
        """By a mark it has or has not."""
        return tickets.filter(**{name: value == "yes"})


NAMES = tuple(TicketFilter.base_filters)
# Those of which several values may be given.
SEVERAL = frozenset({"status", "priority", "tags"})


def narrowed(tickets: Tickets, query: Mapping[str, Any], request: Any) -> Tickets:
    """The tickets that fit filters somebody kept; what is no filter any more is left out."""
    found = TicketFilter(dict(query), queryset=tickets, request=request)
    if not found.is_valid():
        rest = {name: value for name, value in query.items() if name not in found.form.errors}
        found = TicketFilter(rest, queryset=tickets, request=request)
    kept: Tickets = found.qs
    return kept
