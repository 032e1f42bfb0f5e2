"""Forms of people, teams and brands."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.dressing import choose, dress
from accounts.models import Brand, Role, Team, User

# What customers write in; a ticket may ask for a person who reads it.
LANGUAGES = ("ar", "en", "fr", "ur", "hi", "tr", "fa", "es", "de", "pt", "id")
MOST_SKILLS = 20


@lru_cache(maxsize=1)
def zones() -> list[str]:
    """Time zones by the name of a place."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))


def zone_choices() -> list[tuple[str, str | Promise]]:
    """The desk's own first."""
    return [("", _("As the desk")), *((zone, zone.replace("_", " ")) for zone in zones())]


def language_choices() -> list[tuple[str, str]]:
    return [(code, str(get_language_info(code)["name_translated"])) for code in LANGUAGES]


class PersonForm(forms.Form):
    """Somebody who works here; `way` is asked of the new alone: how they come in the first time."""

    name = forms.CharField(max_length=120, label=_("Name"), widget=forms.TextInput({"dir": "auto"}))
    email = forms.EmailField(max_length=254, label=_("Work e-mail"), widget=forms.EmailInput({"dir": "ltr"}))
    role = forms.ChoiceField(choices=Role.choices, label=_("Role"), initial=Role.AGENT)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(), required=False, label=_("Teams"), widget=forms.CheckboxSelectMultiple
    )
    capacity = forms.IntegerField(
        min_value=0, max_value=500, label=_("Tickets at once"), help_text=_("0: none are given by themselves.")
    )
    skills = forms.CharField(
        required=False, max_length=800, label=_("Skills"), help_text=_("Separated by commas, as rules name them.")
    )
    languages = forms.MultipleChoiceField(
        required=False, label=_("Languages they answer in"), widget=forms.CheckboxSelectMultiple
    )
    time_zone = forms.ChoiceField(required=False, label=_("Time zone"))
    interface_language = forms.ChoiceField(required=False, label=_("Language of the pages"))
    way = forms.ChoiceField(
        required=False,
        initial="link",
        widget=forms.RadioSelect,
        label=_("How they come in"),
        choices=[("link", _("By a link: they choose a password")), ("password", _("With a first password"))],
    )

    def __init__(self, *args: Any, new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "time_zone", zone_choices())
        choose(self, "languages", language_choices())
        choose(self, "interface_language", [("", _("As their browser")), *settings.LANGUAGES])
        if new:
            self.fields["capacity"].initial = settings.DEFAULT_CAPACITY
        else:
            del self.fields["way"]
        dress(self)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_skills(self) -> list[str]:
        """Each once, in small letters, as rules compare them."""
        typed = str(self.cleaned_data["skills"]).replace("،", ",").split(",")
        found = list(dict.fromkeys(" ".join(word.split()).lower() for word in typed if word.strip()))
        if len(found) > MOST_SKILLS or any(len(word) > 40 for word in found):
            raise ValidationError(_("At most 20 skills, each of at most 40 letters."))
        return found

    def given(self) -> dict[str, Any]:
        """What accounts.people takes."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"teams", "way"}}


def person_as_form(person: User) -> dict[str, Any]:
    """A person as the form has them."""
    names = ("name", "email", "role", "capacity", "languages", "time_zone", "interface_language")
    told: dict[str, Any] = {name: getattr(person, name) for name in names}
    return told | {"skills": ", ".join(person.skills), "teams": list(person.teams.all())}


class MeForm(forms.Form):
    """What somebody says of themselves."""

    name = forms.CharField(max_length=120, label=_("Name"), widget=forms.TextInput({"dir": "auto"}))
    time_zone = forms.ChoiceField(required=False, label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "time_zone", zone_choices())
        dress(self)


class TeamForm(forms.Form):
    """A team, its brands and its people."""

    name = forms.CharField(max_length=120, label=_("Name"), widget=forms.TextInput({"dir": "auto"}))
    brands = forms.ModelMultipleChoiceField(
        Brand.objects.all(), required=False, label=_("Brands it cares for"), widget=forms.CheckboxSelectMultiple
    )
    members = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True), required=False, label=_("People"), widget=forms.CheckboxSelectMultiple
    )
    is_default = forms.BooleanField(required=False, label=_("Takes tickets that no rule sends elsewhere"), initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class BrandForm(forms.Form):
    """A brand's names."""

    name = forms.CharField(max_length=120, label=_("Name"), widget=forms.TextInput({"dir": "ltr"}))
    name_ar = forms.CharField(
        required=False, max_length=120, label=_("Arabic name"), widget=forms.TextInput({"dir": "rtl", "lang": "ar"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class WelcomeForm(forms.Form):
    """The password somebody chooses, once: they see what they type."""

    password = forms.CharField(
        max_length=256, strip=False, label=_("Password"),
        widget=forms.PasswordInput({"dir": "ltr", "class": "form-control ltr-in", "autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        max_length=256, strip=False, label=_("The same once more"),
        widget=forms.PasswordInput({"dir": "ltr", "class": "form-control ltr-in", "autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], self.person)
        return str(self.cleaned_data["password"])

    def clean(self) -> dict[str, Any]:
        password, again = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if password and again and password != again:
            self.add_error("again", ValidationError(_("The two are not the same.")))
        return self.cleaned_data
