"""The one set of filters: what each keeps, and what becomes of values nobody offered."""

import pytest
from django.test import RequestFactory

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_ticket
from tickets.filters import TicketFilter
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def kept(user: User, **given: object) -> TicketFilter:
    request = RequestFactory().get("/")
    request.user = user
    return TicketFilter(given, queryset=Ticket.objects.order_by("id"), request=request)


def with_valence(channel: Channel, value: float | None) -> Ticket:
    ticket = a_ticket(channel, by=f"feels{value}")
    Ticket.objects.filter(pk=ticket.pk).update(latest_valence=value)
    return ticket


def test_sentiment_is_cut_where_the_pages_cut_it(channel: Channel, agent: User) -> None:
    made = {value: with_valence(channel, value) for value in (-0.9, -0.2, -0.19, 0.0, 0.19, 0.2, 1.0, None)}
    found = {
        name: list(kept(agent, sentiment=name).qs.values_list("latest_valence", flat=True))
        for name in ("negative", "neutral", "positive", "unread")
    }
    assert found == {"negative": [-0.9, -0.2], "neutral": [-0.19, 0.0, 0.19], "positive": [0.2, 1.0], "unread": [None]}
    assert sum(map(len, found.values())) == len(made)


def test_language_other_is_neither_arabic_nor_english(channel: Channel, agent: User) -> None:
    for code in ("ar", "en", "fr", ""):
        ticket = a_ticket(channel, by=f"speaks-{code}")
        Ticket.objects.filter(pk=ticket.pk).update(language=code)
    assert set(kept(agent, language="other").qs.values_list("language", flat=True)) == {"fr", ""}
    assert set(kept(agent, language="ar").qs.values_list("language", flat=True)) == {"ar"}


def test_channel_and_several_statuses(channel: Channel, agent: User) -> None:
    here, there = a_ticket(channel, by="a"), a_ticket(a_channel(channel.brand), by="b")
    Ticket.objects.filter(pk=here.pk).update(status="open")
    assert list(kept(agent, channel=channel.pk).qs) == [here]
    assert set(kept(agent, status=["open", "new"]).qs) == {here, there}
    assert list(kept(agent, status=["open"]).qs) == [here]


@pytest.mark.parametrize(
    "given", [{"channel": "999999"}, {"channel": "x"}, {"language": "xx"}, {"sentiment": "sad"}, {"status": ["odd"]}]
)
def test_a_value_nobody_offered_is_named(agent: User, given: dict[str, object]) -> None:
    found = kept(agent, **given)
    assert not found.is_valid()
    assert list(found.form.errors) == list(given)


def test_the_channel_of_another_team_is_nobody_to_filter_by(agent: User) -> None:
    assert not kept(agent, channel=a_channel(a_brand()).pk).is_valid()
