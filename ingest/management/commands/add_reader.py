"""Put a model beside the one in charge: it reads what comes in, and nobody acts on what it says."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from ingest import readers
from sentiment import engine


class Command(BaseCommand):
    help = (
        "Loads a model once, lets it read a few posts, and puts it in the shadow of the one in charge: it reads every"
        " message that comes in from now on, and changes none. Monitor -> Readers compares the two (docs/readers.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("spec", metavar="SPEC", help=engine.CHOICES)
        parser.add_argument("--name", default="", help="what people call it; else the model's own name")
        parser.add_argument("--by", default="", metavar="EMAIL", help="who adds it, for the record")
        parser.add_argument("--instead", action="store_true", help="retire the model that is tried now")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.person(options["by"])
        try:
            row = readers.add(options["spec"], name=options["name"], by=by, instead=options["instead"])
        except readers.Unusable as error:
            raise CommandError(f"{options['spec']} cannot be used: {error}", returncode=2) from error
        except readers.Occupied as error:
            words = f"{error} is tried already. Retire it under Monitor -> Readers, or give --instead."
            raise CommandError(words) from error
        knows = "decides on follow-up" if row.metrics["knows_care"] else "knows sentiment only"
        self.stdout.write(self.style.SUCCESS(f"{row} ({row.spec}) now reads in the shadow; it {knows}."))
        self.stdout.write("Compare and promote it under Monitor -> Readers.")

    def person(self, email: str) -> User | None:
        if not email:
            return None
        try:
            return User.objects.get_by_natural_key(email)
        except User.DoesNotExist as error:
            raise CommandError(f"Nobody here has the address {email}.") from error
