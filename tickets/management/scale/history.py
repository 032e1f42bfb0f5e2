"""Made-up history as rows: who writes to whom, in which thread, and the ticket it became."""

import json
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random

from ingest.models import Channel, Contact, Conversation, Delivery, Message
from tickets.incoming.triage import Verdict
from tickets.management.scale.stories import DAY, HOUR, SENT, Life, Said, Teller, moment
from tickets.management.scale.tables import NULL, Clock, Table, as_array, as_text
from tickets.management.scale.voices import Choir, Voice, spoken
from tickets.models import Activity, Ticket, TicketMessage
from tickets.standing import MEASURED, apply
from tickets.subjects import subject_of
from tickets.targets.clocks import Clocks
from tickets.targets.policies import targeting

YEARS = 2
LIVE_SHARE = 0.08
# The newest part of all tickets, of which two thirds are live.
RECENT = LIVE_SHARE * 1.5
RETURNING = 0.4
MODEL, MODEL_VERSION = "made-up", "1"
FIRST_POST_ID = 1_500_000_000_000_000_000
Decision = Message.Decision
Verb = Activity.Verb

MESSAGE_FIELDS = (
    "channel", "conversation", "contact", "direction", "kind", "external_id", "parent_external_id",
    "root_external_id", "ref_external_id", "url", "text", "lang_hint", "raw", "posted_at", "received_at", "author",
    "state", "language", "negative", "neutral", "positive", "cues", "urgency", "reader", "reader_version", "read_at",
    "decision", "reasons", "disposition", "decided_by", "decided_at",
)  # fmt: skip
# What is long over is told to nobody.
TOLD = ("warned_at", "breached_at")
TICKET_FIELDS = (
    "brand", "channel", "contact", "team", "assignee", "previous", "subject", "language", "why", "opened_at",
    "resolved_at", "assigned_at", *(name.removesuffix("_id") for name in MEASURED), *TOLD,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A channel to fill, with the team that its tickets go to and our own account's contact there."""

    channel: Channel
    team_id: int | None
    us: int


@dataclass(slots=True)
class Spot:
    """Where a message stands: its thread, its author and the posts it points to."""

    place: Place
    conversation: int
    author: int
    external_id: str
    parent: str = ""
    root: str = ""
    ref: str = ""
    kind: str = "mention"


class History:
    """Writes rows of all tables of the flow. Everything is drawn from one seed."""

    def __init__(self, places: list[Place], agents: list[int], now: int, seed: int) -> None:
        self.places = places
        self.now = now
        # The next ids as well, so that a second run adds another history and not the same again.
        self.messages = Table(Message, MESSAGE_FIELDS)
        self.dice = Random(f"{seed} {self.messages.next_id}")  # noqa: S311  (no secret)
        self.choir = Choir()
        self.teller = Teller(self.choir, self.dice, now, agents)
        self.clock = Clock(now, YEARS * 366)
        self.contacts = Table(
            Contact, ["brand", "platform", "external_id", "handle", "name", "followers", "first_seen_at"]
        )
        self.conversations = Table(Conversation, ["channel", "contact", "key"])
        self.deliveries = Table(
            Delivery,
            ["message", "channel", "conversation", "key", "state", "due_at", "attempts", "first_tried_at",
             "finished_at", "settled", "created_at"],
        )  # fmt: skip
        self.tickets = Table(Ticket, TICKET_FIELDS)
        self.entries = Table(TicketMessage, ["ticket", "message"])
        self.activities = Table(Activity, ["ticket", "actor", "verb", "data", "at", "xact"])
        self.tables = (
            self.contacts, self.conversations, self.messages, self.deliveries, self.tickets, self.entries,
            self.activities,
        )  # fmt: skip
        # Of every contact made here: the place, the last ticket, whether that is live.
        self._first_contact = self.contacts.next_id
        self._place_of = bytearray()
        self._last_ticket = array("q")
        self._is_live = bytearray()
        self._measured = Ticket(warned_at=moment(now), breached_at=moment(now))
        self._owed = targeting([], moment(now))

    # --- the whole of it --------------------------------------------------------------------------------------------
    def write(self, tickets: int, messages: int) -> Iterator[tuple[int, int]]:
        """Tickets from the oldest to the newest, other messages between them; yields how many there are so far."""
        start = self.now - YEARS * 365 * DAY
        span = self.now - HOUR - start
        for number in range(tickets):
            opened = start + int(span * (number + self.dice.random()) / tickets)
            left = messages - self.messages.made - (tickets - number - 1)
            self._ticket(opened, left, live=number >= tickets * (1 - RECENT) and self.dice.random() < 2 / 3)
            self._chatter(opened, self._share(number + 1, tickets, messages))
            if number % 5000 == 4999:
                self.flush()
                yield number + 1, self.messages.written
        while self.messages.made < messages:
            missing = messages - self.messages.made
            self._chatter(start + int(span * self.dice.random()), min(missing, 1))
            if missing % 50_000 == 0:
                self.flush()
                yield tickets, self.messages.written
        self.flush()
        yield tickets, self.messages.written

    def _share(self, tickets_done: int, tickets: int, messages: int) -> int:
        """How many other messages are due by now, so that they are spread over the whole time."""
        due = messages * tickets_done // tickets - self.messages.made
        room = messages - self.messages.made - (tickets - tickets_done)
        return max(0, min(due, room))

    def flush(self) -> None:
        for table in self.tables:
            table.flush()

    # --- people -----------------------------------------------------------------------------------------------------
    def _somebody(self, returning: float) -> int:
        """A contact without a live ticket: one that wrote before, or a new one."""
        known = len(self._place_of)
        if known and self.dice.random() < returning:
            which = int(self.dice.random() * known)
            if not self._is_live[which]:
                return which
        place = int(self.dice.random() * len(self.places))
        channel = self.places[place].channel
        pk = self.contacts.next_id
        self.contacts.add(
            str(channel.brand_id), channel.platform, f"made-up-{pk}", f"user{pk}", f"Customer {pk}",
            str(pk * 7919 % 4000), self.clock.text(self.now - YEARS * 365 * DAY),
        )  # fmt: skip
        self._place_of.append(place)
        self._last_ticket.append(0)
        self._is_live.append(0)
        return known

    # --- tickets ----------------------------------------------------------------------------------------------------
    def _ticket(self, opened: int, most: int, *, live: bool) -> None:
        who = self._somebody(RETURNING)
        place = self.places[self._place_of[who]]
        life = self.teller.going_on(opened, most) if live else self.teller.ended(opened, most)
        ticket = self.tickets.next_id
        contact = self._first_contact + who
        conversation = self.conversations.add(
            str(place.channel.pk), str(contact), str(FIRST_POST_ID + self.messages.next_id)
        )
        ids = self._messages(life.said, place, contact, conversation)
        for pk in ids:
            self.entries.add(str(ticket), str(pk))
        self._write_ticket(life, place, contact, self._last_ticket[who], live=live)
        self._activities(ticket, life, ids)
        self._last_ticket[who] = ticket
        self._is_live[who] = live

    def _messages(self, said: list[Said], place: Place, contact: int, conversation: int) -> list[int]:
        """A thread: each message under the one before it."""
        root = parent = ""
        ids = []
        for one in said:
            external_id = "" if one.delivery and one.delivery != SENT else str(FIRST_POST_ID + self.messages.next_id)
            author = contact if one.voice else place.us
            kind = "reply" if parent else "mention"
            pk = self._message(one, Spot(place, conversation, author, external_id, parent, root, kind=kind))
            if one.delivery:
                self._delivery(one, pk, place, conversation)
            ids.append(pk)
            root, parent = root or external_id, external_id or parent
        return ids

    def _message(self, said: Said, spot: Spot) -> int:
        at = self.clock.text
        url = f"https://x.example/i/status/{spot.external_id}" if spot.external_id else ""
        return self.messages.add(
            str(spot.place.channel.pk), str(spot.conversation), str(spot.author), "in" if said.voice else "out",
            spot.kind, spot.external_id, spot.parent, spot.root, spot.ref, url, said.text, said.language,
            f'{{"id": "{spot.external_id}"}}', at(said.at), at(said.received), as_text(said.author), "triaged",
            said.language, *self._reading(said.voice, said.received), *_decision(said.verdict), said.disposition,
            as_text(said.decided_by), at(said.decided),
        )  # fmt: skip

    def _reading(self, voice: Voice | None, received: int) -> tuple[str, ...]:
        if voice is None:
            return (NULL, NULL, NULL, "{}", "", "", "", NULL)
        scores = str(voice.negative), str(voice.neutral), str(voice.positive)
        return (*scores, as_array(voice.cues), voice.urgency, MODEL, MODEL_VERSION, self.clock.text(received + 1))

    def _delivery(self, said: Said, message: int, place: Place, conversation: int) -> None:
        at = self.clock.text(said.at + 6)
        key = f"{self.dice.getrandbits(128):032x}"
        self.deliveries.add(
            str(message), str(place.channel.pk), str(conversation), key, said.delivery, at, "1", at, at, "t",
            self.clock.text(said.at),
        )  # fmt: skip

    def _write_ticket(self, life: Life, place: Place, contact: int, previous: int, *, live: bool) -> None:
        row = self._measured
        row.opened_at, row.due_at = moment(life.opened), None
        row.assignee_id = life.agent
        row.urgency = life.said[0].verdict.urgency if life.said[0].verdict else "normal"
        row.status = _status_before(life, self.now, live=live)
        if life.snoozed_until:
            row.due_at = moment(life.snoozed_until)
        for name, nothing in asdict(Clocks()).items():
            setattr(row, name, nothing)
        apply(row, life.standing(), self._owed, moment(life.last))
        first = life.said[0]
        why = next(s.verdict.reasons for s in reversed(life.said) if s.verdict and s.verdict.needs_answer)
        at = self.clock.text
        self.tickets.add(
            str(place.channel.brand_id), str(place.channel.pk), str(contact), as_text(place.team_id),
            as_text(life.agent), as_text(previous or None), subject_of(first.text), first.language,
            as_text([reason for reason in why if reason["code"] != "live_ticket"]), at(life.opened), at(life.resolved),
            at(life.assigned), *(as_text(getattr(row, name)) for name in (*MEASURED, *TOLD)),
        )  # fmt: skip

    def _activities(self, ticket: int, life: Life, messages: list[int]) -> None:
        lines: list[tuple[int, Verb, int | None, str]] = []
        for said, pk in zip(life.said, messages, strict=True):
            data = f'{{"message": {pk}}}'
            if said.author:
                lines.append((said.at, Verb.ANSWERED, said.author, data))
                lines.append((said.at + 8, Verb.DELIVERED if said.delivery == SENT else Verb.NOT_DELIVERED, None, data))
            else:
                verb = Verb.JOINED if lines else Verb.OPENED
                lines.append((said.decided if said.voice is None else said.received + 2, verb, None, data))
        if life.assigned:
            lines.append((life.assigned, Verb.ASSIGNED, None, json.dumps({"to": life.agent})))
        if life.resolved:
            lines.append((life.resolved, Verb.RESOLVED, life.agent, "{}"))
            if life.resolved < self.now - 7 * DAY:
                lines.append((life.resolved + 7 * DAY, Verb.CLOSED, None, "{}"))
        for at, verb, actor, data in lines:
            # Written by a transaction before all others, so that no open page takes two years for news.
            self.activities.add(str(ticket), as_text(actor), verb.value, data, self.clock.text(at), "0")

    # --- what becomes no ticket -------------------------------------------------------------------------------------
    def _chatter(self, about: int, count: int) -> None:
        """Messages that nobody has to answer: praise and small talk, spam, reposts, posts of our own."""
        for _turn in range(count):
            at = min(about + int(self.dice.random() * HOUR), self.now - 60)
            who = self._somebody(0.6)
            place = self.places[self._place_of[who]]
            draw = self.dice.random()
            external_id = str(FIRST_POST_ID + self.messages.next_id)
            author = self._first_contact + who if draw < 0.9 else place.us
            conversation = self.conversations.add(str(place.channel.pk), str(author), external_id)
            said, kind, ref = self._nobodys(at, draw)
            self._message(said, Spot(place, conversation, author, external_id, ref=ref, kind=kind))

    def _nobodys(self, at: int, draw: float) -> tuple[Said, str, str]:
        voices = self.choir.need_nobody if draw < 0.55 or draw >= 0.7 else self.choir.spam
        voice = voices[int(self.dice.random() * len(voices))]
        text = spoken(voice.pattern, voice.language, self.dice)
        said = Said(at, at + 3, text, voice.language, voice, voice.alone, voice.alone.disposition.value, decided=at + 5)
        if draw < 0.7:
            return said, "mention", ""
        if draw < 0.9:
            said.verdict, said.disposition = _FOLDED, _FOLDED.disposition.value
            ref = FIRST_POST_ID + int(self.dice.random() * self.messages.next_id)
            return said, "repost", str(ref)
        said.voice, said.verdict, said.disposition = None, None, Message.Disposition.OURS.value
        return said, "post", ""


_FOLDED = Verdict(Decision.FOLDED, Message.Disposition.MERGED, ({"code": "repost"},), "low")


def _decision(verdict: Verdict | None) -> tuple[str, str]:
    if verdict is None:
        return Decision.OURS.value, '[{"code": "own_post"}]'
    return verdict.decision.value, as_text(list(verdict.reasons))


def _status_before(life: Life, now: int, *, live: bool) -> str:
    """What people made of it; `apply` then says whether a live one waits for us or for the customer."""
    if not live:
        return "resolved" if life.resolved and life.resolved >= now - 7 * DAY else "closed"
    if life.snoozed_until:
        return "snoozed"
    return "open" if life.agent else "new"
