"""Something to see on every page of the demo brand, made by the verbs themselves; then the list of pages, as JSON.

Run as a program of its own against a running desk (`python -m tests.e2e.furnish`), because a browser's process may not
touch the database by the ORM. Which pages there are comes from the resolver and from tests/care/doors.py: a new page is
walked without anybody thinking of it, and one whose address names something that is not made here is told as missing.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import django

django.setup()

from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import people
from accounts.models import Role, Team, User
from accounts.people import door_of
from ingest.models import BadItem, Channel, InboundEvent, ReaderModel
from tests.care.doors import DOORS, Door, Who
from tests.e2e import demo_story
from tickets.customers import joining
from tickets.incidents import placing
from tickets.models import (
    ApprovalRule,
    Calendar,
    CalendarDays,
    EscalationChain,
    Incident,
    IncidentUpdate,
    Review,
    RoutingRule,
    Scorecard,
    SlaPolicy,
    Tag,
    Ticket,
    TicketMessage,
    Tier,
)
from tickets.targets import tiers

# Who walks: those who see what their teams see, and for pages of admins an admin.
WALKERS = {
    "en": {"lead": "lina@nawa.example", "admin": "admin@nawa.example"},
    "ar": {"lead": "maha@nawa.example", "admin": "salem@nawa.example"},
}
# Has been invited, and never came in: whoever signs in ends their invitation.
INVITED = "noor@nawa.example"
QUESTIONS = [{"id": "q1", "en": "Was it kind?", "ar": "هل كان الرد لطيفًا؟", "weight": 1}]
ARABIC = (("maha@nawa.example", "مها اللواتي", Role.SUPERVISOR), ("salem@nawa.example", "سالم درويش", Role.ADMIN))


def main() -> None:
    settings.ALLOWED_HOSTS = ["*"]
    team = Team.objects.get(name="Care")
    for email, name, role in ARABIC:
        if not User.objects.filter(email=email).exists():
            given = {"email": email, "name": name, "role": role, "interface_language": "ar", "capacity": 10}
            people.add(given, teams=[team], by=_somebody("admin@nawa.example"), password="radd-demo-2026")
    if not User.objects.filter(email=INVITED).exists():
        given = {"email": INVITED, "name": "Noor Said", "role": Role.AGENT}
        people.add(given, teams=[team], by=_somebody("admin@nawa.example"))
    User.objects.filter(email__in=WALKERS["en"].values()).update(interface_language="en")
    story = demo_story.tell(team)
    shared = _shared(story)
    told: dict[str, Any] = {"pages": [], "missing": [], "people": {}}
    for language, walkers in WALKERS.items():
        lead, admin = (_somebody(walkers[role]) for role in ("lead", "admin"))
        told["people"][language] = {"lead": lead.pk, "admin": admin.pk}
        names = shared | _own(story, lead)
        _walk(language, lead, admin, names, told)
    json.dump(told, sys.stdout)


def _somebody(email: str) -> User:
    return User.objects.get(email=email)


# --- what addresses name ---
def _shared(story: demo_story.Told) -> dict[str, dict[str, Any]]:
    brand, channel, ticket, now = story.brand, story.channel, story.tickets[0], timezone.now()
    keyed = _channel(story, "mastodon", "Nawa on Mastodon")
    bridge = _channel(story, "webhook", "Nawa by webhook")
    item, _ = BadItem.objects.get_or_create(
        channel=channel, external_id="x1", defaults={"payload": {"id": "x1"}, "error": "KeyError: 'text'"}
    )
    event, _ = InboundEvent.objects.get_or_create(
        channel=channel, key="e1", defaults={"state": "failed", "payload": {}, "received_at": now}
    )
    who, token = door_of(_somebody(INVITED))
    delivery = story.delivery
    return {
        "": {},
        "ticket": {"pk": ticket.pk},
        "ticket_by_id": {"id": ticket.pk},
        "list": {"slug": "all"},
        "ticket_in_list": {"slug": "all", "pk": ticket.pk},
        "message": {"pk": TicketMessage.objects.filter(ticket=ticket).latest("pk").message_id},
        "delivery": {"key": delivery.key},
        "channel": {"pk": channel.pk},
        "keyed": {"pk": keyed.pk},
        "bridge": {"pk": bridge.pk},
        "item": {"pk": channel.pk, "item": item.pk},
        "event": {"pk": channel.pk, "event": event.pk},
        "answer": {"pk": channel.pk, "key": delivery.key},
        "reader": {"pk": ReaderModel.objects.latest("pk").pk},
        "platform": {"platform": "mastodon"},
        "hook": {"hook": channel.hook},
        "brand": {"pk": brand.pk},
        "brand_of": {"brand_id": brand.pk},
        "person": {"pk": _somebody("omar@nawa.example").pk},
        "team": {"pk": story.team.pk},
        "saved": {"pk": story.saved.pk},
        "saved_of_kind": {"kind": "reply", "pk": story.saved.pk},
        "macro": {"pk": story.macro.pk},
        "macro_on_ticket": {"pk": ticket.pk, "macro_id": story.macro.pk},
        "approval": {"key": story.approval.key},
        "tag": {"pk": Tag.objects.filter(brand=brand).latest("pk").pk},
        "welcome": {"who": who, "token": token},
        # A script, whatever its digest: no page.
        "furniture": {"language": "en", "digest": "0"},
        "account": {"pk": story.tickets[3].contact_id},
        "customer": {"pk": _customer(story)},
        **_of_rules(story),
        **_of_incidents(story),
        **_reviewed(story),
    }


def _of_rules(story: demo_story.Told) -> dict[str, dict[str, Any]]:
    """What says where tickets go, how soon, and who looks."""
    today = timezone.now().date()
    calendar = Calendar.objects.first() or Calendar.objects.create(
        name="Muscat", time_zone="Asia/Muscat", spans={str(day): [["08:00", "16:00"]] for day in (6, 0, 1, 2, 3)}
    )
    days, _ = CalendarDays.objects.get_or_create(
        calendar=calendar, name="National day", defaults={"first": today, "last": today}
    )
    tier = Tier.objects.first() or tiers.keep(
        None, brand=story.brand, name="Gold", name_ar="ذهبي", is_default=False, by=story.admin
    )
    rule = RoutingRule.objects.order_by("position").first()
    assert rule is not None
    return {
        "rule": {"pk": rule.pk},
        "rule_version": {"pk": rule.pk, "version": 1},
        "policy": {"pk": SlaPolicy.objects.latest("pk").pk},
        "calendar": {"pk": calendar.pk},
        "calendar_days": {"pk": calendar.pk, "days": days.pk},
        "tier": {"brand_id": tier.brand_id, "pk": tier.pk},
        "tier_alone": {"pk": tier.pk},
        "approval_rule": {"pk": _approval_rule(story)},
        "pack": {"slug": "bank", "brand_id": story.brand.pk},
        "approval_rule_version": {"pk": _approval_rule(story), "version": 1},
        "chain_version": {"pk": EscalationChain.objects.latest("pk").pk, "version": 1},
        "chain": {"pk": EscalationChain.objects.latest("pk").pk},
    }


def _approval_rule(story: demo_story.Told) -> int:
    told = {"brand": story.brand, "updated_at": timezone.now()}
    return ApprovalRule.objects.get_or_create(name="Sums of money", defaults=told)[0].pk


def _customer(story: demo_story.Told) -> int:
    """One person behind two accounts, as somebody has said."""
    ticket, other = story.tickets[0], story.tickets[7]
    joining.link(ticket.pk, contact=other.contact_id, by=story.admin)
    pk = Ticket.objects.get(pk=ticket.pk).customer_id
    assert pk is not None
    return pk


def _of_incidents(story: demo_story.Told) -> dict[str, dict[str, Any]]:
    """An outage with some tickets in it, and what was told to everybody."""
    now = timezone.now()
    told = {"begins_at": now, "terms": ["outage", "انقطاع"], "kind": "outage", "created_by": story.admin}
    incident, _ = Incident.objects.get_or_create(brand=story.brand, name="Outage in Seeb", defaults=told)
    placing.put_in(story.tickets[2].pk, incident=incident.pk, by=story.admin)
    words = {"en": "It is over: the lines in Seeb work again.", "ar": "انتهى العطل: عادت الخطوط في السيب."}
    update = IncidentUpdate.objects.create(incident=incident, texts=words, by=story.admin, at=now, finished_at=now)
    return {"incident": {"pk": incident.pk}, "incident_update": {"pk": incident.pk, "key": update.key}}


def _reviewed(story: demo_story.Told) -> dict[str, dict[str, Any]]:
    """One ticket that waits for its review, and one that was reviewed."""
    now, omar = timezone.now(), _somebody("omar@nawa.example")
    card, _ = Scorecard.objects.get_or_create(name="How we answered", defaults={"questions": QUESTIONS})
    waits, _ = Review.objects.get_or_create(
        ticket=story.tickets[4], agent=omar, defaults={"why": "chance", "sampled_at": now}
    )
    done = {"why": "chance", "sampled_at": now, "state": "done", "reviewed_at": now, "words": "Warm, and to the point."}
    reviewed, _ = Review.objects.get_or_create(ticket=story.tickets[5], agent=omar, defaults=done)
    return {"review": {"pk": waits.pk}, "reviewed": {"pk": reviewed.pk}, "scorecard": {"pk": card.pk}}


def _channel(story: demo_story.Told, platform: str, name: str) -> Channel:
    """A channel that is not looked at: its keys are nobody's."""
    fields = {"brand": story.brand, "platform": platform, "state": Channel.State.PAUSED, "handle": "nawa_care"}
    return Channel.objects.get_or_create(name=name, defaults=fields)[0]


def _own(story: demo_story.Told, by: User) -> dict[str, dict[str, Any]]:
    """What only this person sees."""
    kept = demo_story.own(story, by)
    shown = story.answered.get(by.interface_language, story.tickets[0])
    own = {name: {"pk": row.pk} for name, row in kept.items()}
    own["ticket_in_list"] = {"slug": "all", "pk": shown.pk}
    return own | {name: {"key": kept[name].key} for name in ("bulk", "picture")} | {"line": {"line": kept["line"].pk}}


# --- which pages there are ---
def _doors(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names and what they need."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield pattern.name, tuple(pattern.pattern.converters)
        else:
            yield from _doors(pattern.url_patterns)


def _walk(language: str, lead: User, admin: User, names: dict[str, dict[str, Any]], told: dict[str, Any]) -> None:
    people = {"lead": lead, "admin": admin}
    for name, needs in dict(_doors(get_resolver().url_patterns)).items():
        door = DOORS.get(name)
        if door is None or "GET" not in door.may or door.may["GET"] == Who.MACHINE or name.startswith("api-"):
            continue
        kwargs = _named(door, needs, names)
        if kwargs is None:
            told["missing"].append(f"{name}: nothing is made for at={door.at!r}")
            continue
        who = _walker(name, door)
        address = reverse(name, kwargs=kwargs)
        # Each by a window of its own: a page may end the session it is asked in.
        client = _client(people[who]) if who in people else Client(headers={"Accept-Language": language})
        answer = client.get(address)
        if answer.status_code == 200 and _is_page(answer):
            told["pages"].append({"language": language, "name": name, "address": address, "who": who})
        elif answer.status_code >= 400 and answer.status_code != 405:
            told["missing"].append(f"{name}: {address} answers {answer.status_code}")


def _named(door: Door, needs: tuple[str, ...], names: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """What this door's address names; of what nobody made, the newest row of the model that is called so."""
    if door.at in names:
        return {need: names[door.at][need] for need in needs if need in names[door.at]}
    for model in apps.get_models():
        if model.__name__.lower() == door.at.replace("_", ""):
            row = model._default_manager.order_by("pk").last()
            return row and {need: getattr(row, need) for need in needs if hasattr(row, need)}
    return None


def _walker(name: str, door: Door) -> str:
    if door.may["GET"] == Who.ANYBODY and name in {"sign-in", "welcome"}:
        return "nobody"
    return "admin" if door.may["GET"] == Who.ADMINS else "lead"


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.PersonBackend")
    return client


def _is_page(answer: Any) -> bool:
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return False
    return (b"<html" in answer.content[:2000] and b'id="main"' in answer.content) or b"r-sign" in answer.content


if __name__ == "__main__":
    main()
