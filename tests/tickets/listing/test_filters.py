"""The one set of filters: what each keeps, and what becomes of values nobody offered."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_team, a_ticket, now
from tickets.listing.filters import TicketFilter
from tickets.models import Customer, Tag, Ticket, Tier

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


def changed(channel: Channel, **fields: object) -> Ticket:
    ticket = a_ticket(channel, by=f"c{Ticket.objects.count()}")
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    return ticket


def test_assignee_and_team_by_word_or_by_number(channel: Channel, agent: User) -> None:
    other = a_person(channel.brand)
    mine, theirs, nobodys = (changed(channel, assignee=user) for user in (agent, other, None))
    assert list(kept(agent, assignee="me").qs) == [mine]
    assert list(kept(agent, assignee="nobody").qs) == [nobodys]
    assert list(kept(agent, assignee=str(other.pk)).qs) == [theirs]
    elsewhere = changed(channel, team=a_team(channel.brand, is_default=False))
    assert elsewhere not in kept(agent, team="mine").qs
    assert list(kept(agent, team=str(Ticket.objects.get(pk=elsewhere.pk).team_id)).qs) == [elsewhere]
    assert not kept(agent, assignee="somebody").is_valid()
    assert not kept(agent, team="1 OR 1").is_valid()


def test_any_of_several_tags(channel: Channel, agent: User) -> None:
    bill, outage, other = (Tag.objects.create(name=name) for name in ("Bill", "Outage", "Other"))
    first, second = changed(channel, tags=[bill.pk, 99]), changed(channel, tags=[outage.pk])
    changed(channel, tags=[other.pk])
    changed(channel)
    assert list(kept(agent, tags=[bill.pk, outage.pk]).qs) == [first, second]
    hidden = Tag.objects.create(name="Theirs", brand=a_brand())
    assert not kept(agent, tags=[hidden.pk]).is_valid()


def test_why_and_what_set_it_off(channel: Channel, agent: User) -> None:
    rude = changed(channel, why=[{"code": "question"}, {"code": "complaint", "trigger": "rudeness"}])
    asks = changed(channel, why=[{"code": "question"}])
    assert list(kept(agent, why="complaint").qs) == [rude]
    assert list(kept(agent, why="question").qs) == [rude, asks]
    assert list(kept(agent, trigger="rudeness").qs) == [rude]
    assert not kept(agent, trigger="bad mood").is_valid()


def test_marks_are_there_or_not(channel: Channel, agent: User) -> None:
    plain = changed(channel)
    for name, fields in (
        ("escalated", {"escalated": True}),
        ("approval", {"awaits_approval": True}),
        ("breached", {"breached_at": now()}),
    ):
        marked = changed(channel, **fields)
        assert list(kept(agent, **{name: "yes"}).qs) == [marked]
        assert plain in kept(agent, **{name: "no"}).qs
        assert marked not in kept(agent, **{name: "no"}).qs


def test_how_long_a_customer_waits_and_when_it_was_opened(channel: Channel, agent: User) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    long = changed(channel, waiting_since=now() - 5 * hour, opened_at=now() - 3 * day)
    short = changed(channel, waiting_since=now(), opened_at=now())
    answered = changed(channel, waiting_since=None, opened_at=now() - 40 * day)
    asleep = changed(channel, waiting_since=now() - 5 * hour, status="snoozed")
    assert list(kept(agent, waiting="240").qs) == [long]
    assert set(kept(agent, opened="7").qs) == {long, short, asleep}
    assert short in kept(agent, opened="1").qs
    assert answered not in kept(agent, opened="30").qs


def test_priority_urgency_platform_and_brand(channel: Channel, agent: User) -> None:
    first, second = changed(channel, priority=1), changed(channel, priority=2, urgency="high")
    third = changed(channel)
    assert list(kept(agent, priority=["1", "2"]).qs) == [first, second]
    assert list(kept(agent, urgency="high").qs) == [second]
    assert list(kept(agent, platform="imported").qs) == [first, second, third]
    assert not kept(agent, platform="x").qs.exists()
    assert list(kept(agent, brand=channel.brand_id).qs) == [first, second, third]
    assert not kept(agent, brand=a_brand().pk).is_valid()


def test_whom_nobody_has_placed_has_the_usual_tier(channel: Channel, agent: User) -> None:
    plus = Tier.objects.create(brand=channel.brand, name="Plus", rank=1)
    usual = Tier.objects.create(brand=channel.brand, name="Usual", rank=2, is_default=True)
    customers = [Customer.objects.create(brand=channel.brand, tier=tier) for tier in (plus, None)]
    dear, placed_nowhere = (changed(channel, customer=customer) for customer in customers)
    unknown = changed(channel)
    assert list(kept(agent, tier=plus.pk).qs) == [dear]
    assert list(kept(agent, tier=usual.pk).qs) == [placed_nowhere, unknown]
