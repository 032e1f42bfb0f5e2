"""Connect a channel: check the credentials with the platform, keep them encrypted, start to look."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from accounts.models import Brand, Team
from ingest.models import Channel
from ingest.platforms.base import Account, PlatformError
from ingest.platforms.x import X


class Command(BaseCommand):
    help = (
        "Connects an X account. The credentials are a JSON file (or - for standard input) with bearer_token, or "
        "consumer_key, consumer_secret, access_token and access_token_secret, or oauth2_user_token."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the desk calls this channel")
        parser.add_argument(
            "--brand", required=True, help="the brand it belongs to; made if there is none of this name"
        )
        parser.add_argument("--credentials", required=True, help="path of the JSON file, or -")
        parser.add_argument("--account-id", default="", help="X's numeric id of the account, if the keys cannot tell")
        parser.add_argument("--handle", default="", help="its handle, if the keys cannot tell")
        parser.add_argument("--plan", choices=["self_serve", "enterprise"], default="self_serve")
        parser.add_argument("--base-url", default="", help="another host in X's place, for trials")
        parser.add_argument("--seconds", type=int, default=60, help="seconds between looks")

    def handle(self, *args: Any, **options: Any) -> None:
        credentials = self.read_credentials(options["credentials"])
        settings = {"plan": options["plan"]} | ({"base_url": options["base_url"]} if options["base_url"] else {})
        account_id, handle = options["account_id"], options["handle"].lstrip("@")
        if not account_id:
            account_id, handle = self.ask_platform(credentials, settings)
        channel = self.create(options, credentials, settings, account_id, handle)
        self.stdout.write(self.style.SUCCESS(f"{channel.name} is connected as @{handle}; its posts will come in now."))

    def read_credentials(self, path: str) -> dict[str, str]:
        try:
            text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
            found = json.loads(text)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{path} is not JSON: {error}.") from error
        if not isinstance(found, dict) or not found:
            raise CommandError('The credentials must be one JSON object, for example {"bearer_token": "..."}.')
        return {str(key): str(value) for key, value in found.items()}

    def ask_platform(self, credentials: dict[str, str], settings: dict[str, str]) -> tuple[str, str]:
        """Who we are there: X's id and handle of the account these keys belong to."""
        try:
            author = X(Account(0, "", "", credentials, settings)).verify()
        except PlatformError as error:
            raise CommandError(
                f"X refused these credentials ({error.code}: {error.words or 'no words'}). Check the keys; for an "
                "app-only bearer token give --account-id and --handle."
            ) from error
        return author.external_id, author.handle

    def create(
        self,
        options: dict[str, Any],
        credentials: dict[str, str],
        settings: dict[str, str],
        account_id: str,
        handle: str,
    ) -> Channel:
        brand, made = Brand.objects.get_or_create(name=options["brand"])
        if made:
            team, _made = Team.objects.get_or_create(name=f"{brand.name} care")
            team.brands.add(brand)
        try:
            return Channel.objects.create(
                brand=brand,
                name=options["name"],
                platform=X.name,
                external_id=account_id,
                handle=handle,
                secrets=json.dumps(credentials),
                options=settings,
                poll_seconds=options["seconds"],
            )
        except IntegrityError as error:
            raise CommandError(f"There is a channel named {options['name']!r} already: choose another name.") from error
