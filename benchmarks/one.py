"""`python -m benchmarks.one NAME`: one benchmark on the scratch database that DATABASE_URL names."""

import importlib
import sys

import django
from django.conf import settings

from benchmarks.scratch import PREFIX


def main() -> None:
    django.setup()
    if not settings.DATABASES["default"]["NAME"].startswith(PREFIX):
        sys.exit("This would fill a database that is not a scratch one: run `python -m benchmarks NAME`.")
    importlib.import_module(f"benchmarks.{sys.argv[1]}").main()


if __name__ == "__main__":
    main()
