"""The page on which a person changes their keys, or switches the single letters off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tickets import keys
from tickets.permissions import NotAllowed
from tickets.views.people import me


@require_http_methods(["GET", "HEAD", "POST"])
def my_keys(request: HttpRequest) -> HttpResponse:
    """Every key with a box for another; refused as a whole, with what was typed kept."""
    user = me(request)
    own, problem = keys.chosen(user), ""
    if request.method == "POST":
        given = {code: str(request.POST.get(f"k-{code}", "")) for code in keys.BY_CODE if f"k-{code}" in request.POST}
        if request.POST.get("reset"):
            given = {}
        try:
            keys.choose(user, given, off=bool(request.POST.get("off")))
        except NotAllowed as refusal:
            own, problem = {"off": bool(request.POST.get("off")), "map": given}, str(refusal)
        else:
            messages.info(request, _("Your keys are kept."))
            return redirect("my-keys")
    groups = [
        (label, [(key, own["map"].get(key.code, key.key)) for key in keys.of_group(group) if not key.fixed])
        for group, label in keys.GROUPS.items()
    ]
    context = {"groups": groups, "off": own["off"], "problem": problem}
    return render(request, "inbox/my_keys.html", context, status=422 if problem else 200)
