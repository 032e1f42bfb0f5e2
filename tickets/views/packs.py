"""Settings: sector packs. What one would add is shown before it is added; what nobody touched can be taken back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Brand
from tickets.answering.guard.findings import Code
from tickets.answering.guard_words import NAMES
from tickets.packs import keeping
from tickets.packs.keeping import PACKS
from tickets.packs.pack import Pack, PackReply, PackRule
from tickets.steering.rule_names import Names
from tickets.steering.rule_words import tree_words
from tickets.views.policy import LEVELS
from tickets.views.settings_area import admin

HERE = {"here": "settings", "section": "packs"}


def pack_of(slug: str) -> Pack:
    """The pack of an address."""
    if slug not in PACKS:
        raise Http404
    return PACKS[slug]


@require_safe
def packs(request: HttpRequest) -> HttpResponse:
    """The packs there are, and which brand has which."""
    admin(request)
    brands = list(Brand.objects.all())
    rows = [(pack, [(brand, keeping.seen(pack, brand).added) for brand in brands]) for pack in PACKS.values()]
    return render(request, "packs/page.html", HERE | {"packs": rows, "brands": brands})


@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: HttpRequest, slug: str, brand_id: int) -> HttpResponse:
    """A pack beside a brand, thing by thing; posted, it is added."""
    user, found, brand = admin(request), pack_of(slug), get_object_or_404(Brand, pk=brand_id)
    if request.method == "POST":
        added = keeping.add(slug, brand.pk, by=user)
        words = ngettext("%(n)d thing was added or changed.", "%(n)d things were added or changed.", added)
        messages.success(request, words % {"n": added} if added else _("All of it is there already."))
        return redirect("pack", slug, brand.pk)
    seen = keeping.seen(found, brand)
    return render(request, "packs/pack.html", HERE | {"pack": found, "brand": brand, "seen": seen} | shown(seen))


def shown(seen: keeping.Seen) -> dict[str, Any]:
    """Its things in words."""
    language, levels = get_language() or "en", dict(LEVELS)
    return {
        "rules": [(item, name_of(item, language), _rule(item)) for item in seen.rules],
        "replies": [(item, name_of(item, language), _texts(item)) for item in seen.replies],
        "tags": [(item, item.thing.name(language)) for item in seen.tags],
        "levels": [(level, NAMES[Code(level.code)], levels[level.now], levels[level.wanted]) for level in seen.levels],
    }


def name_of(item: keeping.Item, language: str) -> str:
    """The name it has here, or would get."""
    return str(item.row.name) if item.row is not None else item.thing.name(language)


def _rule(item: keeping.Item) -> tuple[str, int]:
    """What a rule asks, in words, and how many minutes there are."""
    if not isinstance(item.thing, PackRule):
        raise TypeError("a rule of a pack")
    tree = item.row.conditions if item.row else item.thing.conditions
    return tree_words(tree, Names([tree])), item.row.minutes if item.row else item.thing.minutes


def _texts(item: keeping.Item) -> list[tuple[str, str]]:
    if not isinstance(item.thing, PackReply):
        raise TypeError("a saved reply of a pack")
    return list((item.row.texts if item.row else item.thing.texts).items())


@require_POST
def remove(request: HttpRequest, slug: str, brand_id: int) -> HttpResponse:
    """Take back what nobody has touched since it was added."""
    user, brand = admin(request), get_object_or_404(Brand, pk=brand_id)
    gone = keeping.remove(pack_of(slug).slug, brand.pk, by=user)
    words = ngettext("%(n)d thing was taken back.", "%(n)d things were taken back.", gone) % {"n": gone}
    messages.success(request, words if gone else _("Nothing is left to take back: the rest was changed, or is in use."))
    return redirect("pack", slug, brand.pk)
