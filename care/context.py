"""What every page needs around its matter: the rail, the person, the brands, and the words the scripts speak."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from accounts.models import Brand, User
from accounts.permissions import brand_ids
from accounts.views import THEME_COOKIE
from tickets.listing.lists import VIEWS, Counts, capped, counts
from tickets.listing.saved_views import MOST, address_of, to_count, visible
from tickets.listing.start import FirstSteps, first_steps
from tickets.models import SavedView
from tickets.tour import is_offered
from tickets.views.settings_area import Section, sections_for

# Seconds after which a renamed brand shows its new name.
REMEMBERED = 60
DIGITS = 9
THEMES = {"auto", "light", "dark"}


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the rail."""

    slug: str
    label: str
    icon: str
    url: str
    key: str = ""
    count: str = ""
    # Whether its count is bad news; what it stands under in the rail, where that begins with it.
    grave: bool = False
    title: str = ""


class Shell:
    """The rail of one request. Its counts are asked for once, and only by pages that show the rail."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.request = request
        self.user = user
        self._counts: Counts | None = None
        self._saved: list[SavedView] | None = None
        self._nav: dict[str, SafeString] = {}
        self._start: FirstSteps | None = None
        self._start_asked = False

    @property
    def counts(self) -> Counts:
        if self._counts is None:
            self._counts = counts(self.user, to_count(self.saved, self.user))
        return self._counts

    @property
    def saved(self) -> list[SavedView]:
        """The saved views this person sees."""
        if self._saved is None:
            self._saved = list(visible(self.user)[:MOST]) if self.area == "engage" else []
        return self._saved

    @property
    def my_keys(self) -> dict[str, Any]:
        """What this person has made of the keys; empty where they are as they come."""
        kept: dict[str, Any] = self.user.preferences.get("keys", {})
        return kept

    @property
    def tour_offered(self) -> bool:
        """Whether the tour of this person's role is still to be offered."""
        return is_offered(self.user)

    @property
    def start(self) -> FirstSteps | None:
        """What to do first on a desk without a single ticket; nothing is asked for on any other."""
        if not self._start_asked and not self.counts.all:
            self._start, self._start_asked = first_steps(self.user), True
        return self._start

    @property
    def opened(self) -> SavedView | None:
        """The saved view by which the open list was come to."""
        wish = self.request.GET.get("saved", "")
        return next((view for view in self.saved if str(view.pk) == wish), None) if wish else None

    @property
    def area(self) -> str:
        """Which of the three areas the page belongs to."""
        first = self.request.path.split("/", 2)[1]
        return first if first in {"monitor", "analyse", "settings"} else "engage"

    @property
    def brand(self) -> str:
        """The name of the brand this person works for, and how many more."""
        names = brand_names(brand_ids(self.user), int(time.time() // REMEMBERED))
        if not names:
            return _("Radd")
        name, name_ar = names[0]
        first = name_ar or name if get_language_bidi() else name
        return first if len(names) == 1 else f"{first} +{len(names) - 1}"

    @property
    def areas(self) -> list[Link]:
        return [
            Link("monitor", _("Monitor"), "broadcast", self.monitor_url, "g m"),
            Link("engage", _("Engage"), "message-2", reverse("inbox"), "g e"),
            Link("analyse", _("Analyse"), "chart-bar", reverse("analyse"), "g a"),
        ]

    @property
    def monitor_url(self) -> str:
        return reverse("board") if self.user.is_supervisor else reverse("channels")

    @property
    def links(self) -> list[Link]:
        """The lines of the open area."""
        if self.area == "monitor":
            channels = Link("channels", _("Channels"), "broadcast", reverse("channels"))
            incidents = Link("incidents", _("Incidents"), "bolt", reverse("incidents"), "g d")
            drift = Link("drift", _("Drift"), "chart-bar", reverse("drift"))
            if not self.user.is_supervisor:
                return [self.examined, incidents, channels, drift]
            books = Link("books", _("Books"), "scale", reverse("books"))
            board = Link("board", _("Live board"), "layout-dashboard", reverse("board"))
            readers = Link("readers", _("Readers"), "eye", reverse("readers"))
            quality = Link("quality", _("Quality review"), "star", reverse("quality"), "g q")
            return [board, self.examined, incidents, books, channels, drift, readers, quality]
        if self.area == "analyse":
            lift = Link("analyse", _("Lift so far"), "heart-handshake", reverse("analyse"))
            return [lift, Link("my-quality", _("My work"), "star", reverse("my-quality"), "g y")]
        return [*self.views, self.examined, *self.saved_views, *self.beside]

    @property
    def beside(self) -> list[Link]:
        """What belongs to answering without being a list of tickets."""
        saved = Link("saved", _("Saved replies"), "bookmark", reverse("saved-replies"))
        if not self.user.is_supervisor:
            return [saved]
        waits = capped(self.counts.approvals)
        return [Link("approvals", _("Approvals"), "user-check", reverse("approvals"), "g p", waits), saved]

    @property
    def examined(self) -> Link:
        """What triage set aside and a person must look at, with its count; in the rail of both areas."""
        return Link("examined", _("Examined"), "eye-check", reverse("examined"), "g x", capped(self.counts.examine))

    @property
    def sections(self) -> list[Section]:
        """The sections of the Settings area that are this person's."""
        return sections_for(self.user)

    def nav(self, here: str) -> SafeString:
        """The lines of the open area as HTML: the rail and, on phones, the menu of the list show the same."""
        if here not in self._nav:
            self._nav[here] = render_to_string("rail_links.html", {"links": self.links, "here": here})
        return self._nav[here]

    def count_of(self, slug: str) -> str:
        """The capped count of one list or saved view; empty where it is not counted."""
        if slug.startswith("saved-"):
            count = self.counts.saved.get(self.opened.pk) if self.opened else None
            return "" if count is None else capped(count)
        return capped(getattr(self.counts, slug))

    @property
    def views(self) -> list[Link]:
        """The lists of the inbox with their counts."""
        found = self.counts._asdict()
        return [
            Link(
                view.slug,
                str(view.label),
                view.icon,
                reverse("inbox-list", args=[view.slug]),
                view.key,
                capped(found[view.slug]),
                grave=view.slug == "breaching" and found[view.slug] > 0,
            )
            for view in VIEWS.values()
        ]

    @property
    def saved_views(self) -> list[Link]:
        """The saved views with their counts."""
        found = self.counts.saved
        return [
            Link(
                f"saved-{view.pk}",
                view.name,
                "bookmark",
                address_of(view),
                # The first nine have a key: g 1 … g 9.
                f"g {n + 1}" if n < DIGITS else "",
                count=capped(found[view.pk]) if view.pk in found else "",
                title="" if n else _("Saved views"),
            )
            for n, view in enumerate(self.saved)
        ]

    @property
    def live_port(self) -> int:
        return int(settings.LIVE_PORT)


@lru_cache(maxsize=256)
def brand_names(allowed: frozenset[int] | None, _minute: int) -> list[tuple[str, str]]:
    """Names of the brands a person sees, asked for once a minute by each process."""
    brands = Brand.objects.all() if allowed is None else Brand.objects.filter(id__in=allowed)
    return list(brands.values_list("name", "name_ar")[:9])


def theme_of(request: HttpRequest) -> str:
    """The theme the person chose, else the one chosen on this device."""
    user = getattr(request, "user", None)
    chosen = user.theme if isinstance(user, User) else request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of all pages. Error pages may be drawn before there is a person."""
    user = getattr(request, "user", None)
    known = isinstance(user, User) and user.is_authenticated
    return {
        "shell": Shell(request, user) if known and isinstance(user, User) else None,
        "theme": theme_of(request),
    }
