"""The command palette: what can be done and where one can go, found by its words in either language.

Verbs come from the sheet of keys (templates/keys.html), which is the one list of them: what has a key there is a
command here. Each is matched in every language of the interface, whatever the person's own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import unescape

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from sentiment.text import search_form
from tickets.listing.lists import VIEWS, Row, rows_of
from tickets.listing.saved_views import MOST, address_of, visible
from tickets.listing.search.asking import Asked, asked
from tickets.listing.search.finding import find, numbered
from tickets.models import Ticket
from tickets.time_limit import TooSlow

SHEET = re.compile(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", re.DOTALL)
KEY = re.compile(r"<kbd>(.*?)</kbd>")
ICONS = {
    "r": "message-2", "n": "note", "i": "user-check", "a": "user-plus", "⇧A": "user-question", "e": "check",
    "c": "pencil", "o": "external-link", "]": "user", "?": "keyboard", ".": "refresh", "⇧T": "player-play",
}  # fmt: skip
PAGES: tuple[tuple[Promise, str, str, str, bool], ...] = (
    (_("Search"), "search", "/", "search", False),
    (_("Examined"), "eye-check", "g x", "examined", False),
    (_("Incidents"), "bolt", "g d", "incidents", False),
    (_("Saved replies"), "bookmark", "", "saved-replies", False),
    (_("Notices"), "bell", "g n", "notices", False),
    (_("Channels"), "broadcast", "", "channels", False),
    (_("Books"), "scale", "", "books", True),
    (_("Readers"), "eye", "", "readers", True),
    (_("Drift"), "chart-bar", "", "drift", False),
    (_("Analyse"), "chart-bar", "g a", "analyse", False),
    (_("You and your settings"), "user", "", "profile", False),
)
# Keys that do something on every page; the others want a list or a ticket.
ANYWHERE = frozenset({"?", "/", "⇧T"})
# Keys that do something to a list, with or without an open ticket.
OF_THE_LIST = frozenset({".", "t", "f", "⇧O", "⇧V"})
TICKETS, PEOPLE, VERBS = 5, 4, 6
# Arabic words are looked for with it and without.
ARTICLE = "ال"
# Fewer letters than this begin too much.
SHORTEST = 2
# Milliseconds that tickets and people of the palette may take; the page of results has more.
PATIENCE = 400


@dataclass(frozen=True, slots=True)
class Command:
    """One line: a key to press or an address to go to, named in each language of the interface."""

    labels: tuple[tuple[str, str], ...]
    icon: str
    key: str = ""
    url: str = ""

    @property
    def label(self) -> str:
        """In the language of the page."""
        return dict(self.labels).get(get_language() or "", self.labels[0][1])

    def fits(self, words: Sequence[str]) -> bool:
        """Whether each of these folded words begins a word of the label, in one language or another."""
        return any(_begin(words, search_form(label).split()) for _language, label in self.labels)


@dataclass(frozen=True, slots=True)
class Lines:
    """What the palette shows."""

    verbs: list[Command]
    views: list[Command]
    tickets: list[Row]
    people: list[Row]


def lines(typed: str, user: User, now: datetime, *, on: str = "page") -> Lines:
    """Everything that fits what was typed. `on`: what the page holds, "ticket", "list" or neither ("page")."""
    words = search_form(typed).split()
    verbs = [command for command in commands() if command.fits(words) and _can_be_done(command, on)]
    views = [command for command in (*places(user), *kept(user, words)) if command.fits(words)]
    return Lines(verbs if words else verbs[:VERBS], views, _tickets(typed, user, now), _people(typed, user, now))


@lru_cache(maxsize=1)
def commands() -> tuple[Command, ...]:
    """The verbs of the sheet of keys: those that one key does."""
    named: dict[str, list[tuple[str, str]]] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for keys, label in SHEET.findall(render_to_string("keys.html")):
                pressed = KEY.findall(keys)
                if len(pressed) == 1 and len(unescape(pressed[0])) <= 2:
                    named.setdefault(unescape(pressed[0]), []).append((language, unescape(strip_tags(label)).strip()))
    return tuple(Command(tuple(labels), ICONS.get(key, "bolt"), key) for key, labels in named.items() if key != "/")


def places(user: User) -> list[Command]:
    """Where this person can go."""
    return [place for place, for_supervisors in _places() if user.is_supervisor or not for_supervisors]


def kept(user: User, words: Sequence[str]) -> list[Command]:
    """The saved views this person sees; they have one name in every language. Without a question they are not told."""
    if not words:
        return []
    return [Command((("", view.name),), "bookmark", url=address_of(view)) for view in visible(user)[:MOST]]


@lru_cache(maxsize=1)
def _places() -> tuple[tuple[Command, bool], ...]:
    """Every place with whether it is for supervisors alone."""
    lists = [(_named(view.label, view.icon, view.key, "inbox-list", view.slug), False) for view in VIEWS.values()]
    others = [(_named(label, icon, key, name), alone) for label, icon, key, name, alone in PAGES]
    return (*lists, *others)


def _named(label: str | Promise, icon: str, key: str, name: str, *args: str) -> Command:
    labels = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            labels.append((language, str(label)))
    return Command(tuple(labels), icon, key, reverse(name, args=args))


def _begin(words: Iterable[str], label: Sequence[str]) -> bool:
    parts = [*label, *(part.removeprefix(ARTICLE) for part in label)]
    return all(any(part.startswith(word) for part in parts) for word in words)


def _can_be_done(command: Command, on: str) -> bool:
    return command.key in ANYWHERE or on == "ticket" or (on == "list" and command.key in OF_THE_LIST)


def _tickets(typed: str, user: User, now: datetime) -> list[Row]:
    """Tickets by number, customer or words."""
    question = asked(typed)
    if question.is_empty or (len(typed.strip()) < SHORTEST and question.number is None):
        return []
    exact = numbered(question, user)
    hits = _hits(question, user, now, TICKETS)
    return _rows([*([exact] if exact else []), *(pk for pk in hits if pk != exact)][:TICKETS])


def _people(typed: str, user: User, now: datetime) -> list[Row]:
    """Customers by name or handle, each by the newest ticket; two accounts of one name are two people."""
    if len(typed.strip()) < SHORTEST:
        return []
    question = asked(" ".join(f"@{word.lstrip('@')}" for word in typed.split()))
    if not question.people or len(question.people) < len(typed.split()):
        return []
    rows = _rows(_hits(question, user, now, PEOPLE * 4))
    return list({(row.platform, row.external_id): row for row in reversed(rows)}.values())[: -PEOPLE - 1 : -1]


def _hits(question: Asked, user: User, now: datetime, size: int) -> list[int]:
    try:
        found = find(question, user, Ticket.objects.all(), now, size=size, milliseconds=PATIENCE)
    except TooSlow:
        # The page of results takes its time; the palette goes without.
        return []
    return [hit.ticket for hit in found.hits]


def _rows(tickets: Sequence[int]) -> list[Row]:
    rows = {row.id: row for row in rows_of(Ticket.objects.filter(pk__in=tickets))} if tickets else {}
    return [rows[pk] for pk in tickets if pk in rows]
