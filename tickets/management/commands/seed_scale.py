"""Fill the database with made-up history, for measuring at a size that no demonstration has."""

import time
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.models import ForeignKey

from accounts.models import Brand, Membership, Role, Team, User
from ingest.models import Channel, Contact, Message
from tickets.management.scale.history import History, Place
from tickets.management.scale.tables import bare
from tickets.steering import routing

CHANNELS = ("Scale Telecom", "Scale Bank", "Scale Shop")
AGENTS = 40
# Everything the flow writes, and with it whatever speaks of it; channels, brands and people stay.
EMPTIED = (
    "tickets_activity", "tickets_ticketmessage", "tickets_ticket", "ingest_delivery", "ingest_message",
    "ingest_conversation", "ingest_contact", "ingest_baditem",
)  # fmt: skip
# The words that searches know: links to nothing, and speaks of messages all the same.
WORDS = "tickets_searchword"


class Command(BaseCommand):
    help = (
        "Adds made-up tickets and messages of two years, in English and Arabic, all accounted for (audit_flow). "
        "Nothing of it leaves for a platform. All or nothing: one transaction, which locks the tables while it runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tickets", type=int, required=True, help="how many, for example 100000")
        parser.add_argument("--messages", type=int, help="how many in all, tickets' own included (default: five each)")
        parser.add_argument(
            "--channel", action="append", metavar="NAME", help="a channel to fill; may be repeated (default: new ones)"
        )
        parser.add_argument("--fresh", action="store_true", help="delete ALL messages, contacts and tickets before")
        parser.add_argument("--noinput", action="store_true", help="do not ask before deleting")
        parser.add_argument("--seed", type=int, default=1, help="another number, another history")

    def handle(self, *args: Any, **options: Any) -> None:
        tickets, messages = options["tickets"], options["messages"] or options["tickets"] * 5
        if tickets < 1 or messages < tickets:
            raise CommandError("Give at least one ticket, and at least as many messages as tickets.")
        if options["fresh"] and not options["noinput"]:
            self._ask()
        began = time.monotonic()
        channels = [_channel(name) for name in options["channel"] or CHANNELS]
        agents = _agents(channels)
        with transaction.atomic():
            if options["fresh"]:
                self._say(began, "emptying the tables")
                _empty()
            history = History([_place(channel) for channel in channels], agents, int(time.time()), options["seed"])
            with bare(EMPTIED[:-1]):
                for done, written in history.write(tickets, messages):
                    self._say(began, f"{done:,} of {tickets:,} tickets, {written:,} of {messages:,} messages")
                self._say(began, "building indexes and checking foreign keys")
            for table in history.tables:
                table.set_sequence()
        self._say(began, "vacuuming and analysing")
        _vacuum([table.name for table in history.tables])
        rows = ", ".join(f"{table.written:,} {table.model._meta.verbose_name_plural}" for table in history.tables)
        self._say(began, f"done: {rows}")

    def _ask(self) -> None:
        if not Message.objects.exists():
            return
        answer = input(f"This deletes all messages and tickets of {connection.settings_dict['NAME']}. Type yes: ")
        if answer.strip().lower() != "yes":
            raise CommandError("Nothing was changed.")

    def _say(self, began: float, words: str) -> None:
        self.stdout.write(f"{time.monotonic() - began:7.1f} s  {words}")
        self.stdout.flush()


def _channel(name: str) -> Channel:
    """The channel of this name, or a new one that no platform stands behind."""
    found = Channel.objects.filter(name=name).first()
    if found is not None:
        return found
    brand, made = Brand.objects.get_or_create(name=name, defaults={"name_ar": ""})
    if made:
        Team.objects.create(name=f"{name} team").brands.add(brand)
    return Channel.objects.create(
        brand=brand, name=name, platform="imported", external_id="made-up-us", handle="nawa_care"
    )


def _agents(channels: list[Channel]) -> list[int]:
    """Ids of the agents who have the tickets: made ones, in the default teams of the channels' brands."""
    teams = routing.default_teams(channel.brand_id for channel in channels)
    agents = []
    for number in range(1, AGENTS + 1):
        email = f"scale{number}@radd.example"
        agent = User.objects.filter(email=email).first()
        if agent is None:
            agent = User.objects.create_user(email, None, name=f"Scale agent {number}", role=Role.AGENT)
        for team in set(teams.values()):
            Membership.objects.get_or_create(team_id=team, user=agent)
        agents.append(agent.pk)
    return agents


def _place(channel: Channel) -> Place:
    us, _made = Contact.objects.get_or_create(
        brand_id=channel.brand_id,
        platform=channel.platform,
        external_id=channel.external_id or f"channel-{channel.pk}",
        defaults={"handle": channel.handle, "name": channel.name, "is_own": True},
    )
    return Place(channel, routing.default_teams([channel.brand_id]).get(channel.brand_id), us.pk)


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(sorted({*_with_what_points_at(EMPTIED), WORDS}))}")


def _with_what_points_at(tables: Iterable[str]) -> set[str]:
    """These tables and all whose rows cannot be without theirs, by foreign keys, however far away."""
    found = set(tables)
    links = [
        (model._meta.db_table, field.related_model._meta.db_table)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and not isinstance(field.related_model, str)
    ]
    while more := {here for here, there in links if there in found} - found:
        found |= more
    return found


def _vacuum(tables: list[str]) -> None:
    """What autovacuum would do by and by: planner statistics, and pages known to be visible to all."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM (ANALYZE) {connection.ops.quote_name(table)}")
