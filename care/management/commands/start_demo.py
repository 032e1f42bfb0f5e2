"""Set up the demo: a fictional brand on the demo platform, and people to sign in as."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Brand, Membership, Role, Team, User
from ingest.models import Channel, Contact
from ingest.platforms.demo import Demo
from ingest.platforms.imported import Imported
from tickets.models import RoutingRule
from tickets.steering import rule_keeping
from tickets.steering.rule_keeping import Told
from tickets.targets import usual_targets

# Everybody may know it: the demo holds nothing but stories.
PASSWORD = "radd-demo-2026"  # noqa: S105  (shown on the page: the demo has nothing to guard)
BRAND, BRAND_AR, TEAM, CHANNEL = "Nawa Telecom", "نوا للاتصالات", "Care", "Nawa on the demo platform"
HANDLE = "nawa_care"
# The brand's other account: it posts news, and what it says is nobody's complaint.
OTHER_HANDLES = ("nawa_telecom",)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo."""

    email: str
    name: str
    role: Role
    interface_language: str
    languages: tuple[str, ...] = ("ar", "en")


PEOPLE = (
    Person("huda@nawa.example", "Huda Al Balushi", Role.AGENT, "ar"),
    Person("omar@nawa.example", "Omar Haddad", Role.AGENT, "en"),
    Person("lina@nawa.example", "Lina Mansour", Role.SUPERVISOR, "en"),
    Person("admin@nawa.example", "Sami Darwish", Role.ADMIN, "en"),
)


# Where the demo's tickets go: the gravest first, then what an outage brings, then each to who speaks its language.
RULES: tuple[tuple[str, dict[str, Any], list[dict[str, Any]]], ...] = (
    (
        "Threat to leave",
        {"all": [{"field": "reasons", "op": "any", "value": ["threat_to_leave", "safety_or_legal"]}]},
        [{"do": "language", "language": ""}, {"do": "priority", "priority": 1}],
    ),
    (
        "Outage",
        {
            "any": [
                {"field": "trigger", "op": "in", "value": ["delay_or_outage"]},
                {"field": "words", "op": "any", "value": ["no signal", "outage", "انقطاع", "مقطوع*", "ما فيه شبكة"]},
            ]
        },
        [{"do": "language", "language": ""}, {"do": "priority", "priority": 2}],
    ),
    (
        "Arabic posts",
        {"all": [{"field": "language", "op": "in", "value": ["ar"]}]},
        [{"do": "language", "language": "ar"}],
    ),
)


class Command(BaseCommand):
    help = "Sets up the demo on an installation with no channel of its own; changes nothing where it is set up already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the logins as JSON, and nothing else")
        parser.add_argument("--fresh", action="store_true", help="forget the demo's posts and tickets and begin anew")

    def handle(self, *args: Any, **options: Any) -> None:
        connected = connected_channel()
        if connected and not demo_channels().exists():
            self.answer([], f"The channel {connected} is connected, so there is no demo.", as_json=options["json"])
            return
        if options["fresh"]:
            forget()
        set_up()
        words = f"The demo is set up: {BRAND} on the demo platform."
        if connected:
            words += f" {connected} reaches real people: deactivate the demo's people, everybody knows their password."
        self.answer(logins(), words, as_json=options["json"])

    def answer(self, people: list[dict[str, str]], words: str, *, as_json: bool) -> None:
        if as_json:
            self.stderr.write(words)
            self.stdout.write(json.dumps(people, ensure_ascii=False))
            return
        self.stdout.write(words)
        for person in people:
            self.stdout.write(f"  {person['email']:<20} {person['password']:<16} {person['name']} ({person['role']})")


def demo_channels() -> QuerySet[Channel]:
    return Channel.objects.filter(platform=Demo.name)


def connected_channel() -> Channel | None:
    """A channel that reaches real people; history from a file is none."""
    return Channel.objects.exclude(platform__in=[Demo.name, Imported.name]).first()


@transaction.atomic
def set_up() -> None:
    """Make what is missing. What somebody changed since stays changed."""
    brand, _ = Brand.objects.get_or_create(name=BRAND, defaults={"name_ar": BRAND_AR})
    team, _ = Team.objects.get_or_create(name=TEAM, defaults={"is_default": True})
    team.brands.add(brand)
    usual_targets.make(brand)
    for person in PEOPLE:
        user = person_of(person)
        if person.role != Role.ADMIN:
            Membership.objects.get_or_create(team=team, user=user)
    channel = demo_channels().first() or Channel.objects.create(
        brand=brand,
        name=CHANNEL,
        platform=Demo.name,
        handle=HANDLE,
        external_id=f"demo-{HANDLE}",
        poll_seconds=3,
        options={"path": str(world_file())},
    )
    if not Path(str(channel.options.get("path"))).parent.is_dir():
        # The installation has moved.
        channel.options = {**channel.options, "path": str(world_file())}
        channel.save(update_fields=["options"])
    for handle in OTHER_HANDLES:
        Contact.objects.get_or_create(
            brand=channel.brand,
            platform=Demo.name,
            external_id=f"demo-{handle}",
            defaults={"handle": handle, "is_own": True},
        )
    write_rules(brand)


def write_rules(brand: Brand) -> None:
    """The demo's rules, where nobody ever wrote one; those that somebody removed stay removed."""
    admin = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("id").first()
    if admin is None or RoutingRule.objects.exists():
        return
    for name, conditions, actions in RULES:
        rule_keeping.save(None, Told(name, brand.pk, True, conditions, actions), by=admin)


def person_of(person: Person) -> User:
    """The user of this address; made with the demo's password if there is none."""
    known = User.objects.filter(email__iexact=person.email).first()
    return known or User.objects.create_user(
        person.email,
        PASSWORD,
        name=person.name,
        role=person.role,
        available=person.role == Role.AGENT,
        capacity=settings.DEFAULT_CAPACITY,
        languages=list(person.languages),
        interface_language=person.interface_language,
    )


def logins() -> list[dict[str, str]]:
    """Whom one may sign in as; a password that somebody changed is not ours to tell."""
    users = User.objects.filter(email__in=[person.email for person in PEOPLE], is_active=True)
    by_email = {user.email: user for user in users}
    return [
        {
            "email": user.email,
            "password": PASSWORD if user.check_password(PASSWORD) else "(changed)",
            "role": str(user.role),
            "name": user.name,
        }
        for person in PEOPLE
        if (user := by_email.get(person.email))
    ]


@transaction.atomic
def forget() -> None:
    """Remove the demo channel with everything that came through it, and the world itself. People stay."""
    for channel in demo_channels():
        Contact.objects.filter(brand=channel.brand, platform=Demo.name).delete()
        channel.delete()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{world_file()}{suffix}").unlink(missing_ok=True)


def world_file() -> Path:
    return Path(settings.STATE_DIR / "demo.sqlite3")
