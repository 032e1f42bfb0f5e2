"""Removing channels: out of work at once; their data stays to be read, or goes step by step, whoever dies midway."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEntry, Role, User
from ingest import collect, delivery, health, removing, webhooks
from ingest.models import Backfill, BadItem, Channel, Contact, Conversation, Delivery, InboundEvent, Message
from ingest.platforms.base import Cannot, PlatformError
from tests.cast import (
    FakePlatform,
    a_channel,
    a_person,
    a_post,
    a_ticket,
    an_answer,
    an_own_post,
    at_once,
    fresh,
    now,
    receive,
    said,
    ticket_of,
)
from tickets.answering import outcomes, replies
from tickets.channels import erasing, upkeep
from tickets.models import Activity, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(bell: list[str], platform: type[FakePlatform]) -> None:
    """Nobody hears the bell, and channels are on the platform that follows a script."""


@pytest.fixture
def admin(channel: Channel) -> User:
    return a_person(role=Role.ADMIN, name="Lina")


def erase_all() -> int:
    """All steps until nothing waits; how many rows they say they erased."""
    done = 0
    while count := erasing.erase_some():
        done += count
    return done


# --- removing ---------------------------------------------------------------------------------------------------------
def test_a_removed_channel_does_no_work_and_holds_no_keys(channel: Channel, ticket: Ticket, admin: User) -> None:
    Channel.objects.update(secrets='{"token": "abc"}', error_code="unreachable")
    hook = channel.hook
    Backfill.objects.create(channel=channel, since=now(), due_at=now(), started_at=now())
    removing.remove(channel.pk, erase=False, by=admin)
    channel = fresh(channel)
    assert (channel.state, channel.secrets) == ("removed", None)
    assert collect.due(timezone.now()) == []
    assert Backfill.objects.get().state == "stopped"
    with pytest.raises(webhooks.NoHook):
        webhooks.take(hook, {}, b"{}", now())
    assert health.of_channels([channel], now())[channel.pk].state == health.State.REMOVED
    assert [(line.actor_name, line.verb) for line in audit.of(channel)] == [("Lina", "channel.removed")]


def test_its_tickets_and_messages_stay_to_be_read_and_cannot_be_answered(channel: Channel, ticket: Ticket) -> None:
    removing.remove(channel.pk, erase=False)
    assert Ticket.objects.visible_to(a_person(channel.brand)).get() == ticket
    assert Message.objects.get().text == "my bill is wrong"
    assert replies.can_answer(ticket) == Cannot.NO_ACCOUNT


def test_an_answer_that_waited_is_not_sent_and_the_ticket_says_so(channel: Channel, ticket: Ticket) -> None:
    an_answer(ticket)
    removing.remove(channel.pk, erase=False)
    outcomes.settle_finished()
    row = Delivery.objects.get()
    assert (row.state, row.error_code, row.settled) == ("failed", "channel_removed", True)
    assert fresh(ticket).waiting_since is not None


def test_an_answer_on_its_way_does_not_bring_the_channel_back(
    channel: Channel, ticket: Ticket, platform: type[FakePlatform]
) -> None:
    an_answer(ticket)
    Delivery.objects.update(state="unknown", due_at=now() - timedelta(seconds=1))
    removing.remove(channel.pk, erase=False)
    platform.looks.append(PlatformError("bad_credentials", permanent=True))
    delivery.deliver_due()
    assert fresh(channel).state == "removed"
    assert Delivery.objects.get().error_code == "never_known"


def test_a_look_that_was_under_way_does_not_bring_it_back(
    channel: Channel, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(self: FakePlatform, cursor: Any) -> Any:
        removing.remove(channel.pk, erase=False)
        raise PlatformError("bad_credentials", permanent=True)

    monkeypatch.setattr(platform, "fetch", fetch)
    collect.poll(channel.pk)
    assert (fresh(channel).state, fresh(channel).error_code) == ("removed", "")


def test_removing_twice_changes_nothing_and_nobody_resumes_it(channel: Channel, admin: User) -> None:
    removing.remove(channel.pk, erase=False, by=admin)
    removing.remove(channel.pk, erase=False, by=admin)
    assert audit.of(channel).count() == 1
    for verb in (upkeep.pause, upkeep.resume):
        with pytest.raises(Channel.DoesNotExist):
            verb(channel.pk, by=admin)


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
@pytest.mark.parametrize("erase", [True, False])
def test_only_admins_remove(channel: Channel, role: Role, erase: bool) -> None:
    with pytest.raises(PermissionDenied):
        removing.remove(channel.pk, erase=erase, by=a_person(channel.brand, role=role))
    assert fresh(channel).state == "active"


# --- erasing ----------------------------------------------------------------------------------------------------------
def test_erasing_leaves_nothing_of_it_but_the_record(channel: Channel, ticket: Ticket, admin: User) -> None:
    receive(channel, a_post(by="noor"), an_own_post())
    an_answer(ticket)
    BadItem.objects.create(channel=channel, external_id="b", payload={}, error="odd")
    InboundEvent.objects.create(channel=channel, key="e", payload={}, received_at=now(), state="done")
    removing.remove(channel.pk, erase=True, by=admin)
    assert erase_all() > 0
    for table in (Channel, Message, Ticket, Activity, Delivery, Conversation, BadItem, InboundEvent):
        assert not table._default_manager.exists(), table
    assert not Contact.objects.filter(is_own=False).exists()
    line = AuditEntry.objects.get()
    assert (line.actor_name, line.verb, line.subject_name) == ("Lina", "channel.erased", channel.name)


def test_what_other_channels_brought_stays(channel: Channel) -> None:
    other = a_channel(channel.brand, platform="fake", external_id="acct-other")
    kept = a_ticket(other, by="noor")
    said(channel, "my bill is wrong", by="reem")
    both = said(other, "my line is down", by="sami").contact
    said(channel, "and wrong again", by="sami")
    removing.remove(channel.pk, erase=True)
    erase_all()
    assert set(Message.objects.values_list("channel", flat=True)) == {other.pk}
    assert set(Contact.objects.values_list("handle", flat=True)) == {"noor", "sami"}
    assert fresh(kept).position == 1
    assert Conversation.objects.filter(contact=both).count() == 1


@pytest.mark.parametrize("first", [True, False])
def test_a_ticket_of_two_channels_goes_on_with_what_the_other_said(channel: Channel, first: bool) -> None:
    other = a_channel(channel.brand, platform="fake", external_id="acct-other")
    order = [channel, other] if first else [other, channel]
    words = {channel.pk: "my bill is wrong", other.pk: "my line is down"}
    told = [said(each, words[each.pk], by="sami") for each in order]
    ticket = ticket_of(told[0])
    assert ticket.position == 2
    removing.remove(channel.pk, erase=True)
    erase_all()
    ticket = fresh(ticket)
    assert (ticket.channel, ticket.position) == (other, 1)
    assert (ticket.subject, ticket.preview) == ("my line is down", "my line is down")


def test_it_goes_in_small_steps_and_goes_on_where_it_was(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "BATCH", 2)
    for n in range(5):
        said(channel, "my bill is wrong", by=f"person{n}")
    removing.remove(channel.pk, erase=True)
    assert erasing.erase_some() == 2
    assert (Ticket.objects.count(), Message.objects.count()) == (3, 5)

    def dies(*_args: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(removing, "erase_step", dies)
        with pytest.raises(KeyboardInterrupt):
            erase_all()
    assert fresh(channel).state == "erasing"
    erase_all()
    assert not Channel.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_erase_side_by_side(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "BATCH", 3)
    for n in range(12):
        said(channel, "my bill is wrong", by=f"person{n}")
    removing.remove(channel.pk, erase=True)
    at_once(erase_all, erase_all)
    erase_all()
    assert not Channel.objects.exists()
    assert not Message.objects.exists()


def test_what_was_kept_may_still_be_erased_and_what_is_erased_cannot_be_kept(channel: Channel) -> None:
    removing.remove(channel.pk, erase=False)
    removing.remove(channel.pk, erase=True)
    removing.remove(channel.pk, erase=False)
    assert fresh(channel).state == "erasing"


def test_what_would_go_is_counted_beforehand(channel: Channel) -> None:
    other = a_channel(channel.brand, platform="fake", external_id="acct-other")
    said(channel, "my bill is wrong", by="reem")
    said(other, "my line is down", by="sami")
    said(channel, "and wrong again", by="sami")
    assert erasing.counts(channel) == {"messages": 2, "tickets": 1, "people": 1}
