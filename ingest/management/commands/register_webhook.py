"""Have a platform call us: give it the address of a channel's webhook."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest import webhooks
from ingest.models import Channel
from ingest.platforms.base import PlatformError

# What to do about it, by the code of the error.
ADVICE = {
    "rejected": "It called the address and did not hear what it expected. Is this desk reachable there from outside, "
    "over HTTPS with a valid certificate, and is consumer_secret that of the app?",
    "bad_credentials": "The channel's keys are not accepted; webhooks need the app's bearer_token and consumer_secret.",
    "not_connected": "The channel lacks keys that this needs: the app's bearer_token and consumer_secret.",
    "forbidden": "The app's plan does not include webhooks.",
    "not_allowed": "The app's plan does not include webhooks.",
    "rate_limited": "It asks us to wait: try again later.",
    "unreachable": "The platform could not be reached: try again.",
}


class Command(BaseCommand):
    help = (
        "Registers a channel's webhook with its platform (X), which tries the address at once, and follows the "
        "account's events by it. May be run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel", help="its name on the desk")
        parser.add_argument("url", help="where this desk is reached from outside, as https://care.example.com")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = Channel.objects.filter(name=options["channel"]).first()
        if channel is None:
            raise CommandError(f"There is no channel named {options['channel']!r}.")
        try:
            address, given = webhooks.register(channel, options["url"])
        except webhooks.BadAddress as error:
            raise CommandError(f"{error}: give an address like https://care.example.com.") from error
        except webhooks.NotRegistered as error:
            raise CommandError(
                f"{error} takes no registration from here. Give it the address that the channel's page shows."
            ) from error
        except PlatformError as error:
            told = f"{error.code}: {error.words or 'no words'}"
            advice = ADVICE.get(error.code, "Nothing was registered.")
            raise CommandError(f"{channel.platform} said no ({told}). {advice}") from error
        self.stdout.write(self.style.SUCCESS(f"{channel.platform} calls {address} now (webhook {given})."))
