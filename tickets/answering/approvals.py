"""Answers that wait for a second person: asked for, let go, given back, withdrawn; and their clock's alarm.

One answer of a ticket waits at a time. It becomes a message when it is approved, by its own key, so that it goes out
once however often somebody presses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from ingest import doorbell
from ingest.models import Delivery
from tickets.activity import record
from tickets.answering import drafts, guarding, replies
from tickets.answering.guard.findings import Level
from tickets.answering.guarding import Looked, NeedsSecond, policy_of
from tickets.models import Activity, Approval, ApprovalRule, Draft, Notice, Ticket
from tickets.permissions import NotAllowed, check_may_decide, check_may_work_on, may_send_alone
from tickets.steering import conditions
from tickets.steering.approval_case import case_of
from tickets.steering.rules import asks_approval

State = Approval.State
Verb = Activity.Verb
LONGEST_NOTE = 2000


class NothingToSay(NotAllowed):
    """Given back without a word: its author would not know what to change."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for with an answer, beside its words."""

    resolve: bool = False
    pictures: Sequence[UUID] = ()
    private: bool = False
    at: datetime | None = None
    # Snooze it, until then or until the customer writes.
    rest: bool = False
    until: datetime | None = None
    # The same words go to many.
    many: bool = False

    def kept(self) -> dict[str, Any]:
        """As Approval.wish holds it."""
        pictures = [str(key) for key in self.pictures]
        times = {name: at.isoformat() if at else "" for name, at in (("at", self.at), ("until", self.until))}
        return {"resolve": self.resolve, "pictures": pictures, "private": self.private, "rest": self.rest,
                "many": self.many, **times}  # fmt: skip

    def as_sent(self) -> dict[str, Any]:
        """As tickets.answering.replies.send takes it."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def read(cls, kept: dict[str, Any], now: datetime) -> "Wish":
        """From what was kept; a time that has gone by is none."""
        at, until = (datetime.fromisoformat(kept[name]) if kept.get(name) else None for name in ("at", "until"))
        gone_by = until is not None and until <= now
        return cls(
            resolve=bool(kept.get("resolve")),
            pictures=[UUID(key) for key in kept.get("pictures", [])],
            private=bool(kept.get("private")),
            at=at if at and at > now else None,
            rest=bool(kept.get("rest")) and not gone_by,
            until=until,
            many=bool(kept.get("many")),
        )


def answer(ticket_id: int, *, text: str, by: User, seen: int, key: UUID, wish: Wish) -> Delivery | Approval:
    """Send an answer, or ask for a second person where the guard or a rule wants one. Raises as replies.send does."""
    earlier = Approval.objects.filter(key=key, ticket=ticket_id).first()
    if earlier is not None:
        check_may_work_on(by, earlier.ticket)
        return earlier
    wanted = _wanted(ticket_id, text, by)
    if wanted is not None:
        return _ask(ticket_id, text=text, by=by, seen=seen, key=key, wish=wish, wanted=wanted)
    try:
        return replies.send(ticket_id, text=text, by=by, seen=seen, key=key, **wish.as_sent())
    except NeedsSecond:
        return _ask(ticket_id, text=text, by=by, seen=seen, key=key, wish=wish)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rule that wants a second person, by its name: an approval rule, or the routing rule behind the ticket."""

    name: str
    rule: ApprovalRule | None = None


def _wanted(ticket_id: int, text: str, by: User) -> Wanted | None:
    """The first rule that wants a second person for this answer; one that cannot be read is passed over."""
    if may_send_alone(by):
        return None
    rule = _rule_for(ticket_id, text, by)
    if rule is not None:
        return Wanted(rule.name, rule)
    routed = asks_approval(ticket_id)
    return Wanted(routed) if routed else None


def _rule_for(ticket_id: int, text: str, by: User) -> ApprovalRule | None:
    """What cannot be answered at all is for replies.send to refuse: no rule is asked."""
    ticket = Ticket.objects.select_related("channel", "brand", "contact").get(pk=ticket_id)
    rules = ApprovalRule.objects.filter(Q(brand=ticket.brand_id) | Q(brand=None), is_on=True, removed_at=None)
    good = [rule for rule in rules.order_by("position", "id") if not conditions.problems(rule.conditions)]
    parent = replies.answers_to(ticket) if good else None
    if parent is None:
        return None
    fields = {str(leaf.get("field")) for rule in good for leaf in conditions.leaves(rule.conditions)}
    looked = guarding.look(ticket, parent, replies.tidy(text))
    case = case_of(ticket, parent, text, by=by, looked=looked, fields=fields)
    return next((rule for rule in good if conditions.fits(rule.conditions, case)), None)


def _ask(
    ticket_id: int, *, text: str, by: User, seen: int, key: UUID, wish: Wish, wanted: Wanted | None = None
) -> Approval:
    """Let an answer wait. What could not be sent anyhow is refused now, not after somebody has read it."""
    text = replies.tidy(text)
    now = timezone.now()
    rule, named = (wanted.rule, wanted.name) if wanted else (None, "")
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",)).select_related("channel").get(pk=ticket_id)
        check_may_work_on(by, ticket)
        parent = replies.check_sendable(ticket, text, seen)
        private = replies.check_private(parent, private=wish.private)
        replies.parts_of(parent.channel, parent.kind, text)
        looked = guarding.look(ticket, parent, text, private=private, many=wish.many)
        if looked.has(Level.STOP):
            raise guarding.Stopped(looked)
        minutes = rule.minutes if rule else policy_of(ticket.brand_id).approval_minutes
        try:
            with transaction.atomic():
                approval = Approval.objects.create(
                    ticket=ticket, rule=rule, author=by, key=key, text=text, wish=wish.kept(), asked_at=now,
                    due_at=now + timedelta(minutes=minutes), reasons=_reasons(looked, named),
                )  # fmt: skip
        except IntegrityError:
            raise NotAllowed(_("Another answer of this ticket waits for a second person.")) from None
        _waits(ticket, on=True)
        if not wish.many:
            replies.take_if_nobodys(ticket, by)
            drafts.drop(ticket, by, Draft.Kind.ANSWER)
        record(ticket, Verb.ASKED, by, approval=approval.pk, rule=named)
        _tell(approval, deciders(ticket, by), Notice.Kind.APPROVAL, by, now)
        doorbell.ring_pages()
    return approval


def _reasons(looked: Looked, named: str) -> list[dict[str, Any]]:
    found = [
        {"code": found.code.value, "data": dict(found.data)}
        for found in looked.findings
        if found.level != Level.GOOD and (named or found.level == Level.SECOND)
    ]
    return [{"rule": named}, *found] if named else found


def _waits(ticket: Ticket, *, on: bool) -> None:
    ticket.awaits_approval, ticket.updated_at = on, timezone.now()
    ticket.save(update_fields=["awaits_approval", "updated_at"])


def deciders(ticket: Ticket, author: User) -> QuerySet[User]:
    """Who may decide: the supervisors of the brand's teams; admins where it has none."""
    others = User.objects.filter(is_active=True).exclude(pk=author.pk)
    supervisors = others.filter(role=Role.SUPERVISOR, teams__brands=ticket.brand_id).distinct()
    return supervisors if supervisors.exists() else others.filter(role=Role.ADMIN)


def _tell(approval: Approval, people: QuerySet[User], kind: Notice.Kind, actor: User | None, now: datetime) -> None:
    key = f"approval:{approval.pk}:{approval.state}:{'late' if approval.alarmed_at else ''}"
    Notice.objects.bulk_create(
        [Notice(user=person, kind=kind, ticket_id=approval.ticket_id, actor=actor, key=key, at=now,
                data={"approval": approval.pk, "state": approval.state}) for person in people],
        ignore_conflicts=True,
    )  # fmt: skip


def _locked(key: UUID) -> Approval:
    """The ticket is locked before its approval, as everywhere."""
    ticket_id = Approval.objects.values_list("ticket_id", flat=True).get(key=key)
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("channel").get(pk=ticket_id)
    approval = Approval.objects.select_for_update(of=("self",)).select_related("author").get(key=key)
    approval.ticket = ticket
    return approval


def approve(key: UUID, *, by: User, seen: int, text: str = "") -> Approval:
    """Let it go out, in these words where they are others. Approved twice it goes out once.

    `seen`: the ticket's position as the approver saw it. Raises NotAllowed and as replies.send does; then it waits on.
    """
    now = timezone.now()
    with transaction.atomic():
        approval = _locked(key)
        check_may_decide(by, approval.ticket, approval.author_id)
        if approval.state != State.ASKED:
            return _decided(approval, State.APPROVED)
        wish = Wish.read(approval.wish, now)
        after = replies.tidy(text) or approval.text
        author = approval.author if approval.author and approval.author.is_active else by
        _waits(approval.ticket, on=False)
        replies.send(
            approval.ticket_id,
            text=after,
            by=author,
            seen=seen,
            key=approval.key,
            approved_by=by,
            **wish.as_sent(),
        )
        approval.text_after = after if after != approval.text else ""
        _decide(approval, State.APPROVED, by, now)
        record(approval.ticket, Verb.APPROVED, by, approval=approval.pk, edited=bool(approval.text_after))
    return approval


def give_back(key: UUID, *, note: str, by: User) -> Approval:
    """Back to its author with a word on why; the words return to their box. Raises NotAllowed, NothingToSay."""
    note = note.strip()[:LONGEST_NOTE]
    with transaction.atomic():
        approval = _locked(key)
        check_may_decide(by, approval.ticket, approval.author_id)
        if approval.state != State.ASKED:
            return _decided(approval, State.RETURNED)
        if not note:
            raise NothingToSay(_("Say what should change."))
        approval.note = note
        _back_in_the_box(approval)
        _waits(approval.ticket, on=False)
        _decide(approval, State.RETURNED, by, timezone.now())
        record(approval.ticket, Verb.RETURNED, by, approval=approval.pk, text=note)
    return approval


def withdraw(key: UUID, *, by: User) -> Approval:
    """Its author takes it back, or a supervisor does. The words return to the author's box. Raises NotAllowed."""
    with transaction.atomic():
        approval = _locked(key)
        check_may_work_on(by, approval.ticket)
        if approval.author_id != by.pk and not by.is_supervisor:
            raise NotAllowed(_("Only its author and supervisors withdraw an answer."))
        if approval.state != State.ASKED:
            return _decided(approval, State.WITHDRAWN)
        _back_in_the_box(approval)
        _waits(approval.ticket, on=False)
        _decide(approval, State.WITHDRAWN, by, timezone.now())
        record(approval.ticket, Verb.WITHDRAWN, by, approval=approval.pk)
    return approval


def _back_in_the_box(approval: Approval) -> None:
    """As its author's draft, unless they have begun another."""
    if approval.author is not None:
        Draft.objects.get_or_create(
            ticket=approval.ticket, user=approval.author, kind=Draft.Kind.ANSWER,
            defaults={"text": approval.text, "updated_at": timezone.now()},
        )  # fmt: skip


def _decided(approval: Approval, wanted: Approval.State) -> Approval:
    """What was decided before, if it is the same; else NotAllowed."""
    if approval.state != wanted:
        raise NotAllowed(_("Somebody else has decided on it already."))
    return approval


def _decide(approval: Approval, state: Approval.State, by: User, now: datetime) -> None:
    approval.state, approval.decided_by, approval.decided_at = state, by, now
    approval.save(update_fields=["state", "decided_by", "decided_at", "note", "text_after"])
    if approval.author_id and approval.author_id != by.pk:
        _tell(approval, User.objects.filter(pk=approval.author_id), Notice.Kind.DECIDED, by, now)
    doorbell.ring_pages()


def alarm(now: datetime | None = None, limit: int = 200) -> int:
    """Tell those who may decide of answers that have waited past their time, once each; returns how many."""
    now = now or timezone.now()
    with transaction.atomic():
        late = Approval.objects.filter(state=State.ASKED, due_at__lte=now, alarmed_at=None)
        rows = list(late.select_for_update(skip_locked=True, of=("self",)).select_related("ticket", "author")[:limit])
        for approval in rows:
            approval.alarmed_at = now
            approval.save(update_fields=["alarmed_at"])
            record(approval.ticket, Verb.WARNED, None, approval=approval.pk)
            anybody = User.objects.filter(is_active=True, role=Role.ADMIN)
            people = deciders(approval.ticket, approval.author) if approval.author else anybody
            _tell(approval, people, Notice.Kind.APPROVAL, None, now)
        if rows:
            doorbell.ring_pages()
    return len(rows)


def waiting_for(user: User) -> QuerySet[Approval]:
    """The answers that wait, of the brands this person sees, those longest waiting first."""
    seen = Approval.objects.filter(state=State.ASKED, ticket__in=Ticket.objects.visible_to(user))
    related = ("ticket__brand", "ticket__channel", "ticket__contact", "author", "rule")
    return seen.select_related(*related).order_by("due_at", "id")


@dataclass(frozen=True, slots=True)
class Waits:
    """The answer of a ticket that waits, as one person sees it."""

    approval: Approval
    mine: bool
    may_decide: bool


def waits_on(ticket: Ticket, user: User) -> Waits | None:
    """The answer of this ticket that waits; a query only where one does."""
    if not ticket.awaits_approval:
        return None
    approval = Approval.objects.filter(ticket=ticket, state=State.ASKED).select_related("author").first()
    if approval is None:
        return None
    mine = approval.author_id == user.pk
    return Waits(approval, mine, may_decide=user.is_supervisor and not mine)


def returned_on(ticket: Ticket, user: User) -> Approval | None:
    """This person's newest answer on the ticket, where it was given back; asked for while they have a draft there."""
    newest = Approval.objects.filter(ticket=ticket, author=user).select_related("decided_by").order_by("-id").first()
    return newest if newest is not None and newest.state == State.RETURNED else None
