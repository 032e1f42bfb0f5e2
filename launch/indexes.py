"""Where packages come from. uv does not read pip's configuration, so a person's mirror has to be passed on to it."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

# pip's setting -> uv's variable.
NAMES = {
    "index-url": "UV_INDEX_URL",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "no-index": "UV_NO_INDEX",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
COMMA_SEPARATED = {"UV_FIND_LINKS"}
# pip's order: a section for one command beats the general one, the environment beats both.
SECTIONS = ("global", "install", ":env:")


def pip_settings(listing: str) -> dict[str, str]:
    """The settings in the output of `pip config list`, whose lines read section.name='value'."""
    ranked: dict[str, tuple[int, str]] = {}
    for line in listing.splitlines():
        key, equals, value = line.partition("=")
        section, dot, name = key.strip().rpartition(".")
        if not (equals and dot) or section not in SECTIONS:
            continue
        try:
            text = str(ast.literal_eval(value.strip()))
        except (ValueError, SyntaxError):
            text = value.strip()
        rank = SECTIONS.index(section)
        if name not in ranked or rank >= ranked[name][0]:
            ranked[name] = (rank, text)
    return {name: text for name, (_, text) in ranked.items()}


def uv_environment(settings: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """pip's settings in uv's variables. What the person has set for uv stands.

    pip looks at all indexes alike, uv takes the first that knows a name; with hashes required the former is safe.
    """
    found: dict[str, str] = {}
    for name, text in settings.items():
        variable = NAMES.get(name)
        if variable and variable not in environ and text.strip():
            found[variable] = ("," if variable in COMMA_SEPARATED else " ").join(text.split())
    if "UV_EXTRA_INDEX_URL" in found:
        found["UV_INDEX_STRATEGY"] = environ.get("UV_INDEX_STRATEGY", "unsafe-best-match")
    return found


def for_uv(python: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables uv needs so that it installs from where pip would."""
    asked = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    return uv_environment(pip_settings(asked.stdout), environ) | without_cache(environ)


def without_cache(environ: Mapping[str, str]) -> dict[str, str]:
    """uv gives up where it cannot write its cache, as for a service user whose home does not exist."""
    place = Path(environ.get("UV_CACHE_DIR") or environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    while not place.exists():
        place = place.parent
    return {} if os.access(place, os.W_OK) else {"UV_NO_CACHE": "1"}
