"""The forms of incidents: what one is, and what is told to everybody in it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.dressing import dress, offer
from accounts.models import Brand, User
from accounts.permissions import brands_seen
from tickets.incidents import terms, updates
from tickets.incidents.keeping import Told
from tickets.models import Incident
from tickets.views.marks import RIGHT_TO_LEFT, language_name

MOMENT = "%Y-%m-%dT%H:%M"


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput({"type": "datetime-local", "dir": "ltr"}, format=MOMENT)


class IncidentForm(forms.Form):
    """An incident; of which brand is asked of a new one alone. Times are in the person's zone."""

    name = forms.CharField(max_length=120, label=gettext_lazy("Name"), widget=forms.TextInput({"dir": "auto"}))
    brand = forms.ModelChoiceField(Brand.objects.none(), label=gettext_lazy("Brand"), empty_label=None)
    kind = forms.ChoiceField(choices=Incident.Kind.choices, label=gettext_lazy("Kind"))
    valence = forms.ChoiceField(
        choices=Incident.Valence.choices,
        label=gettext_lazy("What it does to customers"),
        help_text=gettext_lazy("A negative event raises what customers expect of care, a positive one lowers it."),
    )
    begins_at = forms.DateTimeField(label=gettext_lazy("From"), input_formats=[MOMENT], widget=_moment())
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until"), required=False, input_formats=[MOMENT], widget=_moment(),
        help_text=gettext_lazy("Empty: until it is closed."),
    )  # fmt: skip
    terms = forms.CharField(
        label=gettext_lazy("Words"), required=False, max_length=4000,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy(
            "Between commas. New tickets that hold one of them join by themselves, in any form and spelling of the "
            "word; with a star at its end, whatever begins so."
        ),
    )  # fmt: skip

    def __init__(self, user: User, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        if new:
            offer(self, "brand", brands_seen(user))
        else:
            del self.fields["brand"]

    def clean_terms(self) -> list[str]:
        """One for each word. Raises ValidationError."""
        try:
            return terms.split(str(self.cleaned_data["terms"]))
        except terms.TooLong as bad:
            words = _("“%(word)s…” is longer than %(most)d signs: shorten it, or put commas between its words.")
            raise forms.ValidationError(words % {"word": bad.word[:24], "most": terms.LONGEST}) from None
        except terms.BadTerm as bad:
            if not bad.word:
                raise forms.ValidationError(_("At most %(most)d words.") % {"most": terms.MOST}) from None
            words = _("“%(word)s” is no word, or too short to stand for what begins so.")
            raise forms.ValidationError(words % {"word": bad.word}) from None

    def told(self) -> Told:
        """What was said, once it is valid."""
        data = self.cleaned_data
        return Told(
            data["name"], data["kind"], data["valence"], data["begins_at"], data["ends_at"], tuple(data["terms"])
        )


class UpdateForm(forms.Form):
    """Words for everybody in an incident, a box for each language."""

    resolve = forms.BooleanField(required=False, label=gettext_lazy("Resolve their tickets with it"))

    def __init__(self, languages: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in languages:
            way = "rtl" if code in RIGHT_TO_LEFT else "ltr"
            self.fields[f"text_{code}"] = forms.CharField(
                required=False,
                max_length=updates.LONGEST,
                label=language_name(code),
                widget=forms.Textarea({"rows": 4, "dir": way, "lang": code, "spellcheck": "true"}),
            )
        self.languages = list(languages)
        dress(self)

    @property
    def boxes(self) -> list[forms.BoundField]:
        """The box of each language."""
        return [self[f"text_{code}"] for code in self.languages]

    @property
    def texts(self) -> dict[str, str]:
        """What was written, by language."""
        return {
            code: text for code in self.languages if (text := str(self.cleaned_data.get(f"text_{code}", "")).strip())
        }
