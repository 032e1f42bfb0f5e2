"""One ticket's life from the first complaint to its end, as a list of what was said; times are epoch seconds.

A life is drawn by dice and then measured by the code that measures real tickets, so the two cannot disagree.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

from ingest.models import Delivery, Message
from tickets.incoming.triage import Verdict
from tickets.management.scale.voices import ANSWERS, Choir, Voice, spoken
from tickets.measure import Entry, Standing, measure

T = TypeVar("T")
MINUTE, HOUR, DAY = 60, 3600, 86_400
AWAITING = Message.Disposition.AWAITING.value
ANSWERED = Message.Disposition.ANSWERED.value
OUTSIDE = Message.Disposition.ANSWERED_OUTSIDE.value
NO_ANSWER = Message.Disposition.NO_ANSWER.value
SENT = Delivery.State.SENT.value
FAILED = Delivery.State.FAILED.value


@dataclass(slots=True)
class Said:
    """One message. Customers' have a voice and a verdict; ours have an answer's pattern and a language."""

    at: int
    received: int
    text: str
    language: str
    voice: Voice | None = None
    verdict: Verdict | None = None
    disposition: str = Message.Disposition.OURS.value
    # The agent who wrote it, or who gave the disposition; None for the platform's and triage's own doing.
    author: int | None = None
    decided_by: int | None = None
    decided: int = 0
    # State of the outbox row of an answer written here; empty otherwise.
    delivery: str = ""


@dataclass(slots=True)
class Life:
    """A ticket's messages in order, and what people did with it."""

    opened: int
    said: list[Said] = field(default_factory=list)
    agent: int | None = None
    assigned: int | None = None
    snoozed_until: int | None = None
    resolved: int | None = None

    def standing(self) -> Standing:
        """As tickets.standing would find it: answers that never arrived are left out."""
        return measure([_entry(said) for said in self.said if said.delivery != FAILED])

    @property
    def last(self) -> int:
        return max(self.said[-1].at, self.resolved or 0, self.assigned or 0)


def _entry(said: Said) -> Entry:
    voice = said.voice
    return Entry(
        ours=voice is None,
        posted_at=moment(said.at),
        received_at=moment(said.received),
        valence=voice.valence if voice else None,
        awaiting=said.disposition == AWAITING,
        urgency=voice.urgency if voice else "normal",
        text=said.text[:240],
        language=said.language,
    )


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class Teller:
    """Draws lives. `now` bounds everything that happens; `agents` are ids of people to give tickets to."""

    def __init__(self, choir: Choir, dice: Random, now: int, agents: list[int]) -> None:
        self.choir = choir
        self.dice = dice
        self.now = now
        self.agents = agents

    def ended(self, opened: int, most: int) -> Life:
        """A ticket that was resolved, after at most this many messages."""
        life = self._begun(opened, most)
        self._assign(life)
        while len(life.said) < most and self.dice.random() < (0.93 if len(life.said) < 3 else 0.3):
            self._answer(life)
            if len(life.said) < most and self.dice.random() < 0.45:
                happy = self.dice.random() < 0.6
                self._hear(life, self._one(self.choir.content if happy else self.choir.need_a_person))
        life.resolved = self._later(life.last, HOUR)
        self._close(life, NO_ANSWER, life.agent, life.resolved)
        if len(life.said) < most and self.dice.random() < 0.12:
            self._hear(life, self._one(self.choir.content), lambda voice: voice.after_resolving, DAY)
        return life

    def going_on(self, opened: int, most: int) -> Life:
        """A live ticket: nobody's yet, or in somebody's hands, answered or not, or snoozed."""
        life = self._begun(opened, most)
        turn = self.dice.random()
        if turn < 0.3:
            return life
        self._assign(life)
        if turn < 0.55 or len(life.said) >= most:
            return life
        failed = self.dice.random() < 0.02
        self._answer(life, FAILED if failed else SENT)
        if failed:
            return life
        if turn < 0.75 and len(life.said) < most:
            self._hear(life, self._one(self.choir.need_a_person))
        elif turn > 0.95:
            life.snoozed_until = self.now + int(self.dice.random() * 3 * DAY) + HOUR
        return life

    def _begun(self, opened: int, most: int) -> Life:
        life = Life(opened)
        self._hear(life, self._one(self.choir.need_a_person), lambda voice: voice.alone)
        while len(life.said) < most and self.dice.random() < 0.28:
            self._hear(life, self._one(self.choir.need_a_person), span=20 * MINUTE)
        return life

    def _assign(self, life: Life) -> None:
        life.agent = self._one(self.agents)
        life.assigned = self._later(life.last, 10 * MINUTE)

    def _hear(
        self,
        life: Life,
        voice: Voice,
        verdict_of: Callable[[Voice], Verdict] = lambda voice: voice.with_live_ticket,
        span: int = 4 * HOUR,
    ) -> None:
        verdict = verdict_of(voice)
        at = self._later(life.last, span) if life.said else life.opened
        received = at + 1 + int(self.dice.random() * 15)
        text = spoken(voice.pattern, voice.language, self.dice)
        said = Said(at, received, text, voice.language, voice, verdict, verdict.disposition.value)
        said.decided = received + 2
        life.said.append(said)

    def _answer(self, life: Life, state: str = SENT) -> None:
        """One in seven answers is written outside Radd, on the platform itself."""
        language = life.said[-1].language
        text = spoken(self._one(ANSWERS[language]), language, self.dice)
        outside = state == SENT and self.dice.random() < 0.14
        at = self._later(life.last, 5 * HOUR)
        answer = Said(at, at + 2 if outside else at, text, language, decided=at)
        if not outside:
            answer.author, answer.decided_by, answer.delivery = life.agent, life.agent, state
        if state == SENT:
            self._close(life, OUTSIDE if outside else ANSWERED, answer.author, at + 8)
        life.said.append(answer)

    def _close(self, life: Life, disposition: str, by: int | None, at: int) -> None:
        for said in life.said:
            if said.disposition == AWAITING:
                said.disposition, said.decided_by, said.decided = disposition, by, at

    def _later(self, at: int, span: int) -> int:
        """Some time after `at`, mostly soon, within the span, and before now."""
        longest = min(span, (self.now - at) // 4)
        return at + 20 + int(longest * self.dice.random() ** 3)

    def _one(self, things: Sequence[T]) -> T:
        return things[int(self.dice.random() * len(things))]
