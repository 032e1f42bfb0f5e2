"""What people were told, in words; what they chose; the hours in which they are left alone; the daily mail."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from tests.cast import a_person, fresh, now
from tickets.models import Notice, Ticket
from tickets.news import at_once, bell, digest, notice_wishes
from tickets.news.notice_wishes import BROWSER, MAIL, PAGE, SOUND, USUAL, Quiet, Wishes, is_quiet, keep, wishes_of

pytestmark = pytest.mark.django_db
Kind = Notice.Kind


def a_notice(user: User, ticket: Ticket | None, kind: Kind = Kind.ASSIGNED, **fields: Any) -> Notice:
    number = Notice.objects.count()
    return Notice.objects.create(
        **{"user": user, "kind": kind, "ticket": ticket, "key": f"k{number}", "at": now()} | fields
    )


def choose(user: User, kind: Kind, *ways: str, **fields: Any) -> None:
    keep(user, Wishes(ways={**USUAL, kind: frozenset(ways)}, **fields))


# --- words ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in {Kind.CHANNEL, Kind.SURGE}])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_kind_has_words_in_both_languages(agent: User, ticket: Ticket, kind: Kind, language: str) -> None:
    notice = a_notice(agent, ticket, kind, actor=a_person(name="Lina"))
    with translation.override(language):
        line = bell.line_of(notice)
    assert "%" not in line.title
    assert ("Reem" in line.title) or ("Lina" in line.title)
    assert line.icon
    assert any("؀" < letter < "ۿ" for letter in line.title) is (language == "ar")


def test_a_suggested_incident_says_how_many_and_about_what_and_opens_the_incidents(agent: User) -> None:
    told = a_notice(
        agent, None, Kind.SURGE, data={"surge": 3, "n": 41, "about": "delay_or_outage", "words": "internet"}
    )
    assert bell.line_of(told).title == "41 tickets within an hour are about “delay or outage”"
    assert (bell.line_of(told).words, bell.where(told)) == ("internet", "/monitor/incidents/")
    with translation.override("ar"):
        assert "41" in bell.line_of(told).title


def test_a_channels_notice_names_its_state_and_opens_its_page(agent: User) -> None:
    notice = a_notice(agent, None, Kind.CHANNEL, data={"channel": 7, "name": "Nawa on X", "state": "attention"})
    assert bell.line_of(notice).title == "Nawa on X: Needs attention"
    assert bell.where(notice) == "/monitor/channels/7/"
    assert bell.where(a_notice(agent, None, Kind.CHANNEL)) == "/notices/"


# --- unread ---------------------------------------------------------------------------------------------------------
def test_only_what_is_mine_and_wanted_counts_as_unread(agent: User, ticket: Ticket) -> None:
    a_notice(agent, ticket)
    a_notice(a_person(), ticket)
    a_notice(agent, ticket, Kind.BREACHED)
    assert bell.unread(agent) == 2
    choose(agent, Kind.BREACHED, MAIL)
    assert bell.unread(agent) == 1
    assert bell.read(agent) == 2
    assert bell.unread(agent) == 0


def test_a_ticket_that_is_opened_has_told_its_notices(agent: User, ticket: Ticket) -> None:
    a_notice(agent, ticket)
    a_notice(agent, None, Kind.CHANNEL)
    assert bell.read(agent, ticket=ticket.pk) == 1
    assert bell.unread(agent) == 1


# --- news for open pages --------------------------------------------------------------------------------------------
def test_a_page_just_drawn_has_no_news_and_later_only_what_came_since(agent: User, ticket: Ticket) -> None:
    old = a_notice(agent, ticket)
    told = bell.news(agent, None)
    assert (told["unread"], told["newest"], told["items"]) == (1, old.pk, [])
    new = a_notice(agent, ticket, Kind.BREACHED)
    (item,) = bell.news(agent, told["newest"])["items"]
    assert (item["id"], item["browser"], item["sound"]) == (new.pk, True, True)


def test_sound_and_browser_come_as_chosen_and_not_in_quiet_hours(agent: User, ticket: Ticket) -> None:
    a_notice(agent, ticket)
    choose(agent, Kind.ASSIGNED, PAGE, SOUND)
    (item,) = bell.news(agent, 0)["items"]
    assert (item["browser"], item["sound"]) == (False, True)
    choose(agent, Kind.ASSIGNED, PAGE, SOUND, BROWSER, quiet=Quiet(time(0), time(23, 59, 59)))
    agent.time_zone = "Asia/Riyadh"
    (item,) = bell.news(agent, 0, datetime(2026, 11, 1, 9, tzinfo=UTC))["items"]
    assert (item["browser"], item["sound"], item["page"]) == (False, False, True)


NIGHT = {"quiet": Quiet(time(22), time(7))}
# One in the morning, and five in the afternoon, in Riyadh.
ONE_AT_NIGHT, AT_FIVE = datetime(2026, 11, 1, 22, tzinfo=UTC), datetime(2026, 11, 1, 14, tzinfo=UTC)


def test_what_only_the_browser_would_have_told_stands_in_radd_when_it_came_in_quiet_hours(
    agent: User, ticket: Ticket
) -> None:
    agent.time_zone = "Asia/Riyadh"
    choose(agent, Kind.ASSIGNED, BROWSER, MAIL, **NIGHT)
    kept = a_notice(agent, ticket, at=ONE_AT_NIGHT)
    a_notice(agent, ticket, at=AT_FIVE)
    (item, later) = bell.news(agent, 0, ONE_AT_NIGHT)["items"]
    assert (item["id"], item["browser"], later["browser"]) == (kept.pk, False, False)
    assert (list(bell.told(agent)), bell.unread(agent)) == ([kept], 1)
    agent.time_zone = "America/New_York"
    assert not bell.told(agent).exists(), "six in the evening there"


def test_quiet_hours_of_the_day_keep_what_came_within_them(agent: User, ticket: Ticket) -> None:
    agent.time_zone = "Asia/Riyadh"
    choose(agent, Kind.ASSIGNED, SOUND, quiet=Quiet(time(13), time(18)))
    a_notice(agent, ticket, at=ONE_AT_NIGHT)
    kept = a_notice(agent, ticket, at=AT_FIVE)
    assert list(bell.told(agent)) == [kept]


def test_what_nobody_would_have_been_disturbed_by_is_not_shown_for_the_hours_sake(agent: User, ticket: Ticket) -> None:
    agent.time_zone = "Asia/Riyadh"
    choose(agent, Kind.ASSIGNED, MAIL, **NIGHT)
    a_notice(agent, ticket, at=ONE_AT_NIGHT)
    assert not bell.told(agent).exists()


# --- wishes ---------------------------------------------------------------------------------------------------------
def test_quiet_hours_are_by_the_persons_own_clock_and_pass_midnight(agent: User) -> None:
    wishes = Wishes(quiet=Quiet(time(22), time(7)))
    agent.time_zone = "Asia/Riyadh"
    at_20_utc = datetime(2026, 11, 1, 20, tzinfo=UTC)
    assert is_quiet(agent, wishes, at_20_utc), "23:00 in Riyadh"
    agent.time_zone = "Europe/London"
    assert not is_quiet(agent, wishes, at_20_utc)
    assert not is_quiet(agent, Wishes(), at_20_utc)


@pytest.mark.parametrize(
    "kept", [None, 3, [], {"ways": 1}, {"quiet": {"from": "x"}}, {"ways": {"assigned": 4}}, {"mail_hour": 99}]
)
def test_what_cannot_be_read_is_as_usual(kept: Any) -> None:
    assert wishes_of(User(preferences={"notices": kept})) == Wishes()


def test_choosing_keeps_what_else_the_person_prefers(agent: User) -> None:
    agent.preferences = {"keys": {"j": "n"}}
    chosen = Wishes(quiet=Quiet(time(22), time(7)), mail_hour=6, title=False)
    keep(agent, chosen)
    assert fresh(agent).preferences["keys"] == {"j": "n"}
    assert wishes_of(fresh(agent)) == chosen
    assert notice_wishes.read_time("25:00") is None


# --- the daily mail -------------------------------------------------------------------------------------------------
RIYADH_EIGHT = datetime(2026, 11, 2, 5, 10, tzinfo=UTC)


def test_what_is_unread_comes_by_mail_once_at_the_persons_hour(
    agent: User, ticket: Ticket, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=agent.pk).update(time_zone="Asia/Riyadh")
    a_notice(agent, ticket, at=RIYADH_EIGHT - timedelta(hours=3), actor=a_person(name="Lina"))
    assert digest.send_due(RIYADH_EIGHT - timedelta(hours=2)) == 0
    assert [digest.send_due(RIYADH_EIGHT), digest.send_due(RIYADH_EIGHT + timedelta(minutes=15))] == [1, 0]
    (mail,) = mailoutbox
    assert mail.to == [agent.email]
    assert "Lina gave you a ticket" in mail.body


@pytest.mark.parametrize(
    ("chosen", "begins", "ends", "due"),
    [
        (8, time(22), time(7), 8), (6, time(22), time(7), 7), (23, time(22), time(7), 7), (7, time(22), time(7), 7),
        (6, time(22), time(7, 30), 8), (14, time(13), time(15), 15), (3, time(0), time(23, 59, 59), 3),
    ],
)  # fmt: skip
def test_a_daily_mail_that_is_due_in_quiet_hours_comes_after_them(
    chosen: int, begins: time, ends: time, due: int
) -> None:
    assert Wishes(quiet=Quiet(begins, ends), mail_hour=chosen).mail_due == due


def test_what_came_at_night_is_mailed_after_the_night_and_once(
    agent: User, ticket: Ticket, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=agent.pk).update(time_zone="Asia/Riyadh")
    keep(fresh(agent), Wishes(mail_hour=6, quiet=Quiet(time(22), time(8))))
    a_notice(agent, ticket, at=RIYADH_EIGHT - timedelta(hours=4))
    hours = [RIYADH_EIGHT + timedelta(hours=later) for later in (-2, -1, 0, 1, 22, 24)]
    assert [digest.send_due(hour) for hour in hours] == [0, 0, 1, 0, 0, 0]
    assert len(mailoutbox) == 1


def test_a_mail_that_is_to_come_at_once_does_not_wait_for_the_morning(
    agent: User, ticket: Ticket, mailoutbox: list[Any]
) -> None:
    keep(agent, Wishes(quiet=Quiet(time(0), time(23, 59, 59))))
    a_notice(agent, ticket, Kind.ESCALATED, data={"mail": True}, at=RIYADH_EIGHT)
    assert at_once.send_due(RIYADH_EIGHT) == 1


def test_mail_is_in_the_persons_language_and_leaves_out_what_they_read_or_do_not_want(
    agent: User, ticket: Ticket, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=agent.pk).update(time_zone="Asia/Riyadh", interface_language="ar")
    at = RIYADH_EIGHT - timedelta(hours=1)
    a_notice(agent, ticket, Kind.CUSTOMER_WROTE, at=at)
    a_notice(agent, ticket, Kind.BREACHED, at=at, read_at=at)
    choose(fresh(agent), Kind.MENTIONED, PAGE)
    a_notice(agent, ticket, Kind.MENTIONED, at=at)
    assert digest.send_due(RIYADH_EIGHT) == 1
    assert "رسالة جديدة من Reem" in mailoutbox[0].body
    assert len(mailoutbox[0].body.splitlines()) == 3


def test_a_mail_leads_to_its_page_where_the_desk_s_address_is_set(
    agent: User, ticket: Ticket, mailoutbox: list[Any], settings: Any
) -> None:
    User.objects.filter(pk=agent.pk).update(time_zone="Asia/Riyadh")
    for home, led in (([], False), (["https://*.nawa.example", "https://care.nawa.example"], True)):
        settings.CSRF_TRUSTED_ORIGINS = home
        a_notice(agent, ticket, Kind.ESCALATED, at=RIYADH_EIGHT)
        a_notice(agent, ticket, Kind.ESCALATED, data={"mail": True}, at=RIYADH_EIGHT)
        assert (at_once.send_due(RIYADH_EIGHT), digest.send_due(RIYADH_EIGHT)) == (1, 1)
        urgent, daily = (mail.body for mail in mailoutbox[-2:])
        assert (f"https://care.nawa.example/inbox/all/{ticket.pk}/" in urgent) is led
        assert ("https://care.nawa.example/notices/" in daily) is led


def test_hundreds_of_one_kind_hide_none_of_another_in_the_mail(
    agent: User, ticket: Ticket, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=agent.pk).update(time_zone="Asia/Riyadh", interface_language="en")
    at = RIYADH_EIGHT - timedelta(hours=2)
    a_notice(agent, ticket, Kind.MENTIONED, at=at)
    for minute in range(60):
        a_notice(agent, ticket, Kind.ESCALATED, at=at + timedelta(minutes=minute))
    assert digest.send_due(RIYADH_EIGHT) == 1
    body = mailoutbox[0].body
    assert body.count("Escalated to you") == 8
    assert "and 52 more" in body
    assert "mentioned you" in body


def test_mail_that_cannot_be_sent_is_tried_again(
    agent: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=agent.pk).update(time_zone="Asia/Riyadh")
    a_notice(agent, ticket, at=RIYADH_EIGHT - timedelta(hours=1))

    def refuse(*_args: object) -> None:
        raise OSError("no route")

    with monkeypatch.context() as broken:
        broken.setattr(digest, "send_mail", refuse)
        assert digest.send_due(RIYADH_EIGHT) == 0
    assert digest.send_due(RIYADH_EIGHT) == 1
