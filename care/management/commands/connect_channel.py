"""Connect a channel: check the credentials with the platform, keep them encrypted, start to look."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from accounts.models import Brand, Team
from ingest import backfilling, connecting
from ingest.connecting import Missing, Wish
from ingest.models import Backfill, Channel
from ingest.platforms.base import PlatformError
from ingest.platforms.registry import CONNECTABLE, adapter_of


class Command(BaseCommand):
    help = (
        "Connects a channel. The credentials are a JSON file (or - for standard input) with what the platform needs: "
        "x: bearer_token, or consumer_key, consumer_secret, access_token and access_token_secret, or "
        "oauth2_user_token; bluesky: identifier, app_password; mastodon: base_url, access_token; email: address, "
        "password, imap_host, smtp_host; webhook: secret, answer_url. The docs of each channel say where to get them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the desk calls this channel")
        parser.add_argument("--platform", choices=CONNECTABLE, default="x")
        parser.add_argument(
            "--brand", required=True, help="the brand it belongs to; made if there is none of this name"
        )
        parser.add_argument("--credentials", required=True, help="path of the JSON file, or -")
        parser.add_argument(
            "--option", action="append", default=[], metavar="NAME=VALUE", help="a setting of the platform; repeatable"
        )
        parser.add_argument("--account-id", default="", help="the account's id there, if the keys cannot tell")
        parser.add_argument("--handle", default="", help="its handle, if the keys cannot tell")
        parser.add_argument("--plan", choices=["self_serve", "enterprise"], help="x only: what was bought")
        parser.add_argument("--base-url", default="", help="another host in the platform's place")
        parser.add_argument("--seconds", type=int, default=60, help="seconds between looks")
        parser.add_argument(
            "--backfill-days", type=int, default=0, metavar="N", help="read what was posted in the last N days, too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wish = self.wish(options)
        label = adapter_of(wish.platform).label
        if not 0 <= wish.backfill_days <= backfilling.MOST_DAYS:
            raise CommandError(f"--backfill-days is between 0 and {backfilling.MOST_DAYS}.")
        brand, made = Brand.objects.get_or_create(name=options["brand"])
        try:
            channel = connecting.connect(brand, wish)
        except (PlatformError, Missing, IntegrityError) as error:
            if made:
                brand.delete()
            raise self.refusal(error, label, wish) from error
        if made:
            team, _made = Team.objects.get_or_create(name=f"{brand.name} care")
            team.brands.add(brand)
        who = f" as @{channel.handle}" if channel.handle else ""
        self.stdout.write(self.style.SUCCESS(f"{channel.name} is connected{who}; its posts will come in now."))
        if options["backfill_days"]:
            self.stdout.write(self.of_its_past(channel, options["backfill_days"]))

    def of_its_past(self, channel: Channel, days: int) -> str:
        """What becomes of it."""
        if Backfill.objects.filter(channel=channel).exists():
            return f"The last {days} days are read in the background; its page shows how far that has come."
        return f"{adapter_of(channel.platform).label} gives no past: posts come in from now on."

    def wish(self, options: dict[str, Any]) -> Wish:
        """What was asked for. Raises CommandError."""
        settings = self.settings(options["option"])
        if options["plan"]:
            settings["plan"] = options["plan"]
        if options["base_url"]:
            settings["base_url"] = options["base_url"]
        return Wish(
            platform=options["platform"],
            name=options["name"],
            given=self.read_credentials(options["credentials"]),
            account_id=options["account_id"],
            handle=options["handle"].lstrip("@"),
            poll_seconds=options["seconds"],
            options=settings,
            backfill_days=options["backfill_days"],
        )

    def settings(self, told: list[str]) -> dict[str, str]:
        """NAME=VALUE pairs. Raises CommandError."""
        pairs = [pair.partition("=") for pair in told]
        if wrong := [name for name, sign, _value in pairs if not (name and sign)]:
            raise CommandError(f"--option takes NAME=VALUE, not {wrong[0]!r}.")
        return {name: value for name, _sign, value in pairs}

    def read_credentials(self, path: str) -> dict[str, str]:
        """The JSON object in the file. Raises CommandError."""
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

    def refusal(self, error: Exception, label: str, wish: Wish) -> CommandError:
        """What went wrong, and what to do."""
        if isinstance(error, Missing):
            return CommandError(f"{label} needs these too: {error}.")
        if isinstance(error, PlatformError):
            return CommandError(
                f"{label} refused these credentials ({error.code}: {error.words or 'no words'}). Check the keys; where "
                "they cannot tell whose they are (an app-only bearer token), give --account-id and --handle."
            )
        return CommandError(f"There is a channel named {wish.name!r} already: choose another name.")
