"""The forms of connecting: a channel's own matters, and what its platform asks. Secrets come in and never go out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.dressing import choose, dress
from accounts.models import Brand, Team
from ingest import prices
from ingest.connecting import Wish
from ingest.models import Channel
from ingest.platforms.registry import adapter_of
from ingest.rekeying import Keys
from ingest.resetting import Settings, as_text
from tickets.channels.connect_words import GUIDES, Asked

# Pushed to us, not asked for.
PUSHED = {"webhook"}
INTERVALS = (
    (15, gettext_lazy("15 seconds")), (30, gettext_lazy("30 seconds")), (60, gettext_lazy("1 minute")),
    (120, gettext_lazy("2 minutes")), (300, gettext_lazy("5 minutes")), (900, gettext_lazy("15 minutes")),
)  # fmt: skip
PASTS = tuple((days, ngettext_lazy("%(n)d day", "%(n)d days", "n")) for days in (1, 3, 7, 14, 30))
LTR = {"dir": "ltr", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together. `folded`: behind a line to open."""

    title: Promise | str
    fields: list[BoundField]
    hint: Promise | str = ""
    folded: bool = False


class PlatformFields(forms.Form):
    """What one platform asks; `parts` and `secrets` say which of it."""

    def __init__(self, platform: str, *args: Any, asked: Iterable[Asked], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform = platform
        self.asked = tuple(asked)
        for one in self.asked:
            self.fields[one.name] = _field(one)

    @property
    def needs(self) -> set[str]:
        """Names that the adapter itself asks for."""
        return {need.name for need in getattr(adapter_of(self.platform), "needs", ())}

    def told(self) -> dict[str, str]:
        """What was entered, by name."""
        return {one.name: str(self.cleaned_data.get(one.name) or "").strip() for one in self.asked}

    def given(self) -> tuple[dict[str, str], dict[str, Any]]:
        """What the adapter asked for, and the options beside it."""
        told, needs = {name: value for name, value in self.told().items() if value}, self.needs
        return (
            {name: value for name, value in told.items() if name in needs},
            {name: value for name, value in told.items() if name not in needs},
        )

    def open_values(self) -> dict[str, str]:
        """What was entered that may be shown again: nothing secret."""
        secret = {one.name for one in self.asked if one.kind == "secret"}
        return {name: str(self.data.get(name, "")) for name in self.fields if name not in secret}

    def group(self, part: str) -> list[BoundField]:
        """The fields of one part."""
        return [self[one.name] for one in self.asked if one.part == part]

    def note_missing(self, names: Iterable[str]) -> None:
        """Say of these that they are needed, where nothing is said of them yet."""
        shown = [name for name in names if name in self.fields]
        for name in shown:
            if name not in self.errors:
                self.add_error(name, _("This is needed."))
        if not shown:
            self.add_error(None, _("Keys are needed: those above, or the ones of the other way."))


class OwnFields(forms.Form):
    """What Radd itself wants to know of a channel."""

    name = forms.CharField(label=gettext_lazy("Name in Radd"), max_length=120)
    brand = forms.ModelChoiceField(
        Brand.objects.all(), label=gettext_lazy("Brand"), required=False, empty_label=gettext_lazy("A new brand")
    )
    new_brand = forms.CharField(label=gettext_lazy("Name of the new brand"), max_length=120, required=False)
    default_team = forms.ModelChoiceField(
        Team.objects.all(),
        label=gettext_lazy("Default team"),
        required=False,
        empty_label=gettext_lazy("The brand's own"),
        help_text=gettext_lazy("Has its tickets where no rule says another."),
    )
    poll_seconds = forms.TypedChoiceField(label=gettext_lazy("Reading interval"), coerce=int, choices=INTERVALS)
    monthly_cap = forms.DecimalField(
        label=gettext_lazy("Monthly cap, US dollars"),
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=2,
        help_text=gettext_lazy(
            "Reading slows so that the month lasts, then stops. Answers always go out. Empty: no cap."
        ),
    )

    channel: Channel | None = None

    def clean_name(self) -> str:
        """Channels at work share no name."""
        name = str(self.cleaned_data["name"]).strip()
        others = Channel.objects.filter(name=name).exclude(state__in=Channel.GONE)
        if self.channel is not None:
            others = others.exclude(pk=self.channel.pk)
        if others.exists():
            raise forms.ValidationError(_("Another channel has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        """A brand that is there, or the name of a new one."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        told["new_brand"] = str(told.get("new_brand") or "").strip()
        if not told.get("brand") and not told["new_brand"] and "brand" not in self.errors:
            self.add_error("new_brand", _("Choose a brand, or name a new one."))
        return told

    def fit(self, platform: str) -> None:
        """Leave out what this platform has no use for, and draw the fields."""
        if prices.price_list(platform) is None:
            del self.fields["monthly_cap"]
        if platform in PUSHED:
            del self.fields["poll_seconds"]
        dress(self)
        for name in ("name", "new_brand"):
            self.fields[name].widget.attrs |= {"dir": "auto", "autocomplete": "off"}

    def brand_wished(self) -> Brand | str:
        """One that is there, or the name of one to be made."""
        return self.cleaned_data["brand"] or str(self.cleaned_data["new_brand"])


class ConnectForm(PlatformFields, OwnFields):
    """All of a channel to be."""

    backfill_days = forms.TypedChoiceField(label=gettext_lazy("Read its past"), coerce=int, required=False)

    def __init__(self, platform: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(platform, *args, asked=GUIDES[platform].asked, **kwargs)
        if platform in PUSHED:
            del self.fields["backfill_days"]
        else:
            pasts = [(n, words % {"n": n}) for n, words in PASTS]
            choose(self, "backfill_days", [(0, _("Nothing, only what is new")), *pasts])
            self.fields["backfill_days"].initial = 7
        self.fields["poll_seconds"].initial = 60
        self.fit(platform)
        if not self.is_bound and (first := Brand.objects.first()):
            self.fields["brand"].initial = first.pk

    def wish(self) -> Wish:
        """What was entered, as connecting takes it."""
        given, options = self.given()
        told = self.cleaned_data
        return Wish(
            self.platform,
            str(told.get("name") or ""),
            given,
            poll_seconds=told.get("poll_seconds") or 60,
            options=options,
            default_team=told.get("default_team"),
            monthly_cap=told.get("monthly_cap"),
            backfill_days=told.get("backfill_days") or 0,
            again=False,
        )

    def groups(self) -> Iterator[Group]:
        """The form, part by part."""
        guide = GUIDES[self.platform]
        yield Group(_("Keys") if self.platform != "webhook" else _("The bridge"), self.group("way"))
        if other := self.group("other"):
            yield Group(_("Other keys"), other, guide.other, folded=not any(field.errors for field in other))
        if follow := self.group("follow"):
            yield Group(_("What to follow"), follow, FOLLOWED.get(self.platform, ""))
        own = ("name", "brand", "new_brand", "default_team", "poll_seconds", "backfill_days", "monthly_cap")
        yield Group(_("In Radd"), [self[name] for name in own if name in self.fields])
        if more := self.group("more"):
            yield Group(_("More settings"), more, folded=not any(field.errors for field in more))


FOLLOWED: dict[str, Promise] = {
    "x": gettext_lazy("Mentions, replies and quotes of the account always come in."),
    "bluesky": gettext_lazy("Mentions, replies and quotes of the account always come in."),
    "mastodon": gettext_lazy("Mentions of the account and private messages to it always come in."),
}


class KeysForm(PlatformFields):
    """New keys for a channel: secrets, and who comes in with them. What stays empty stays as it was."""

    def __init__(self, channel: Channel, *args: Any, **kwargs: Any) -> None:
        asked = [one for one in GUIDES[channel.platform].asked if one.kind == "secret" or one.name in BESIDE_KEYS]
        super().__init__(channel.platform, *args, asked=asked, **kwargs)
        self.channel = channel
        for one in self.asked:
            self.fields[one.name].required = False
            if one.name in channel.options:
                self.fields[one.name].initial = as_text(channel.options[one.name])

    def keys(self) -> Keys:
        """What was entered."""
        given, options = self.given()
        return Keys(given, options)

    def groups(self) -> Iterator[Group]:
        """The form, part by part."""
        yield Group(_("New keys"), self.group("way"), _("What stays empty stays as it was."))
        if rest := self.group("other") + self.group("more"):
            yield Group(_("Other keys"), rest, folded=not any(field.errors for field in rest))


BESIDE_KEYS = {"client_id", "identifier", "username"}


class SettingsForm(PlatformFields, OwnFields):
    """How a channel is read, and who cares for it: everything but its keys."""

    def __init__(self, channel: Channel, *args: Any, **kwargs: Any) -> None:
        guide = GUIDES.get(channel.platform)
        open_ones = [one for one in guide.asked if one.kind != "secret" and one.name not in IDS] if guide else []
        super().__init__(channel.platform, *args, asked=open_ones, **kwargs)
        self.channel = channel
        self.initial = {
            **{one.name: as_text(channel.options.get(one.name)) for one in self.asked},
            **{name: getattr(channel, name) for name in ("name", "poll_seconds", "monthly_cap")},
            "brand": channel.brand_id,
            "default_team": channel.default_team_id,
            **self.initial,
        }
        if channel.poll_seconds not in dict(INTERVALS):
            kept = (channel.poll_seconds, _("%(n)d seconds") % {"n": channel.poll_seconds})
            choose(self, "poll_seconds", sorted([*INTERVALS, kept], key=lambda choice: choice[0]))
        self.fit(channel.platform)

    def settings(self) -> Settings:
        """What was entered."""
        told = self.cleaned_data
        return Settings(
            name=told["name"],
            brand=self.brand_wished(),
            default_team=told["default_team"],
            poll_seconds=told.get("poll_seconds") or self._kept("poll_seconds"),
            monthly_cap=told["monthly_cap"] if "monthly_cap" in self.fields else self._kept("monthly_cap"),
            options=self.told(),
        )

    def groups(self) -> Iterator[Group]:
        """The form, part by part."""
        own = ("name", "brand", "new_brand", "default_team", "poll_seconds", "monthly_cap")
        hint = _("Another brand has what comes in from now on. Tickets so far stay with theirs.")
        yield Group(_("In Radd"), [self[name] for name in own if name in self.fields], hint)
        if follow := self.group("follow"):
            yield Group(_("What to follow"), follow, FOLLOWED.get(self.platform, ""))
        if rest := self.group("way") + self.group("more"):
            yield Group(_("Connection"), rest, _("A new address is tried before it is kept."))

    def _kept(self, name: str) -> Any:
        return getattr(self.channel, name)


# Who we are there is no setting: another account is another channel.
IDS = {"client_id", "identifier", "address", "account_id", "username"}


def _field(one: Asked) -> forms.Field:
    if one.choices:
        return forms.ChoiceField(
            label=one.label, help_text=one.hint, choices=one.choices, required=False,
            widget=forms.Select(attrs={"class": "form-select"}),
        )  # fmt: skip
    attrs = {"class": "form-control", "placeholder": one.example}
    if one.kind == "secret":
        widget: forms.Widget = forms.PasswordInput(attrs=attrs | LTR | {"autocomplete": "new-password"})
    elif one.kind == "long":
        widget = forms.Textarea(attrs=attrs | LTR | {"rows": "4", "placeholder": ""})
    else:
        # Words to follow are people's words, all else is addresses and names of machines.
        widget = forms.TextInput(attrs=attrs | ({"dir": "auto", "autocomplete": "off"} if one.kind == "list" else LTR))
    if one.kind in {"number", "url"}:
        widget.attrs["inputmode"] = "numeric" if one.kind == "number" else "url"
    most = 20_000 if one.kind == "long" else 2_000
    return forms.CharField(label=one.label, help_text=one.hint, widget=widget, required=one.needed, max_length=most)
