"""Write every credential anew with the first key, after RADD_SECRET_KEY or RADD_SALT_KEY were changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest.rotation import reencrypt


class Command(BaseCommand):
    help = (
        "Writes everything that is encrypted anew with the first of the keys. May be broken off and run again, and "
        "beside a working desk. Fails where something opens with none of the keys."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail while an old key is needed")

    def handle(self, *args: Any, **options: Any) -> None:
        only_look: bool = options["check"]
        done = reencrypt(lambda row: self.stdout.write(row) if options["verbosity"] > 1 else None, only_look=only_look)
        written = "still need an old key" if only_look else "written anew"
        self.stdout.write(f"{done.again} {written}, {done.first} with the first key already, {len(done.lost)} sealed")
        if done.lost:
            raise CommandError(
                f"These open with none of the keys, and must be connected again: {', '.join(done.lost)}. Are all old "
                "keys in RADD_SECRET_KEY_FALLBACKS and RADD_SALT_KEY?"
            )
        if only_look and done.again:
            raise CommandError("Old keys are still needed: run `manage.py reencrypt`.")
