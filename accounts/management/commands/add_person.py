"""Add somebody who works here, with a role and teams."""

import getpass
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import Membership, Role, Team, User
from accounts.second_step_owed import settle


class Command(BaseCommand):
    help = "Adds a person. The password is asked for, or read from standard input when that is no terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", choices=Role.values, default=Role.AGENT.value)
        parser.add_argument("--team", action="append", default=[], help="a team's name; may be given several times")
        parser.add_argument("--language", choices=["en", "ar"], default="", help="interface language")
        parser.add_argument("--capacity", type=int, default=settings.DEFAULT_CAPACITY, help="tickets at once")

    def handle(self, *args: Any, **options: Any) -> None:
        email = self.checked_email(options["email"])
        teams = [self.team(name) for name in options["team"]]
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, User(email=email, name=options["name"]))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            user = User.objects.create_user(
                email,
                password,
                name=options["name"],
                role=options["role"],
                interface_language=options["language"],
                capacity=options["capacity"],
                available=options["role"] == Role.AGENT,
            )
            Membership.objects.bulk_create(Membership(user=user, team=team) for team in teams)
            settle(User.objects.filter(pk=user.pk))
        self.stdout.write(self.style.SUCCESS(f"{user.name} can sign in as {user.email}."))

    def checked_email(self, text: str) -> str:
        try:
            validate_email(text)
        except ValidationError as error:
            raise CommandError(f"{text} is not an e-mail address.") from error
        if User.objects.filter(email__iexact=text).exists():
            raise CommandError(f"{text} is here already.")
        return text

    def team(self, name: str) -> Team:
        try:
            return Team.objects.get(name=name)
        except Team.DoesNotExist as error:
            known = ", ".join(Team.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no team named {name!r}. Teams: {known}.") from error
