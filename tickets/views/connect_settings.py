"""How a channel is read and who cares for it, and removing it: kept to be read, or erased."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ingest import removing, resetting
from ingest.models import Channel
from tickets.channels import erasing
from tickets.channels.connect_forms import SettingsForm
from tickets.views.connect import carried_out, for_admins
from tickets.views.people import me

KEEP, ERASE = "keep", "erase"


class RemoveForm(forms.Form):
    """Keep or erase; what is erased does not come back, so its name is typed."""

    what = forms.ChoiceField(choices=[(KEEP, ""), (ERASE, "")])
    name = forms.CharField(required=False, label=gettext_lazy("Name of the channel"))

    def __init__(self, channel: Channel, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel = channel
        self.fields["name"].widget.attrs |= {"class": "form-control", "dir": "auto", "autocomplete": "off"}

    def clean_name(self) -> str:
        """The channel's own name, where all is to be erased."""
        name = str(self.cleaned_data["name"]).strip()
        if self.cleaned_data.get("what") == ERASE and name != self.channel.name.strip():
            raise forms.ValidationError(_("This is not the channel's name."))
        return name


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything but the keys."""
    channel = get_object_or_404(Channel.objects.exclude(state__in=Channel.GONE).select_related("brand"), pk=pk)
    form = SettingsForm(channel, request.POST if request.method == "POST" else None)
    done, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done = carried_out(form, lambda: resetting.change(pk, form.settings(), by=me(request)))
    if done is None:
        context = {"channel": channel, "form": form, "here": "channels"}
        return render(request, "connect/settings.html", context, status=status)
    messages.success(request, _("The settings of %(name)s are saved.") % {"name": done.name})
    return redirect("channel", pk=pk)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The one place that asks twice: what is erased is gone."""
    channel = get_object_or_404(Channel.objects.exclude(state=Channel.State.ERASING), pk=pk)
    kept_already = channel.state == Channel.State.REMOVED
    form = RemoveForm(channel, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        erase = form.cleaned_data["what"] == ERASE
        removing.remove(pk, erase=erase, by=me(request))
        messages.success(request, _removed(channel, erase=erase))
        return redirect("channels")
    context = {
        "channel": channel,
        "form": form,
        "counts": erasing.counts(channel),
        "kept_already": kept_already,
        "erase": kept_already or form.data.get("what") == ERASE,
        "here": "channels",
    }
    return render(request, "connect/remove.html", context, status=422 if form.is_bound else 200)


def _removed(channel: Channel, *, erase: bool) -> str:
    if erase:
        return _("%(name)s is removed. What it brought is being erased.") % {"name": channel.name}
    return _("%(name)s is removed. Its tickets and messages stay.") % {"name": channel.name}
