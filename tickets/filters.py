"""The one set of filters of tickets: pages, API and saved views all ask it."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import brand_ids
from ingest.models import Channel
from tickets.models import Ticket
from tickets.moods import NEGATIVE, POSITIVE

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


def channels_of(request: Any) -> QuerySet[Channel]:
    """The channels this person may filter by."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Channel.objects.none()
    allowed = brand_ids(user)
    return Channel.objects.all() if allowed is None else Channel.objects.filter(brand_id__in=allowed)


class TicketFilter(django_filters.FilterSet):
    """Narrow tickets by channel, language, sentiment and status."""

    channel = django_filters.ModelChoiceFilter(queryset=channels_of, label=_("Channel"))  # type: ignore[arg-type]
    language = django_filters.ChoiceFilter(choices=LANGUAGES, method="by_language", label=_("Language"))
    sentiment = django_filters.ChoiceFilter(choices=SENTIMENTS, method="by_sentiment", label=_("Sentiment"))
    status = django_filters.MultipleChoiceFilter(choices=Ticket.Status.choices, distinct=False, label=_("Status"))

    class Meta:
        model = Ticket
        fields = ["channel", "language", "sentiment", "status"]

    def by_language(self, tickets: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        """By the language of the customer's words."""
        if value == "other":
            return tickets.exclude(language__in=["ar", "en"])
        return tickets.filter(language=value)

    def by_sentiment(self, tickets: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        """By the customer's newest reading, cut where the pages cut it."""
        return tickets.filter(SENTIMENT_RULES[value])


NAMES = tuple(TicketFilter.base_filters)
