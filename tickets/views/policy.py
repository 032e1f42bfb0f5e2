"""The page where admins say what a brand's answers may be."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.dressing import dress
from accounts.models import Brand
from accounts.unmoved import MovedOn
from tickets.answering import care_policies
from tickets.answering.guard.findings import USUAL
from tickets.answering.guard_words import NAMES
from tickets.answering.guarding import policy_of
from tickets.views import seen
from tickets.views.people import me

# What each level means to the person who writes.
LEVELS: Sequence[tuple[str, Promise]] = (
    ("stop", gettext_lazy("Cannot be sent")),
    ("second", gettext_lazy("A second person looks")),
    ("advice", gettext_lazy("Only told")),
    ("off", gettext_lazy("Not looked for")),
)


class PolicyForm(forms.Form):
    """Levels by finding, what canned answers are worth, and our own domains."""

    canned_counts = forms.BooleanField(
        required=False, label=gettext_lazy("An answer that only repeats earlier words stops the clock and may resolve")
    )
    approval_minutes = forms.IntegerField(
        min_value=1, max_value=10_000, label=gettext_lazy("Minutes a second person has")
    )
    own_domains = forms.CharField(
        required=False, max_length=2000, label=gettext_lazy("Our own domains, separated by spaces"),
        widget=forms.TextInput({"dir": "ltr", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in NAMES.items():
            self.fields[code.value] = forms.ChoiceField(choices=LEVELS, label=str(name))
        dress(self)

    def levels(self) -> list[forms.BoundField]:
        """The fields of the guard's findings."""
        return [self[code.value] for code in NAMES]


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One brand's policy; without a number the first brand's."""
    user = me(request)
    if not user.is_admin:
        raise PermissionDenied
    brands = list(Brand.objects.all())
    if not (brands or pk):
        return render(request, "approvals/policy.html", {"here": "settings", "section": "policy"})
    brand = get_object_or_404(Brand, pk=pk or brands[0].pk)
    kept = policy_of(brand.pk)
    initial = {
        "canned_counts": kept.canned_counts,
        "approval_minutes": kept.approval_minutes,
        "own_domains": " ".join(kept.own_domains),
        **{code.value: kept.guard.get(code, USUAL[code].value) for code in NAMES},
    }
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            care_policies.change(
                brand,
                guard={code.value: data[code.value] for code in NAMES},
                own_domains=data["own_domains"].replace(",", " ").split(),
                canned_counts=data["canned_counts"],
                approval_minutes=data["approval_minutes"],
                by=user,
                version=seen.brought(request),
            )
        except MovedOn:
            seen.moved_on(form, initial)
        else:
            messages.success(request, _("The policy of %(name)s is saved.") % {"name": brand.name})
            return redirect("care-policy-of", brand.pk)
    context = {"brand": brand, "brands": brands, "here": "settings", "section": "policy"}
    return seen.drawn(request, "approvals/policy.html", context, form, care_policies.version_of(brand))
