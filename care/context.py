"""What every page needs around its matter: the rail, the person, the brands, and the words the scripts speak."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language_bidi, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from accounts.models import Brand, User
from accounts.permissions import brand_ids
from accounts.views import THEME_COOKIE
from tickets.lists import VIEWS, Counts, capped, counts

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


class Shell:
    """The rail of one request. Its counts are asked for once, and only by pages that show the rail."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.request = request
        self.user = user
        self._counts: Counts | None = None

    @property
    def counts(self) -> Counts:
        if self._counts is None:
            self._counts = counts(self.user)
        return self._counts

    @property
    def area(self) -> str:
        """Which of the three areas the page belongs to."""
        first = self.request.path.split("/", 2)[1]
        return first if first in {"monitor", "analyse"} else "engage"

    @property
    def brand(self) -> str:
        """The name of the brand this person works for, and how many more."""
        allowed = brand_ids(self.user)
        brands = Brand.objects.all() if allowed is None else Brand.objects.filter(id__in=allowed)
        names = [ar or name if get_language_bidi() else name for name, ar in brands.values_list("name", "name_ar")[:9]]
        if not names:
            return "Radd" if not get_language_bidi() else "ردّ"
        return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"

    @property
    def areas(self) -> list[Link]:
        return [
            Link("monitor", _("Monitor"), "broadcast", self.monitor_url, "g m"),
            Link("engage", _("Engage"), "message-2", reverse("inbox"), "g e"),
            Link("analyse", _("Analyse"), "chart-bar", reverse("analyse"), "g a"),
        ]

    @property
    def monitor_url(self) -> str:
        return reverse("books") if self.user.is_supervisor else reverse("channels")

    @property
    def links(self) -> list[Link]:
        """The lines of the open area."""
        if self.area == "monitor":
            books = [Link("books", _("Books"), "scale", reverse("books"))] if self.user.is_supervisor else []
            return [*books, Link("channels", _("Channels"), "broadcast", reverse("channels"))]
        if self.area == "analyse":
            return [Link("analyse", _("Lift so far"), "heart-handshake", reverse("analyse"))]
        return self.views

    @property
    def views(self) -> list[Link]:
        """The lists of the inbox with their counts."""
        found = self.counts._asdict()
        return [
            Link(v.slug, str(v.label), v.icon, reverse("inbox-list", args=[v.slug]), v.key, capped(found[v.slug]))
            for v in VIEWS.values()
        ]

    @property
    def live_port(self) -> int:
        return int(settings.LIVE_PORT)


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
        "script_words": script_words,
    }


SCRIPT_WORDS: dict[str, Promise] = {
    "late": gettext_lazy("overdue"),
    "soon": gettext_lazy("running out"),
    "well": gettext_lazy("time left"),
    "nowSoon": gettext_lazy("Time is running out on this ticket"),
    "nowLate": gettext_lazy("This ticket is overdue"),
    "live": gettext_lazy("Live"),
    "polling": gettext_lazy("Checking every few seconds"),
    "connecting": gettext_lazy("Connecting"),
    "offline": gettext_lazy("No connection"),
    "upToDate": gettext_lazy("Up to date"),
    "draftKept": gettext_lazy("Draft kept"),
    "sendingIn": gettext_lazy("Sending in {n} s"),
    "sendingNow": gettext_lazy("Sending"),
    "newBelow": gettext_lazy("New below"),
    "failed": gettext_lazy("That did not work. Nothing was changed. Try again."),
}


def script_words() -> dict[str, str]:
    """What the scripts say, in the language of the page."""
    words = {name: str(word) for name, word in SCRIPT_WORDS.items()}
    words["hm"] = pgettext("hours and minutes", "%(h)dh %(m)02dm")
    words["dh"] = pgettext("days and hours", "%(d)dd %(h)dh")
    return words
