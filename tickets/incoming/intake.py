"""Intake: carry out what triage decides on a batch of read messages, in one transaction.

Nothing outside the database is touched here, so the rows are simply locked (SKIP LOCKED) until the commit: a process
that dies leaves them as they were. One live ticket per contact is held by a constraint; two workers that meet over
the same person see each other through it and look again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from accounts.models import User
from ingest import batch, doorbell
from ingest.models import Channel, Message
from tickets.customers import kinship
from tickets.incidents import joining
from tickets.incoming import changed, overtaken, repeats, threadlinks
from tickets.incoming.slots import Slot, slots_of
from tickets.incoming.triage import Facts, Policy, Verdict, decide, overturn
from tickets.listing.search import indexing
from tickets.measure import measure
from tickets.models import Activity, Ticket, TicketMessage
from tickets.standing import MEASURED, apply, entries_of, row_of
from tickets.steering import routing, rules
from tickets.steering.case import Moment
from tickets.subjects import subject_of
from tickets.targets.policies import targeting
from tickets.verbs import snoozing

log = structlog.get_logger(__name__)

Decision = Message.Decision
Disposition = Message.Disposition
# A message that triage failed on rests before the next try, longer each time.
REST_AFTER_FAILURE = timedelta(seconds=5)
TRIES_PER_CLASH = 5


@dataclass(slots=True)
class Outcome:
    """One message, the verdict on it, and the ticket it is on, if any."""

    message: Message
    verdict: Verdict
    ticket: Ticket | None = None
    opened: bool = False


def triage_new(limit: int | None = None) -> int:
    """Triage one batch; returns how many messages left the line, 0 when none waits."""
    limit = limit or settings.TRIAGE_BATCH
    for _turn in range(TRIES_PER_CLASH):
        try:
            with transaction.atomic():
                return _triage(_waiting(limit))
        except IntegrityError:
            # Another worker opened a ticket for one of our contacts just now: look again.
            continue
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
        except Exception:
            log.exception("triage of a batch failed; going on one by one")
            break
    return _one_by_one(limit)


def _one_by_one(limit: int) -> int:
    """One message that breaks triage is set aside with its error; the others go on."""
    done = 0
    for message_id in list(
        Message.objects.untriaged_at(timezone.now()).order_by("id").values_list("id", flat=True)[:limit]
    ):
        try:
            with transaction.atomic():
                done += _triage(_waiting(1, only=message_id))
        except Exception as error:
            log.exception("triage failed", message=message_id)
            done += 1
            _note_failure(message_id, error)
    return done


def _note_failure(message_id: int, error: Exception) -> None:
    message = Message.objects.get(pk=message_id)
    message.attempts += 1
    message.last_error = f"{type(error).__name__}: {error}"[:2000]
    message.lease_until = timezone.now() + REST_AFTER_FAILURE * message.attempts
    if message.attempts >= settings.TRIAGE_ATTEMPTS:
        message.state, message.lease_until = Message.State.HELD, None
    message.save(update_fields=["attempts", "last_error", "lease_until", "state"])


def replay_held(message_ids: Sequence[int]) -> int:
    """Put messages that triage could not handle back in line."""
    return Message.objects.filter(pk__in=message_ids, state=Message.State.HELD).update(
        state=Message.State.SCORED, attempts=0, lease_until=None, last_error=""
    )


def _waiting(limit: int, only: int | None = None) -> list[Message]:
    rows = Message.objects.untriaged_at(timezone.now()).select_related("contact", "channel").defer("raw", "metrics")
    rows = rows.filter(pk=only) if only else rows
    return list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("id")[:limit])


# --- one batch ------------------------------------------------------------------------------------------------------
def _triage(messages: list[Message]) -> int:
    if not messages:
        return 0
    now = timezone.now()
    kinship.take_turns()
    ours = [message for message in messages if message.direction == Message.Direction.OUT]
    theirs = changed.settle_known([m for m in messages if m.direction == Message.Direction.IN], now)
    outcomes = _decide_all(theirs, now)
    opened = [outcome for outcome in outcomes if outcome.opened]
    _open_tickets(opened)
    here = {outcome.message.pk: outcome.ticket for outcome in outcomes}
    linked = threadlinks.link_answers(theirs, {pk: ticket for pk, ticket in here.items() if ticket})
    placed, postponed = threadlinks.place_own_posts(ours, here)
    outcomes += [_own(message, placed.get(message.pk)) for message in ours if message.pk not in postponed]
    _write(outcomes, linked, now)
    _rest(ours, postponed, now)
    return len(messages)


def _write(outcomes: Sequence[Outcome], linked: Sequence[TicketMessage], now: datetime) -> None:
    """What was decided becomes rows; tickets that are opened here are in the database already."""
    TicketMessage.objects.bulk_create(
        [TicketMessage(ticket=o.ticket, message=o.message) for o in outcomes if o.ticket] + list(linked),
        ignore_conflicts=True,
    )
    _write_messages(outcomes, now)
    # Before rules are asked: they may want to know which incident a ticket is of.
    of_incidents = joining.join(_of_new(outcomes), now)
    routed = rules.route(_moments(outcomes, now), now)
    joined = [(o.ticket, o.message) for o in outcomes if o.ticket and o.verdict.decision == Decision.JOIN]
    risen, asleep = repeats.rise(joined, now), snoozing.asleep(ticket for ticket, _message in joined)
    held = overtaken.hold(joined, now)
    _settle(outcomes, now)
    _record(outcomes, now)
    Activity.objects.bulk_create([*of_incidents, *routed, *risen, *held, *snoozing.woken(asleep, now)])
    doorbell.ring_pages()
    indexing.ring()
    if any(outcome.opened or outcome.verdict.reopen for outcome in outcomes):
        routing.ring()


def _of_new(outcomes: Sequence[Outcome]) -> list[tuple[Ticket, Message]]:
    """Tickets that are opened or come back here, with each of their customers' messages of this batch."""
    new = {outcome.ticket.pk for outcome in outcomes if outcome.ticket and (outcome.opened or outcome.verdict.reopen)}
    theirs = (o for o in outcomes if o.verdict.decision in {Decision.TICKET, Decision.JOIN})
    return [(o.ticket, o.message) for o in theirs if o.ticket and o.ticket.pk in new]


def _moments(outcomes: Sequence[Outcome], now: datetime) -> list[Moment]:
    """Tickets that rules are asked about: those opened and those that came back, each with the message that did it."""
    found: dict[int, Moment] = {}
    for outcome in outcomes:
        if outcome.ticket and (outcome.opened or outcome.verdict.reopen):
            moment = Moment(outcome.ticket, outcome.message, now, came_back=outcome.verdict.reopen)
            found.setdefault(outcome.ticket.pk, moment)
    return list(found.values())


def take_up(message: Message, *, by: User, now: datetime) -> Ticket:
    """A person says that a message on no ticket needs an answer: it goes where triage would have put it.

    In the caller's transaction, the message locked, with its contact and channel. Raises IntegrityError when a ticket
    for its contact was opened at this moment.
    """
    kinship.take_turns()
    slot = slots_of([message], now)[message.contact_id]
    teams = routing.default_teams({message.channel.brand_id})
    outcome = _place(message, overturn(facts_of(message, slot)), slot, teams, now)
    if outcome.ticket is None:
        raise TypeError("a message that needs an answer has a ticket")
    if outcome.opened:
        _open_tickets([outcome])
    _write([outcome], threadlinks.link_answers([message], {message.pk: outcome.ticket}), now)
    Message.objects.filter(pk=message.pk).update(decided_by=by)
    return outcome.ticket


def _own(message: Message, ticket: Ticket | None) -> Outcome:
    return Outcome(message, decide(Facts(kind=message.kind, text=message.text, ours=True), _policy()), ticket)


def _decide_all(messages: Sequence[Message], now: datetime) -> list[Outcome]:
    """Decide in the order things were said, so that a person's second message finds the ticket of the first."""
    slots = slots_of(messages, now)
    teams = routing.default_teams({message.channel.brand_id for message in messages})
    doubles = _seen_elsewhere(messages)
    outcomes = []
    for message in sorted(messages, key=lambda m: (m.posted_at, m.pk)):
        slot = slots[message.contact_id]
        verdict = decide(facts_of(message, slot, seen_elsewhere=message.pk in doubles), _policy())
        outcomes.append(_place(message, verdict, slot, teams, now))
    return outcomes


def _place(message: Message, verdict: Verdict, slot: Slot, teams: Mapping[int, int], now: datetime) -> Outcome:
    """Find or make the ticket that the verdict speaks of; the slot knows of it from then on."""
    outcome = Outcome(message, verdict)
    if verdict.decision == Decision.TICKET:
        outcome.ticket = slot.live = _new_ticket(message, slot, teams, now)
        outcome.opened = True
    elif verdict.decision == Decision.JOIN:
        outcome.ticket = ticket = slot.live or slot.by_thread[message.conversation_id]
        if verdict.reopen:
            _reopen(ticket)
            slot.live = ticket
    return outcome


def facts_of(message: Message, slot: Slot, *, seen_elsewhere: bool = False) -> Facts:
    """A message as triage sees it."""
    return Facts(
        kind=message.kind,
        text=message.text,
        has_media=bool(message.media),
        deleted=message.deleted_at is not None,
        negative=message.negative,
        positive=message.positive,
        cues=tuple(message.cues),
        urgency=message.urgency,
        follow_up=message.follow_up,
        threshold=message.threshold,
        trigger=message.trigger,
        aim=message.aim,
        live_ticket=slot.live is not None,
        resolved_thread=message.conversation_id in slot.by_thread,
        seen_elsewhere=seen_elsewhere,
    )


def _policy() -> Policy:
    return Policy(settings.TRIAGE_NEGATIVE, settings.TRIAGE_UNSURE, settings.TRIAGE_FOLLOW_UP)


def _seen_elsewhere(messages: Sequence[Message]) -> set[int]:
    """Ids of messages whose post came in before through another channel of the same brand and platform."""
    channels = {message.channel for message in messages}
    sisters = Channel.objects.filter(
        brand__in={c.brand_id for c in channels}, platform__in={c.platform for c in channels}
    )
    if sisters.count() <= len({(c.brand_id, c.platform) for c in channels}):
        return set()
    contacts = {message.contact_id for message in messages}
    same = Message.objects.filter(
        channel__in=sisters, contact__in=contacts, external_id__in={message.external_id for message in messages}
    )
    # What was only kept to understand others is answered by nobody there.
    same = same.exclude(decision=Decision.CONTEXT)
    first: dict[tuple[int, str], int] = {}
    for pk, contact, external in same.order_by("-id").values_list("id", "contact_id", "external_id"):
        first[contact, external] = pk
    return {m.pk for m in messages if first.get((m.contact_id, m.external_id), m.pk) < m.pk}


# --- tickets --------------------------------------------------------------------------------------------------------
def _new_ticket(message: Message, slot: Slot, teams: Mapping[int, int], now: datetime) -> Ticket:
    return Ticket(
        brand_id=message.channel.brand_id,
        channel=message.channel,
        contact=message.contact,
        customer_id=slot.customer,
        team_id=teams.get(message.channel.brand_id),
        previous=slot.resolved,
        subject=subject_of(message.text),
        language=message.language,
        opened_at=message.waits_from,
        due_at=now,
        updated_at=now,
    )


def _reopen(ticket: Ticket) -> None:
    ticket.status = Ticket.Status.OPEN if ticket.assignee_id else Ticket.Status.NEW
    ticket.due_at = ticket.opened_at
    ticket.resolved_at = None
    ticket.reopened += 1


def _open_tickets(outcomes: Sequence[Outcome]) -> None:
    """Insert the new tickets, ordered by contact so that two workers wait for each other rather than deadlock."""
    by_ticket: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_ticket[id(outcome.ticket)].append(outcome)
    tickets = sorted((o.ticket for o in outcomes if o.ticket), key=lambda ticket: ticket.contact_id)
    for ticket in tickets:
        first = by_ticket[id(ticket)][0]
        ticket.why = list(first.verdict.reasons)
        ticket.urgency = first.verdict.urgency
    Ticket.objects.bulk_create(tickets)


def _settle(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Bring every touched ticket in step with its messages, in one statement."""
    tickets = {outcome.ticket.pk: outcome.ticket for outcome in outcomes if outcome.ticket}
    if not tickets:
        return
    for outcome in outcomes:
        if outcome.ticket and outcome.verdict.decision != Decision.OURS:
            outcome.ticket.why = [
                r for r in outcome.verdict.reasons if r["code"] not in {"live_ticket", "came_back", "after_care"}
            ]
    threadlinks.mark_answered_outside(tickets, now)
    found, owed = entries_of(tickets), targeting(tickets.values(), now)
    for ticket in tickets.values():
        apply(ticket, measure(found[ticket.pk]), owed, now)
    names = [*MEASURED, "why", "resolved_at", "reopened", "priority"]
    batch.update(Ticket, [row_of(ticket, names) for ticket in tickets.values()], names)


# --- writing --------------------------------------------------------------------------------------------------------
def _write_messages(outcomes: Iterable[Outcome], now: datetime) -> None:
    rows: list[dict[str, Any]] = []
    for outcome in outcomes:
        outcome.message.disposition = outcome.verdict.disposition
        rows.append(
            {
                "id": outcome.message.pk,
                "state": Message.State.TRIAGED.value,
                "decision": outcome.verdict.decision.value,
                "disposition": outcome.verdict.disposition.value,
                "reasons": list(outcome.verdict.reasons),
                "decided_at": now,
                "lease_until": None,
                "attempts": 0,
                "last_error": "",
            }
        )
    batch.update(Message, rows, list(rows[0])[1:] if rows else [])


def _record(outcomes: Iterable[Outcome], now: datetime) -> None:
    """One line in the record for each thing that happened to a ticket."""
    lines = []
    for outcome in outcomes:
        if outcome.ticket is None:
            continue
        verb = Activity.Verb.OPENED if outcome.opened else Activity.Verb.JOINED
        data = {"message": outcome.message.pk}
        lines.append(Activity(ticket=outcome.ticket, verb=verb, data=data, at=now))
        if outcome.verdict.reopen:
            lines.append(Activity(ticket=outcome.ticket, verb=Activity.Verb.REOPENED, data={"why": "customer"}, at=now))
    Activity.objects.bulk_create(lines)


def _rest(ours: Sequence[Message], postponed: set[int], now: datetime) -> None:
    """Own posts whose place is not known yet are looked at again shortly."""
    waiting = [message.pk for message in ours if message.pk in postponed]
    Message.objects.filter(pk__in=waiting).update(lease_until=now + REST_AFTER_FAILURE)
