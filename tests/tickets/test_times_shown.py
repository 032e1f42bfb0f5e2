"""The thread shows a time that cannot be right beside the one that Radd goes by."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from ingest.models import Channel
from ingest.platforms.base import Kind
from tests.cast import a_channel, a_person, a_post, now, receive, ticket_of

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def thread(client: Client, channel: Channel, **fields: object) -> str:
    (message,) = receive(channel, a_post("my bill is wrong", **fields))
    client.force_login(a_person(channel.brand, role=Role.ADMIN))
    page = client.get(reverse("inbox-ticket", args=["all", ticket_of(message).pk]))
    assert page.status_code == 200
    return page.content.decode()


def an_old_channel(**fields: object) -> Channel:
    channel = a_channel(**fields)
    Channel.objects.update(created_at=now() - timedelta(days=90))
    channel.refresh_from_db()
    return channel


def test_a_mention_backdated_to_2020_is_shown_as_new_with_its_claim_marked(client: Client) -> None:
    shown = thread(client, an_old_channel(), posted_at=LONG_AGO, reachable_at=None)
    assert "dated" in shown
    assert 'datetime="2020-01-01' in shown


def test_a_time_that_can_be_right_is_not_marked(client: Client) -> None:
    assert "cannot be right" not in thread(client, an_old_channel(), posted_at=now(), reachable_at=None)


def test_a_direct_message_of_x_is_labelled_as_the_old_kind(client: Client) -> None:
    assert "legacy direct message" in thread(client, an_old_channel(platform="x"), kind=Kind.DM, posted_at=now())
