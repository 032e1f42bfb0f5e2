"""Check that every phrase of the pages is translated; --add writes the missing ones into the catalogue to fill in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from care import translations


class Command(BaseCommand):
    help = "Fails when a phrase of the pages or the code is missing, fuzzy, unused or wrong in a translation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--add", action="store_true", help="add missing phrases to the catalogues, untranslated")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = translations.phrases(settings.BASE_DIR)
        faults: list[str] = []
        for language in (code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE):
            if options["add"]:
                self.stdout.write(f"{language}: {translations.add_missing(wanted, language)} phrases added")
            faults += [f"{language}: {fault}" for fault in translations.faults(wanted, translations.read(language))]
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} translations to mend (of {len(wanted)} phrases).")
        self.stdout.write(f"{len(wanted)} phrases translated.")
