"""What happened on the demo brand's desk before anybody looks: answers, notes, tags, a wait for a second person.

Everything is done by the verbs, so that each page shows what it would show after such a morning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import Brand, Team, User
from ingest.models import Channel, Delivery, Message, ReaderModel, ShadowReading
from tests.pictures import a_file
from tickets.answering import approvals, macros, saved_replies, tray
from tickets.answering.approvals import Wish
from tickets.answering.saved_replies import Scope
from tickets.listing import saved_views
from tickets.models import Approval, BulkAction, Draft, Macro, Notice, SavedReply, Tag, Ticket
from tickets.permissions import NotAllowed
from tickets.steering import assignment
from tickets.verbs import bulk, lifecycle, linking, priority, snoozing, tag_keeping, tagging

ANSWERS = {
    "en": "I am sorry about this. I have looked into it myself and put it right for you just now.",
    "ar": "أعتذر لك عن هذا. راجعت الأمر بنفسي وأصلحته لك الآن، وسأتابع معك حتى تتأكد.",
}
PEOPLE = ("omar", "huda", "lina", "admin")
BLAMES = "The bill is right, it is your own fault that you did not read the contract before."
SAVED = (
    (
        "Refund",
        "A refund takes three working days, {customer}. I have started it.",
        "يستغرق رد المبلغ ثلاثة أيام عمل. بدأته الآن.",
    ),
    (
        "Restart the box",
        "Restart the box and wait two minutes; tell me if the light stays red.",
        "أعد تشغيل الجهاز وانتظر دقيقتين، وأخبرني إن بقي الضوء أحمر.",
    ),
    (
        "Outage in your area",
        "There is an outage in your area. We work on it and write here again.",
        "هناك انقطاع في منطقتك. نعمل على إصلاحه ونكتب لك هنا.",
    ),
)
TAGS = (("Refund", "استرداد"), ("Outage", "انقطاع"), ("Roaming", "تجوال"))
# Weeks of readings, the last one in alarm.
WEEKS = """
    INSERT INTO ingest_readingweek (channel_id, language, week, messages, sentiment, urgency, reasons, follow_up,
                                    uncertainty, corrected, readers, shift, alarms)
    SELECT %s, speech.code, date_trunc('week', now())::date - 7 * n, 400 - 20 * n,
           CASE n WHEN 0 THEN '{"negative": 240, "neutral": 80, "positive": 80}'::jsonb
                  ELSE '{"negative": 150, "neutral": 150, "positive": 80}'::jsonb END,
           '{"high": 40, "normal": 280, "low": 80}', '{"complaint": 140, "question": 90, "fault_report": 70}',
           '{"yes": 220, "no": 180}', 0.18, '{"sentiment": 6}', '{"radd-reader 1": 400}',
           CASE n WHEN 0 THEN '{"sentiment": 0.31}'::jsonb ELSE '{}'::jsonb END,
           CASE n WHEN 0 THEN ARRAY['sentiment'] ELSE '{}'::varchar[] END
      FROM unnest(ARRAY['ar', 'en', 'fr']) speech (code), generate_series(0, 5) n
        ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Told:
    """Where the story happened, and what it left."""

    brand: Brand
    team: Team
    channel: Channel
    admin: User
    # Live ones that wait for an answer, both languages; nothing was done to the first two but to be tagged.
    tickets: Sequence[Ticket]
    saved: SavedReply
    macro: Macro
    approval: Approval
    delivery: Delivery
    # Those that were answered, by the customer's language.
    answered: Mapping[str, Ticket]


@transaction.atomic
def tell(team: Team) -> Told:
    """Let it happen, all of it or nothing; it happens once for each desk."""
    brand = team.brands.get()
    channel = Channel.objects.get(platform="demo", brand=brand)
    omar, huda, lina, admin = (
        User.objects.get(email=f"{who}@nawa.example") for who in ("omar", "huda", "lina", "admin")
    )
    waiting = Ticket.objects.filter(
        brand=brand, waiting_since__isnull=False, status__in=["new", "open"], awaits_approval=False
    )
    tickets = list(waiting.select_related("contact").order_by("id")[:24])
    saved, macro = _kept(team, lina, admin)
    _marked(brand, tickets, lina)
    delivery, approval = _answered(tickets, omar, huda)
    _handled(tickets, omar, huda, lina)
    _read(channel, lina)
    answered = _speaking(tickets[4:8])
    return Told(brand, team, channel, admin, tickets, saved, macro, approval, delivery, answered)


def _kept(team: Team, lina: User, admin: User) -> tuple[SavedReply, Macro]:
    scope = Scope(whose="team", team=team)
    replies = [
        saved_replies.keep(name=name, texts={"en": english, "ar": arabic}, scope=scope, by=lina)
        for name, english, arabic in SAVED
    ]
    actions: list[dict[str, Any]] = [{"do": "reply", "reply": replies[0].pk}, {"do": "resolve"}]
    try:
        macro = macros.keep(name="Refunded", actions=actions, scope=scope, by=lina)
    except NotAllowed:
        macro = macros.keep(name="Solved", actions=actions[1:], scope=scope, by=lina)
    query = {"status": "new"}
    saved_views.keep(saved_views.Wish("Nobody has looked yet", query, "", Scope("team", team)), by=lina)
    return replies[0], macro


def _marked(brand: Brand, tickets: Sequence[Ticket], lina: User) -> None:
    tags = [
        Tag.objects.filter(brand=brand, name=name).first()
        or tag_keeping.keep(None, name=name, name_ar=arabic, brand=brand, by=lina)
        for name, arabic in TAGS
    ]
    for place, ticket in enumerate(tickets[:6]):
        tagging.tag(ticket.pk, add=[tags[place % len(tags)].pk], by=lina)
    priority.set_priority(tickets[2].pk, to=1, by=lina)
    linking.link(tickets[2].pk, to=tickets[3].pk, by=lina)


def _answered(tickets: Sequence[Ticket], omar: User, huda: User) -> tuple[Delivery, Approval]:
    """Answers that went out, one in each language, and one that waits for a second person."""
    sent = [_say(ticket, ANSWERS[language], omar) for language, ticket in _speaking(tickets[4:8]).items()]
    asked = next(
        found for found in (_say(ticket, BLAMES, huda) for ticket in tickets[8:12]) if isinstance(found, Approval)
    )
    return next(found for found in sent if isinstance(found, Delivery)), asked


def _speaking(tickets: Sequence[Ticket]) -> dict[str, Ticket]:
    """The first in each language that we answer in: the same words twice would be a canned answer."""
    return {ticket.preview_language: ticket for ticket in reversed(tickets) if ticket.preview_language in ANSWERS}


def _say(ticket: Ticket, text: str, by: User) -> Delivery | Approval:
    seen = Ticket.objects.get(pk=ticket.pk).position
    return approvals.answer(ticket.pk, text=text, by=by, seen=seen, key=uuid4(), wish=Wish())


def _handled(tickets: Sequence[Ticket], omar: User, huda: User, lina: User) -> None:
    now = timezone.now()
    lifecycle.note(tickets[0].pk, text="@Lina Mansour the network team says it comes back at six.", by=omar)
    begun = {"text": "We have found the fault in", "updated_at": now}
    Draft.objects.update_or_create(ticket=tickets[0], user=huda, kind="answer", defaults=begun)
    snoozing.snooze(tickets[12].pk, until=now + timedelta(hours=20), by=lina)
    snoozing.snooze(tickets[13].pk, until=None, by=lina)
    lifecycle.resolve(tickets[14].pk, by=omar)
    for ticket, to in ((tickets[15], lina), (tickets[16], omar), (tickets[0], omar)):
        assignment.assign(ticket.pk, to=to, by=lina)


def _read(channel: Channel, lina: User) -> None:
    """Weeks of readings; one message that nobody could read; a model on trial that reads some things another way."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(WEEKS, [channel.pk])
    first = Message.objects.filter(channel=channel).order_by("id").first()
    assert first is not None
    Message.objects.filter(pk=first.pk).update(read_error="no such word")
    last = Message.objects.filter(channel=channel).exclude(reader="").latest("pk")
    on_trial = {
        "name": "The next one", "model": last.reader, "version": last.reader_version, "spec": "onnx", "added_at": now,
        "shadow_after": last.pk,
    }  # fmt: skip
    trial, _ = ReaderModel.objects.get_or_create(role=ReaderModel.Role.CHALLENGER, defaults=on_trial)
    for message in Message.objects.filter(channel=channel).exclude(reader="")[:20]:
        read = {"at": now, "sentiment": "neutral", "live_sentiment": "negative", "differs": ["sentiment"]}
        ShadowReading.objects.get_or_create(reader=trial, message=message, defaults=read)


def own(story: Told, by: User) -> dict[str, models.Model]:
    """What is this person's alone: a view, a notice, bulk work that is done, a picture not sent yet."""
    told = {"kind": "assigned", "ticket": story.tickets[1], "at": timezone.now()}
    made: dict[str, Callable[[], models.Model]] = {
        "view": lambda: saved_views.keep(saved_views.Wish("High first", {"urgency": "high"}, "", Scope()), by=by),
        "notice": lambda: Notice.objects.get_or_create(user=by, key=f"told-{by.pk}", defaults=told)[0],
        "line": lambda: lifecycle.note(story.tickets[1].pk, text="I have called them.", by=by),
        "bulk": lambda: _bulk(story, by),
        "picture": lambda: tray.add(story.tickets[1], content=a_file(), by=by, alt="A red light"),
    }
    return {name: make() for name, make in made.items()}


def _bulk(story: Told, by: User) -> BulkAction:
    return bulk.begin([ticket.pk for ticket in story.tickets[17:20]], {"do": "priority", "priority": 2}, by=by)
