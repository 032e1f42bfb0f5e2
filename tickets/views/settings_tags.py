"""Settings: tags, and tiers of customers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.dressing import dress, offer
from accounts.models import Brand, User
from accounts.permissions import brand_ids, brands_seen
from accounts.unmoved import MovedOn
from tickets.models import Tag, Ticket, Tier
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.targets import tiers
from tickets.verbs import tag_keeping
from tickets.views import seen
from tickets.views.people import me
from tickets.views.settings_area import admin

TAGS = {"here": "settings", "section": "tags"}
TIERS = {"here": "settings", "section": "tiers"}
# A page says of how many tickets up to this many; beyond, that there are more.
COUNTED = 999


class NamesForm(forms.Form):
    """A name in both languages."""

    name = forms.CharField(max_length=40, label=gettext_lazy("Name"), widget=forms.TextInput({"dir": "auto"}))
    name_ar = forms.CharField(
        required=False, max_length=40, label=gettext_lazy("Arabic name"), widget=forms.TextInput({"dir": "rtl"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class TagForm(NamesForm):
    """A tag; of which brand is asked of a new one alone."""

    brand = forms.ModelChoiceField(
        Brand.objects.none(), required=False, label=gettext_lazy("For the brand"), empty_label=None
    )

    def __init__(self, user: User, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = brand_ids(user)
        if not new:
            del self.fields["brand"]
            return
        offer(self, "brand", brands_seen(user), empty=_("All brands") if seen is None else "")
        self.fields["brand"].required = seen is not None


class TierForm(NamesForm):
    """A tier of one brand."""

    is_default = forms.BooleanField(required=False, label=gettext_lazy("For customers nobody has placed"))


def supervises(request: HttpRequest) -> User:
    """Who asks, for pages of supervisors and admins. Raises PermissionDenied."""
    user = me(request)
    if not user.is_supervisor:
        raise PermissionDenied
    return user


def tags_of(user: User) -> Any:
    """The tags this person keeps: of their brands; an admin's, all."""
    seen = brand_ids(user)
    rows = Tag.objects.select_related("brand").order_by("brand__name", "name")
    return rows if seen is None else rows.filter(brand__in=seen)


@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: HttpRequest) -> HttpResponse:
    """Every tag, and a form for a new one."""
    user = supervises(request)
    form = TagForm(user, request.POST if request.method == "POST" else None, new=True)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = tag_keeping.keep(None, **data, by=user)
        except NotAllowed as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": made.name})
            return redirect("settings-tags")
    context = TAGS | {"form": form, "tags": tags_of(user)[:1000]}
    return render(request, "settings/tags.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a tag other names."""
    user = supervises(request)
    found = get_object_or_404(tags_of(user), pk=pk)
    initial = {"name": found.name, "name_ar": found.name_ar}
    form = TagForm(user, request.POST if request.method == "POST" else None, new=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            tag_keeping.keep(pk, **form.cleaned_data, brand=None, by=user, version=seen.brought(request))
        except NotAllowed as refusal:
            form.add_error("name", str(refusal))
        except MovedOn:
            seen.moved_on(form, initial)
        else:
            return redirect("settings-tags")
    others = tags_of(user).filter(Q(brand=found.brand_id) | Q(brand=None)).exclude(pk=pk)
    held = Ticket.objects.filter(tags__contains=[pk])[: COUNTED + 1].count()
    context = TAGS | {"tag": found, "others": others, "held": held, "capped": held > COUNTED}
    return seen.drawn(request, "settings/tag.html", context, form, tag_keeping.version_of(found))


@require_POST
def merge_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Two tags become one."""
    user = supervises(request)
    found = get_object_or_404(tags_of(user), pk=pk)
    other = get_object_or_404(tags_of(user), pk=whole(request.POST.get("into")) or 0)
    try:
        changed = tag_keeping.merge(found.pk, into=other.pk, by=user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("settings-tag", pk)
    words = ngettext("%(n)d ticket has the other tag now.", "%(n)d tickets have the other tag now.", changed)
    messages.success(request, words % {"n": changed})
    return redirect("settings-tags")


@require_POST
def remove_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a tag, on every ticket."""
    user = supervises(request)
    found = get_object_or_404(tags_of(user), pk=pk)
    tag_keeping.remove(pk, by=user)
    messages.success(request, _("%(name)s is removed.") % {"name": found.name})
    return redirect("settings-tags")


@require_http_methods(["GET", "HEAD", "POST"])
def tier_page(request: HttpRequest, brand_id: int | None = None, pk: int | None = None) -> HttpResponse:
    """One brand's tiers in their order, and a form: for a new one, or for the one that is open."""
    user = admin(request)
    brands = list(Brand.objects.all())
    brand = get_object_or_404(Brand, pk=brand_id) if brand_id else brands[0] if brands else None
    if brand is None:
        return render(request, "settings/tiers.html", TIERS)
    found = get_object_or_404(Tier, pk=pk, brand=brand) if pk else None
    initial = {name: getattr(found, name) for name in ("name", "name_ar", "is_default")} if found else None
    form = TierForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        tiers.keep(pk, brand=brand, **form.cleaned_data, by=user)
        return redirect("settings-tiers-of", brand.pk)
    context = TIERS | {"form": form, "brand": brand, "brands": brands, "tier": found, "tiers": brand.tiers.all()}
    return render(request, "settings/tiers.html", context, status=422 if form.is_bound else 200)


@require_POST
def change_tier(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a tier, or remove it."""
    user, do = admin(request), request.POST.get("do", "")
    found = get_object_or_404(Tier, pk=pk)
    if do not in {"up", "down", "remove"}:
        raise Http404
    try:
        if do == "remove":
            tiers.remove(pk, by=user)
        else:
            tiers.move(pk, up=do == "up", by=user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("settings-tiers-of", found.brand_id)
