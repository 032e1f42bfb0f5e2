"""What helps one write: drafts that others see, mentions that are heard of, saved replies and macros."""

import pytest
from django.utils import timezone

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_person, a_ticket, an_answer, fresh
from tickets.answering import drafts, macros, mentions, saved_replies
from tickets.answering.saved_replies import Scope
from tickets.models import Draft, Macro, Notice, SavedReply, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]


# --- drafts ---------------------------------------------------------------------------------------------------------
def test_a_draft_is_its_writers_alone_and_others_read_it(ticket: Ticket, agent: User) -> None:
    other = a_person(ticket.brand)
    drafts.keep(ticket, agent, "answer", "Dear Reem, the")
    drafts.keep(ticket, agent, "answer", "Dear Reem, the fee")
    mine, theirs = (drafts.drafts_on(ticket, user, timezone.now()) for user in (agent, other))
    assert (mine.answer, mine.others) == ("Dear Reem, the fee", [])
    assert [(one.name, one.draft.text, one.now) for one in theirs.others] == [
        ("Huda Al-Amri", "Dear Reem, the fee", True)
    ]
    assert theirs.answer == ""


def test_a_note_that_is_begun_is_nobodys_business(ticket: Ticket, agent: User) -> None:
    drafts.keep(ticket, agent, "note", "I wonder")
    assert drafts.drafts_on(ticket, a_person(ticket.brand), timezone.now()).others == []


def test_what_is_sent_saved_or_emptied_is_no_draft_any_more(ticket: Ticket, agent: User) -> None:
    drafts.keep(ticket, agent, "answer", "We look.")
    an_answer(ticket, "We look.", by=agent)
    drafts.keep(ticket, agent, "note", "ask billing")
    lifecycle.note(ticket.pk, text="ask billing", by=agent)
    drafts.keep(ticket, agent, "answer", "x")
    assert not drafts.keep(ticket, agent, "answer", "  ")
    assert not Draft.objects.exists()


def test_nobody_keeps_a_draft_on_another_brands_ticket(ticket: Ticket) -> None:
    with pytest.raises(NotAllowed):
        drafts.keep(ticket, a_person(a_brand()), "answer", "hello")


# --- mentions -------------------------------------------------------------------------------------------------------
def test_who_is_mentioned_in_a_note_hears_of_it_once(ticket: Ticket, agent: User) -> None:
    sami, sara = a_person(ticket.brand, name="Sami Nasser"), a_person(ticket.brand, name="سارة العلي")
    a_person(ticket.brand, name="Omar Hadi")
    lifecycle.note(ticket.pk, text="@Sami can you look? @sami nasser knows it, @ساره العلي too. @Huda", by=agent)
    told = Notice.objects.filter(kind="mentioned").order_by("user__name")
    assert {notice.user for notice in told} == {sami, sara}
    assert told[0].ticket == ticket


def test_a_first_name_that_two_share_means_neither(ticket: Ticket, agent: User) -> None:
    first, second = a_person(ticket.brand, name="Sara Ali"), a_person(ticket.brand, name="Sara Omar")
    assert mentions.mentioned("@Sara please", [first, second]) == []
    assert mentions.mentioned("@Sara Omar please", [first, second]) == [second]
    assert mentions.mentioned("mail@sara.example", [first]) == []


def test_only_who_may_open_the_ticket_is_offered(ticket: Ticket, agent: User) -> None:
    sami = a_person(ticket.brand, name="Sami Nasser")
    a_person(a_brand(), name="Sami Elsewhere")
    assert mentions.offered(ticket, "sa", agent) == [sami]
    assert mentions.offered(ticket, "nas", agent) == [sami]
    assert agent not in mentions.offered(ticket, "", agent)


# --- saved replies --------------------------------------------------------------------------------------------------
def test_variables_are_filled_in_and_the_rest_stays_blank(ticket: Ticket, agent: User) -> None:
    text = "Hello {customer}, this is {agent} of {brand}. Your line is back at {time}. {التذكرة}"
    filled = saved_replies.fill(text, ticket, agent)
    assert filled == f"Hello Reem, this is Huda of {ticket.brand.name}. Your line is back at {{time}}. #{ticket.pk}"


def test_names_come_before_texts_and_the_customers_language_first(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel)
    SavedReply.objects.create(name="Zain", texts={"en": "about an outage", "ar": "عن انقطاع"}, used=9)
    SavedReply.objects.create(name="Outage: time of return", texts={"ar": "تعود الخدمة", "en": "It is back"})
    SavedReply.objects.create(name="Bill", texts={"en": "your bill"})
    found = saved_replies.search(ticket, agent, "outage")
    assert [(one.name, one.language, one.text) for one in found] == [
        ("Outage: time of return", "en", "It is back"), ("Zain", "en", "about an outage"),
    ]  # fmt: skip
    Ticket.objects.update(preview_language="ar")
    ticket = Ticket.objects.select_related("contact", "brand").get()
    assert [one.language for one in saved_replies.search(ticket, agent, "انقطاع")] == ["ar"]


def test_each_sees_their_own_their_teams_and_everyones(ticket: Ticket, agent: User) -> None:
    team = ticket.brand.teams.get()
    stranger = a_person(a_brand())
    for name, fields in {
        "own": {"owner": agent}, "team": {"team": team}, "all": {}, "other": {"owner": stranger},
        "their team": {"team": stranger.teams.get()}, "their brand": {"brand": stranger.teams.get().brands.get()},
    }.items():  # fmt: skip
        SavedReply.objects.create(name=name, texts={"en": name}, **fields)
    seen = saved_replies.visible(SavedReply.objects.all(), agent)
    assert {row.name for row in seen} == {"own", "team", "all"}


def test_agents_keep_their_own_and_supervisors_what_others_see(ticket: Ticket, agent: User) -> None:
    lina = a_person(ticket.brand, role=Role.SUPERVISOR)
    mine = saved_replies.keep(name=" My  own ", texts={"en": "x\r\ny"}, scope=Scope(), by=agent)
    assert (mine.name, mine.texts, mine.owner) == ("My own", {"en": "x\ny"}, agent)
    with pytest.raises(NotAllowed):
        saved_replies.keep(name="For all", texts={"en": "x"}, scope=Scope("everyone"), by=agent)
    shared = saved_replies.keep(name="For all", texts={"en": "x"}, scope=Scope("everyone"), by=lina)
    with pytest.raises(NotAllowed):
        saved_replies.remove(SavedReply.objects.all(), shared.pk, by=agent)
    with pytest.raises(SavedReply.DoesNotExist):
        saved_replies.keep(name="x", texts={"en": "x"}, scope=Scope(), by=lina, pk=mine.pk)


def test_use_is_counted(ticket: Ticket, agent: User) -> None:
    row = SavedReply.objects.create(name="x", texts={"en": "x"})
    for _time in range(2):
        saved_replies.used(row.pk, agent)
    assert fresh(row).used == 2


# --- macros ---------------------------------------------------------------------------------------------------------
def test_a_macro_does_all_its_steps_and_leaves_its_words_for_the_box(ticket: Ticket, agent: User) -> None:
    reply = SavedReply.objects.create(name="x", texts={"en": "Hello {customer}"})
    actions = [{"do": "take"}, {"do": "note", "text": "moved on"}, {"do": "reply", "saved": reply.pk}]
    macro = macros.keep(name="All", actions=actions, scope=Scope(), by=agent)
    ran = macros.run(Ticket.objects.select_related("contact", "brand").get(), macro.pk, by=agent)
    assert (ran.text, ran.steps) == ("Hello Reem", 3)
    assert fresh(ticket).assignee == agent
    assert fresh(macro).used == 1


def test_a_macro_that_fails_on_the_way_has_done_nothing(ticket: Ticket, agent: User) -> None:
    macro = Macro.objects.create(name="x", actions=[{"do": "take"}, {"do": "dance"}])
    with pytest.raises(NotAllowed):
        macros.run(ticket, macro.pk, by=agent)
    assert fresh(ticket).assignee is None


def test_nobody_runs_anothers_macro(ticket: Ticket, agent: User) -> None:
    macro = Macro.objects.create(name="x", owner=a_person(ticket.brand), actions=[{"do": "take"}])
    with pytest.raises(Macro.DoesNotExist):
        macros.run(ticket, macro.pk, by=agent)
