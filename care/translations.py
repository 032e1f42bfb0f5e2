"""Every phrase of the pages and of the code, and whether the Arabic catalogue has it.

Phrases are read from the syntax trees of the code and from the templates as Django itself sees them, so that the check
needs no GNU tools.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCES = ("accounts", "care", "ingest", "tickets")
ONE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
MANY = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
CALL = re.compile(r"\b(n?p?gettext(?:_lazy|_noop)?|_)\(")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


@dataclass(frozen=True, slots=True, order=True)
class Phrase:
    """A phrase to translate: its plural if it has one, its context, and where it was first seen."""

    text: str
    plural: str = ""
    context: str = ""
    where: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.text, self.context


def phrases(root: Path) -> dict[tuple[str, str], Phrase]:
    """All phrases under the project's root."""
    found: dict[tuple[str, str], Phrase] = {}
    for path in sorted([*_python(root), *(root / "templates").rglob("*.html")]):
        text = path.read_text(encoding="utf-8")
        where = str(path.relative_to(root))
        for phrase in _in_python(text, where) if path.suffix == ".py" else _in_template(text, where):
            found.setdefault(phrase.key, phrase)
    return found


def _python(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        yield from (path for path in (root / source).rglob("*.py") if "migrations" not in path.parts)


def _in_python(text: str, where: str) -> Iterator[Phrase]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and (phrase := _phrase(node, where)):
            yield phrase


def _in_template(text: str, where: str) -> Iterator[Phrase]:
    code = templatize(text, origin=where)
    for match in CALL.finditer(code):
        call = _parse_call(code[match.start() :])
        if call is not None and (phrase := _phrase(call, where)):
            yield phrase


def _parse_call(code: str) -> ast.Call | None:
    """The call at the beginning of `code`: the shortest piece up to a closing bracket that is valid Python."""
    end = -1
    while (end := code.find(")", end + 1)) != -1 and end < 4000:
        try:
            tree = ast.parse(code[: end + 1], mode="eval")
        except SyntaxError:
            continue
        return tree.body if isinstance(tree.body, ast.Call) else None
    return None


def _phrase(call: ast.Call, where: str) -> Phrase | None:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    words = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if name in ONE and len(words) >= 1:
        return Phrase(words[0], where=where)
    if name in MANY and len(words) >= 2:
        return Phrase(words[0], plural=words[1], where=where)
    if name in WITH_CONTEXT and len(words) >= 2:
        return Phrase(words[1], context=words[0], where=where)
    return None


# --- the catalogue --------------------------------------------------------------------------------
def catalogue_path(language: str) -> Path:
    """Where a language's catalogue lies."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """A language's catalogue; an empty one if there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def faults(wanted: dict[tuple[str, str], Phrase], catalogue: Catalog) -> list[str]:
    """What is missing or wrong in a catalogue, one line each."""
    found = []
    for phrase in sorted(wanted.values()):
        entry = catalogue.get(phrase.text, phrase.context or None)
        if fault := _fault(phrase, entry, catalogue.num_plurals):
            found.append(f"{phrase.where}: {phrase.text!r}: {fault}")
    unused = (message for message in catalogue if message.id and _key(message) not in wanted)
    return found + [f"no longer used: {_text(message)!r}" for message in unused]


def _key(message: Message) -> tuple[str, str]:
    return _text(message), message.context or ""


def _text(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, list | tuple) else message.id)


def _fault(phrase: Phrase, entry: Message | None, plurals: int) -> str:
    if entry is None:
        return "not in the catalogue"
    if entry.fuzzy:
        return "marked fuzzy"
    forms = [str(form) for form in entry.string] if isinstance(entry.string, list | tuple) else [str(entry.string)]
    if phrase.plural and len(forms) != plurals:
        return f"has {len(forms)} of {plurals} plural forms"
    if not all(forms):
        return "not translated"
    allowed = _placeholders(phrase.text) | _placeholders(phrase.plural)
    needed = allowed if not phrase.plural else set()
    for form in forms:
        used = _placeholders(form)
        if not needed <= used <= allowed:
            return f"placeholders differ: {sorted(used ^ allowed)}"
    return ""


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in PLACEHOLDER.finditer(text)}


def add_missing(wanted: dict[tuple[str, str], Phrase], language: str) -> int:
    """Write missing phrases into the catalogue, untranslated, and drop unused ones; returns how many are new."""
    catalogue = read(language)
    fresh = 0
    for phrase in wanted.values():
        if catalogue.get(phrase.text, phrase.context or None) is None:
            key = (phrase.text, phrase.plural) if phrase.plural else phrase.text
            catalogue.add(key, locations=[(phrase.where, 1)], context=phrase.context or None)
            fresh += 1
    for message in [m for m in catalogue if m.id and _key(m) not in wanted]:
        catalogue.delete(message.id, message.context)
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, no_location=True)
    return fresh
