"""Admins hear by mail when a channel falls ill, and when it is well again: once for each change."""

from smtplib import SMTPException
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role
from ingest.models import Channel
from tests.cast import a_person, at_once, fresh
from tickets.news import notices

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people(channel: Channel) -> None:
    a_person(role=Role.ADMIN, name="Amal")
    a_person(role=Role.ADMIN, interface_language="ar", name="Badr")
    a_person(channel.brand, role=Role.SUPERVISOR)
    a_person(role=Role.ADMIN, is_active=False)


def falls_ill(**fields: Any) -> None:
    Channel.objects.update(**({"state": "broken", "error_code": "bad_credentials"} | fields))


def gets_well() -> None:
    Channel.objects.update(state="active", error_code="", last_ok_at=timezone.now())


def test_a_channel_that_falls_ill_is_told_once_to_each_admin_in_their_language(
    channel: Channel, mailoutbox: list[Any]
) -> None:
    assert notices.tell_changes() == 0
    falls_ill()
    assert [notices.tell_changes(), notices.tell_changes()] == [1, 0]
    assert sorted(mail.subject for mail in mailoutbox) == sorted(
        [f"{channel.name}: Needs attention", f"{channel.name}: تحتاج تدخلًا"]
    )
    english = next(mail for mail in mailoutbox if "Needs" in mail.subject)
    assert "An admin must enter new ones." in english.body
    assert len(english.to) == 1


def test_it_is_told_too_when_all_is_well_again(channel: Channel, mailoutbox: list[Any]) -> None:
    falls_ill()
    notices.tell_changes()
    gets_well()
    assert notices.tell_changes() == 1
    assert "All is well again." in mailoutbox[-2].body + mailoutbox[-1].body
    falls_ill()
    assert notices.tell_changes() == 1


def test_what_is_slow_or_paused_by_a_person_sends_no_mail(channel: Channel, mailoutbox: list[Any]) -> None:
    falls_ill(state="active", error_code="unreachable", attempts=1)
    assert notices.tell_changes() == 0
    falls_ill()
    notices.tell_changes()
    mailoutbox.clear()
    Channel.objects.update(state="paused")
    notices.tell_changes()
    assert mailoutbox == []


def test_a_notice_that_could_not_be_sent_is_sent_later(
    channel: Channel, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise SMTPException("no")

    falls_ill()
    with monkeypatch.context() as patched:
        patched.setattr(notices, "send_mail", refuse)
        assert notices.tell_changes() == 0
    assert notices.tell_changes() == 1


def test_what_was_told_stands_beside_the_options_of_the_channel(channel: Channel) -> None:
    falls_ill(options={"plan": "enterprise"})
    notices.tell_changes()
    assert fresh(channel).options == {"plan": "enterprise", "told_state": "attention"}


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_tell_it_once(channel: Channel, mailoutbox: list[Any]) -> None:
    falls_ill()
    assert sum(at_once(notices.tell_changes, notices.tell_changes, notices.tell_changes)) == 1
