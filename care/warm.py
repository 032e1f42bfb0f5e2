"""What a web process does once, before it is asked for anything, so that its first visitor waits no longer than others.

Addresses (and with them every view), templates and words are read, and all that was read is then left out of garbage
collection: a page makes some ten thousand short-lived objects, and each full collection would look through a quarter of
a million that stay as long as the process.
"""

import gc
from pathlib import Path

from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext, override


def warm() -> None:
    """Read what every page needs; some seconds of a process that starts."""
    for language, _name in settings.LANGUAGES:
        with override(language):
            gettext("Radd")
            reverse("inbox")
    for name in template_names():
        get_template(name)
    gc.collect()
    gc.freeze()


def template_names() -> list[str]:
    """Our own templates, as they are asked for."""
    folders = [Path(folder) for engine in engines.all() for folder in engine.dirs]
    return sorted(str(file.relative_to(folder)) for folder in folders for file in folder.rglob("*.html"))
