"""What is found: in which forms, in which order, by whom, and within which time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from ingest.collect import store
from ingest.models import Channel, Message
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, now, receive, ticket_of, work_off
from tests.tickets.listing.search.conftest import Find, work_off_words
from tickets.listing.search import finding
from tickets.listing.search.asking import asked
from tickets.listing.search.finding import BadPlace, Place, find, limited, numbered, stretches
from tickets.models import SearchRow, Tag, Ticket, TicketMessage
from tickets.time_limit import TooSlow
from tickets.verbs.lifecycle import note

pytestmark = pytest.mark.django_db

ARABIC = "الفاتورة خطأ والإنترنت مقطوع من أمس"
ENGLISH = "I was charged twice, my deliveries are wrong"


@pytest.mark.parametrize(
    "words",
    [
        "فاتورة",
        "فاتورتي",
        "وفاتورتكم",
        "فَاتُورَة",
        "فاتـــوره",
        "بالفاتورة",
        "انترنت",
        "إنترنت",
        "فاتو",
        "خطا",
        "مقطوع أمس",
    ],
)
def test_arabic_is_found_in_every_form_of_its_words(found: Find, channel: Channel, words: str) -> None:
    ticket = a_ticket(channel, ARABIC + " wrong")
    a_ticket(channel, "شبكتكم بطيئة جدا wrong", by="omar")
    assert found(words) == [ticket.pk]


@pytest.mark.parametrize(
    "words", ["charge", "CHARGING", "delivery", "deliver", "deliv", "charged twice", "twice my", '"was charged"']
)
def test_english_is_found_in_every_form_of_its_words(found: Find, channel: Channel, words: str) -> None:
    ticket = a_ticket(channel, ENGLISH)
    a_ticket(channel, "my line is down", by="omar")
    assert found(words) == [ticket.pk]


def test_words_of_a_phrase_stand_together(found: Find, channel: Channel) -> None:
    together = a_ticket(channel, "late again, wrong")
    apart = a_ticket(channel, "again and wrong and late", by="omar")
    assert found('"late again"') == [together.pk]
    assert found("late again") == [apart.pk, together.pk]


def test_a_word_with_a_minus_is_left_out(found: Find, channel: Channel) -> None:
    a_ticket(channel, "my refund is wrong")
    other = a_ticket(channel, "my bill is wrong", by="omar")
    assert found("wrong -refund") == [other.pk]


def test_customers_are_found_by_name_and_by_handle(found: Find, channel: Channel) -> None:
    ticket = a_ticket(channel, by="layan_q")
    a_ticket(channel, "layan is wrong", by="omar")
    assert found("@layan_q") == found("@layan") == found("@lay") == [ticket.pk]
    assert ticket.pk in found("layan")


def test_a_ticket_is_found_by_its_number_by_those_who_see_it(found: Find, ticket: Ticket, agent: User) -> None:
    assert numbered(asked(f"#{ticket.pk}"), agent) == numbered(asked(str(ticket.pk)), agent) == ticket.pk
    assert numbered(asked(f"#{ticket.pk}"), a_person(a_brand())) is None


def test_a_tag_is_asked_for_by_its_name_in_both_languages(found: Find, channel: Channel) -> None:
    tag = Tag.objects.create(brand=channel.brand, name="Billing", name_ar="فواتير")
    first, second = a_ticket(channel, "wrong fee"), a_ticket(channel, "wrong line", by="omar")
    Ticket.objects.update(tags=[tag.pk])
    assert set(found("tag:billing")) == set(found("وسم:فواتير")) == {first.pk, second.pk}
    assert found("fee tag:billing") == [first.pk]
    assert found("tag:nothing") == []


def test_notes_are_found_under_the_message_they_were_written_under(found: Find, ticket: Ticket, agent: User) -> None:
    assert found("technician") == []
    note(ticket.pk, text="the technician comes on Sunday", by=agent)
    assert found("technician") == [ticket.pk]


def test_the_newest_come_first_and_each_ticket_once(found: Find, channel: Channel) -> None:
    old = datetime(2024, 3, 1, tzinfo=UTC)
    places = [timedelta(0), timedelta(hours=3), timedelta(days=2), timedelta(days=40), timedelta(days=300)]
    tickets = [a_ticket(channel, "wrong", by=f"c{n}", posted_at=old + place) for n, place in enumerate(places)]
    newest = a_ticket(channel, "wrong", by="now", posted_at=now() - timedelta(minutes=1))
    receive(channel, a_post("wrong once more", by="c0", posted_at=old + timedelta(days=90)))
    first, *rest = [t.pk for t in tickets]
    assert found("wrong") == [newest.pk, rest[3], first, *rest[2::-1]]


def test_pages_follow_one_another_without_a_gap_and_no_ticket_twice(agent: User, channel: Channel) -> None:
    for number in range(7):
        receive(channel, a_post("wrong", by=f"c{number}"), a_post("wrong again", by=f"c{number % 3}"))
    work_off_words()
    pages: list[list[int]] = []
    after = ""
    while not pages or after:
        page = find(asked("wrong"), agent, Ticket.objects.all(), now(), after=after, size=3)
        pages.append([hit.ticket for hit in page.hits])
        after = page.next
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({ticket for page in pages for ticket in page}) == 7


@pytest.mark.parametrize("token", ["x", "1.", "1.2.3", "-1.2", "9" * 18 + ".1", "١.٢"])
def test_a_place_nobody_handed_out_is_refused(agent: User, token: str) -> None:
    with pytest.raises(BadPlace):
        find(asked("wrong"), agent, Ticket.objects.all(), now(), after=token)


def test_only_brands_one_may_see_are_searched(found: Find, ticket: Ticket, agent: User) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), by="stranger")
    assert found("bill") == [ticket.pk]
    assert found("bill", by=a_person()) == []
    assert set(found("bill", by=a_person(role=Role.ADMIN))) == {ticket.pk, elsewhere.pk}


def test_filters_hold_for_what_is_found(agent: User, channel: Channel) -> None:
    tickets = [a_ticket(channel, "wrong", by=f"c{number}") for number in range(9)]
    kept = [t.pk for t in tickets[:4]]
    work_off_words()
    page = find(asked("wrong"), agent, Ticket.objects.filter(pk__in=kept), now(), size=2)
    assert [hit.ticket for hit in page.hits] == kept[:1:-1]
    rest = find(asked("wrong"), agent, Ticket.objects.filter(pk__in=kept), now(), size=2, after=page.next)
    assert [hit.ticket for hit in rest.hits] == kept[1::-1]


def test_search_stops_looking_where_filters_leave_little(
    agent: User, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST_LOOKED_AT", 4)
    tickets = [a_ticket(channel, "wrong", by=f"c{number}") for number in range(9)]
    work_off_words()
    oldest = Ticket.objects.filter(pk=tickets[0].pk)
    page = find(asked("wrong"), agent, oldest, now(), size=1)
    assert page.cut
    assert page.next
    hits, turns = list(page.hits), 0
    while page.next and turns < 9:
        page, turns = find(asked("wrong"), agent, oldest, now(), size=1, after=page.next), turns + 1
        hits += page.hits
    assert [hit.ticket for hit in hits] == [tickets[0].pk]


def test_an_edit_and_a_deletion_are_followed(found: Find, channel: Channel) -> None:
    post = a_post("my bill is wrong")
    ticket = ticket_of(receive(channel, post)[0])
    assert found("bill") == [ticket.pk]
    store(channel, [replace(post, text="my parcel is wrong", edited_at=now())])
    work_off()
    assert (found("bill"), found("parcel")) == ([], [ticket.pk])
    store(channel, [replace(post, text="", deleted_at=now())])
    work_off()
    assert found("parcel") == []
    assert found("@reem") == [ticket.pk]


def test_what_moves_to_another_ticket_is_found_there(found: Find, channel: Channel) -> None:
    one, other = a_ticket(channel, "my parcel is wrong"), a_ticket(channel, "my bill is wrong", by="omar")
    assert found("parcel") == [one.pk]
    TicketMessage.objects.filter(ticket=one).update(ticket=other)
    assert found("parcel") == found("bill") == [other.pk]


def test_a_message_that_is_erased_is_not_found(found: Find, ticket: Ticket) -> None:
    assert found("bill")
    Message.objects.all().delete()
    assert found("bill") == []
    assert SearchRow.objects.count() == 0


def test_a_search_ends_with_its_own_time_and_leaves_other_statements_theirs(ticket: Ticket) -> None:
    with pytest.raises(TooSlow), limited(milliseconds=100), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")
    with limited(milliseconds=100):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('enable_hashjoin')")
        assert cursor.fetchone() == ("0", "on")


def test_a_search_takes_the_same_few_queries_whatever_it_finds(found: Find, agent: User, channel: Channel) -> None:
    asked_for = []
    for number in range(2):
        for turn in range(20):
            a_ticket(channel, "wrong", by=f"c{number}-{turn}")
        found("wrong")
        with CaptureQueriesContext(connection) as queries:
            find(asked("wrong"), agent, Ticket.objects.all(), now())
        asked_for.append(len(queries))
    # Its savepoint, its limits set and lifted, half words, hits, the tickets among them.
    assert asked_for[0] == asked_for[1] <= 7


def seconds(groups: Iterator[list[str]]) -> list[tuple[int, int]]:
    """The stretches as [first second, last second + 1], in order."""
    found = []
    for word in (word for group in groups for word in group):
        _nothing, power, number = word.split("_")
        found.append((int(number) << int(power), int(number) + 1 << int(power)))
    return found


@pytest.mark.parametrize("moment", [1_790_000_000, (1 << 30) - 1, 1 << 30, 1_795_162_112 + 5])
def test_stretches_cover_time_without_a_gap(moment: int) -> None:
    spans = seconds(stretches(moment))
    assert spans[0][0] <= moment < spans[0][1]
    assert all(earlier[0] == later[1] for earlier, later in pairwise(spans))
    assert spans[-1][0] == (moment >> 24) - 1 << 24


@pytest.mark.parametrize("moment", [1_790_000_000, (1 << 30) - 1, (1 << 30) + 200_000, 1_795_162_112 + 5])
def test_no_stretch_is_far_longer_than_what_was_searched_before_it(moment: int) -> None:
    """Also soon after the longest stretch began anew, when all of the one before it would be the next."""
    ends = [spans[-1][0] for group in stretches(moment) if (spans := seconds(iter([group])))]
    begun = seconds(stretches(moment))[0][1]
    assert all(before - after <= 3 * (begun - before) for before, after in pairwise(ends))
    assert len(ends) <= 10


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place(now(), 7)
    assert Place.read(place.token()) == place
