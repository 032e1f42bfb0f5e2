"""Tags, priority, links, spam and no answer needed: each once, each with a line in the record, each undone."""

import pytest

from accounts.models import User
from ingest.models import Channel, Correction, Message
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, fresh, receive, verbs
from tickets.models import Activity, Tag, Ticket, TicketLink
from tickets.permissions import NotAllowed
from tickets.steering import assignment
from tickets.verbs import dismissing, lifecycle, linking, priority, tagging, undoing

pytestmark = pytest.mark.django_db


def undo(line: Activity | None, by: User) -> None:
    assert line is not None
    undoing.undo(line.pk, by=by)


# --- tags --------------------------------------------------------------------------------------------------
def test_tags_are_put_on_and_taken_off_in_order(ticket: Ticket, agent: User) -> None:
    bill, app = tagging.make("Billing", ticket=ticket), tagging.make("App", ticket=ticket)
    tagging.tag(ticket.pk, add=[bill.pk, app.pk], by=agent)
    assert tagging.on(fresh(ticket)) == [bill, app]
    assert tagging.tag(ticket.pk, add=[app.pk], by=agent) is None
    tagging.tag(ticket.pk, remove=[bill.pk], by=agent)
    assert fresh(ticket).tags == [app.pk]
    assert verbs(ticket) == ["opened", "tagged", "tagged"]


def test_a_tag_that_is_typed_is_found_whatever_its_case_or_language_and_else_made(ticket: Ticket) -> None:
    bill = tagging.make("  Billing ", ticket=ticket)
    Tag.objects.filter(pk=bill.pk).update(name_ar="الفوترة")
    assert tagging.make("billing", ticket=ticket) == tagging.make("الفوترة", ticket=ticket) == bill
    with pytest.raises(NotAllowed):
        tagging.make("   ", ticket=ticket)
    with pytest.raises(NotAllowed):
        tagging.make("x" * 41, ticket=ticket)


def test_another_brands_tag_does_not_exist(ticket: Ticket, agent: User) -> None:
    strange = Tag.objects.create(brand=a_brand(), name="Theirs")
    with pytest.raises(NotAllowed, match="not there"):
        tagging.tag(ticket.pk, add=[strange.pk], by=agent)


def test_undoing_tags_leaves_what_others_did_since(ticket: Ticket, agent: User) -> None:
    a, b, c = (tagging.make(name, ticket=ticket) for name in "abc")
    tagging.tag(ticket.pk, add=[a.pk], by=agent)
    line = tagging.tag(ticket.pk, add=[b.pk], remove=[a.pk], by=agent)
    tagging.tag(ticket.pk, add=[c.pk], by=a_person(ticket.brand))
    undo(line, agent)
    assert fresh(ticket).tags == [c.pk, a.pk]


# --- priority ----------------------------------------------------------------------------------------------
def test_a_priority_is_set_and_undone(ticket: Ticket, agent: User) -> None:
    line = priority.set_priority(ticket.pk, to=1, by=agent)
    assert fresh(ticket).priority == 1
    assert priority.set_priority(ticket.pk, to=1, by=agent) is None
    undo(line, agent)
    assert fresh(ticket).priority == 3
    with pytest.raises(NotAllowed):
        priority.set_priority(ticket.pk, to=5, by=agent)


def test_a_priority_that_was_changed_again_is_not_undone(ticket: Ticket, agent: User) -> None:
    line = priority.set_priority(ticket.pk, to=1, by=agent)
    priority.set_priority(ticket.pk, to=2, by=a_person(ticket.brand))
    with pytest.raises(NotAllowed, match="changed again"):
        undo(line, agent)
    assert fresh(ticket).priority == 2


# --- links -------------------------------------------------------------------------------------------------
def test_two_tickets_are_linked_once_from_either_end(channel: Channel, ticket: Ticket, agent: User) -> None:
    other = a_ticket(channel, by="sami")
    line = linking.link(other.pk, to=ticket.pk, by=agent)
    assert linking.link(ticket.pk, to=other.pk, by=agent) is None
    assert [end.id for end in linking.linked_to(ticket)] == [other.pk]
    assert [end.id for end in linking.linked_to(other)] == [ticket.pk]
    undo(line, agent)
    assert not TicketLink.objects.exists()
    with pytest.raises(NotAllowed, match="another team"):
        linking.link(ticket.pk, to=a_ticket(a_channel(a_brand())).pk, by=agent)


# --- no answer, spam ---------------------------------------------------------------------------------------
def test_no_answer_settles_what_waits_with_its_reason_and_teaches_the_reader(ticket: Ticket, agent: User) -> None:
    line = dismissing.no_answer(ticket.pk, reason="nothing_asked", by=agent, text="only a link")
    message = Message.objects.get()
    assert (fresh(ticket).status, fresh(ticket).waiting_since) == ("resolved", None)
    assert (message.disposition, message.decided_by, message.follow_up) == ("no_answer", agent, 0.0)
    assert (line.data["reason"], line.data["text"]) == ("nothing_asked", "only a link")
    assert list(Correction.objects.values_list("label", "new", "user")) == [("follow_up", "no", agent.pk)]


def test_a_reason_that_does_not_speak_of_the_words_teaches_nothing(ticket: Ticket, agent: User) -> None:
    dismissing.no_answer(ticket.pk, reason="solved", by=agent)
    assert not Correction.objects.exists()
    with pytest.raises(NotAllowed, match="why"):
        dismissing.no_answer(ticket.pk, reason="mood", by=agent)


@pytest.mark.parametrize("verb", ["no_answer", "spam"])
def test_undo_brings_ticket_and_message_back_and_forgets_the_word(ticket: Ticket, agent: User, verb: str) -> None:
    kept = ("disposition", "follow_up", "cues", "person_said", "decided_by_id", "decided_at")
    before = Message.objects.values(*kept).get()
    was = fresh(ticket)
    given = {"reason": "thanks"} if verb == "no_answer" else {}
    undo(getattr(dismissing, verb)(ticket.pk, by=agent, **given), agent)
    assert Message.objects.values(*kept).get() == before
    back = fresh(ticket)
    assert (back.status, back.due_at, back.waiting_since) == (was.status, was.due_at, was.waiting_since)
    assert not Correction.objects.exists()


def test_spam_closes_the_ticket_and_says_so_of_its_messages(channel: Channel, ticket: Ticket, agent: User) -> None:
    receive(channel, a_post("buy now, wrong price", conversation_key="t1"))
    dismissing.spam(ticket.pk, by=agent)
    assert fresh(ticket).status == "closed"
    assert set(Message.objects.values_list("disposition", "decided_by")) == {("spam", agent.pk)}
    assert all("spam" in message.cues for message in Message.objects.all())
    assert Correction.objects.filter(label="reasons").count() == 2


# --- assigning and resolving -------------------------------------------------------------------------------
def test_resolving_is_undone_with_what_waited(ticket: Ticket, agent: User) -> None:
    was = fresh(ticket)
    lifecycle.resolve(ticket.pk, by=agent)
    undo(undoing.last_of(agent), agent)
    back = fresh(ticket)
    assert (back.status, back.waiting_since, back.reopened) == (was.status, was.waiting_since, 0)
    assert Message.objects.get().disposition == "awaiting"


def test_undo_reaches_one_step_further_back_each_time(ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    priority.set_priority(ticket.pk, to=1, by=agent)
    undo(undoing.last_of(agent), agent)
    assert (fresh(ticket).priority, fresh(ticket).assignee) == (3, agent)
    undo(undoing.last_of(agent), agent)
    assert fresh(ticket).assignee is None
    assert undoing.last_of(agent) is None


def test_who_got_it_from_others_since_keeps_it(ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    line = undoing.last_of(agent)
    colleague = a_person(ticket.brand)
    assignment.assign(ticket.pk, to=colleague, by=colleague)
    with pytest.raises(NotAllowed, match="changed again"):
        undo(line, agent)
