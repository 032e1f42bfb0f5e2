"""What is the same on every page of a language: the sheet of keys, the palette, strips, the words of the scripts.

It comes as one script that the browser keeps, so that no page carries it. Its address names what it holds: another
release, another address.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

PARTS = ("keys.html", "palette.html", "strips.html")
KEPT = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Furniture:
    """The script of one language, and a word that is another when the script is."""

    script: str
    digest: str


@lru_cache(maxsize=16)
def furniture_in(language: str) -> Furniture:
    """Drawn once in each process."""
    with translation.override(language):
        html = "".join(render_to_string(part) for part in PARTS)
    script = f'document.body.insertAdjacentHTML("beforeend", {json.dumps(html)});'
    return Furniture(script, hashlib.sha256(script.encode()).hexdigest()[:12])


def address() -> str:
    """Where the page's own language has it."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    return reverse("furniture", args=[language, furniture_in(language).digest])


@require_safe
def furniture(_request: HttpRequest, language: str, digest: str) -> HttpResponse:
    """The script; kept for good where the address is that of what we have, asked for anew where it is not."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    found = furniture_in(language)
    response = HttpResponse(found.script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = KEPT if digest == found.digest else "no-store"
    return response
