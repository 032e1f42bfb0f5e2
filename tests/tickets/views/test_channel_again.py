"""What went wrong on a channel is listed on its page, and tried again there: one by one, or all that make sense."""

from typing import Any

import pytest
from django.test import Client

from ingest.models import Channel, Delivery, InboundEvent
from ingest.platforms.base import Json, PlatformError
from ingest.platforms.registry import PLATFORMS
from tests.cast import FakePlatform, a_bell, a_brand, a_channel, an_answer, deliver, now
from tickets.models import Ticket

REFUSED = PlatformError("rejected", "No <b>thank you</b>", permanent=True)


class Calling(FakePlatform):
    """A platform that calls us."""

    def challenge(self, query: object) -> Json | None:
        return None

    def events(self, headers: object, body: bytes, now: object) -> tuple[()]:
        return ()

    def read_event(self, payload: Json) -> object:
        return None


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture
def calling(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setitem(PLATFORMS, "fake", Calling)
    return channel


def page(client: Client, channel: Channel) -> str:
    return client.get(f"/monitor/channels/{channel.pk}/").content.decode()


def an_event(channel: Channel, key: str, state: str = "failed", **fields: Any) -> InboundEvent:
    given = {"payload": {"number": "0501234567"}, "received_at": now(), "error": "KeyError: 'author'"} | fields
    return InboundEvent.objects.create(channel=channel, key=key, state=state, **given)


def fails(ticket: Ticket, platform: type[FakePlatform], text: str = "We are on it.") -> Delivery:
    platform.troubles.append(REFUSED)
    delivery = an_answer(ticket, text)
    deliver()
    return delivery


# --- events ---------------------------------------------------------------------------------------------------------
def test_events_stand_with_their_error_in_words_and_not_with_what_they_hold(desk: Client, calling: Channel) -> None:
    event = an_event(calling, "e1", attempts=5)
    html = page(desk, calling)
    assert "Something that it should hold is missing." in html
    assert "0501234567" not in html
    at = f"/monitor/channels/{calling.pk}/events"
    assert f"{at}/{event.pk}/replay" not in html
    assert desk.post(f"{at}/{event.pk}/replay").status_code == 403
    assert desk.post(f"{at}/replay").status_code == 403


def test_supervisors_try_one_or_all_again(supervisor: Client, calling: Channel) -> None:
    events = [an_event(calling, f"e{n}") for n in range(3)]
    at = f"/monitor/channels/{calling.pk}/events"
    html = page(supervisor, calling)
    assert f'action="{at}/{events[0].pk}/replay"' in html
    answer = supervisor.post(f"{at}/{events[0].pk}/replay", follow=True).content.decode()
    assert "1 event is read again." in answer
    assert "2 events are read again." in supervisor.post(f"{at}/replay", follow=True).content.decode()
    assert "None waits for it any more." in supervisor.post(f"{at}/replay", follow=True).content.decode()
    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"waiting"}
    other = an_event(a_channel(a_brand()), "e9")
    assert supervisor.post(f"/monitor/channels/{other.channel_id}/events/replay").status_code == 403
    assert supervisor.post("/monitor/channels/0/events/replay").status_code == 404


def test_the_day_of_its_webhook_is_told(desk: Client, calling: Channel) -> None:
    for key, state in (("e1", "done"), ("e2", "done"), ("e3", "waiting"), ("e4", "failed")):
        an_event(calling, key, state)
    html = page(desk, calling)
    assert all(words in html for words in ("2 taken in", "1 waits", "1 not understood"))


def test_the_address_to_call_is_there_to_be_copied_by_supervisors(
    desk: Client, supervisor: Client, calling: Channel
) -> None:
    address = f"http://testserver/hooks/{calling.hook}/"
    html = page(supervisor, calling)
    assert f'id="hook">{address}<' in html
    assert 'data-copies="#hook"' in html
    assert "js/copy.js" in html
    assert address not in page(desk, calling)


def test_a_platform_that_does_not_call_has_no_address(supervisor: Client, channel: Channel) -> None:
    html = page(supervisor, channel)
    assert str(channel.hook) not in html
    assert "Told by webhook today" not in html


# --- answers --------------------------------------------------------------------------------------------------------
def test_answers_not_sent_stand_with_their_reason_and_ticket(
    desk: Client, channel: Channel, ticket: Ticket, platform: type[FakePlatform]
) -> None:
    delivery = fails(ticket, platform, "We are <i>on</i> it.")
    html = page(desk, channel)
    assert "We are &lt;i&gt;on&lt;/i&gt; it." in html
    assert "the platform did not take it." in html
    assert f'href="/inbox/all/{ticket.pk}/"' in html
    assert f"{channel.pk}/answers/{delivery.key}/try-again" in html
    assert f"{channel.pk}/answers/try-again" not in html
    assert "answered since" not in html
    an_answer(ticket, "anew")
    assert "answered since" in page(desk, channel)


def test_one_is_tried_again_by_who_works_the_brand_and_all_by_supervisors(
    desk: Client, supervisor: Client, channel: Channel, ticket: Ticket, platform: type[FakePlatform]
) -> None:
    delivery = fails(ticket, platform)
    at = f"/monitor/channels/{channel.pk}/answers"
    assert "1 answer is on its way again." in desk.post(f"{at}/{delivery.key}/try-again", follow=True).content.decode()
    assert "None waits for it any more." in desk.post(f"{at}/{delivery.key}/try-again", follow=True).content.decode()
    platform.troubles.append(REFUSED)
    deliver()
    assert desk.post(f"{at}/try-again").status_code == 403
    assert "1 answer is on its way again." in supervisor.post(f"{at}/try-again", follow=True).content.decode()
    deliver()
    assert len(platform.posted) == 1
    assert "Answers not sent" not in page(desk, channel).split("</head>")[1]


def test_an_answer_of_another_channel_is_not_there(
    desk: Client, channel: Channel, ticket: Ticket, platform: type[FakePlatform]
) -> None:
    delivery = fails(ticket, platform)
    other = a_channel(channel.brand, platform="fake")
    assert desk.post(f"/monitor/channels/{other.pk}/answers/{delivery.key}/try-again").status_code == 404
