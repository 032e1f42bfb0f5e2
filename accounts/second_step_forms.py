"""Forms of two-step sign-in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.dressing import dress
from accounts.models import Role


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        max_length=40, label=_("Code"),
        widget=forms.TextInput({"dir": "ltr", "autocomplete": "one-time-code", "inputmode": "text",
                                "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        self.fields["code"].widget.attrs["class"] += " ltr-in"


class SignInPolicyForm(forms.Form):
    """Which roles must sign in with two steps."""

    roles = forms.MultipleChoiceField(
        choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple,
        label=_("Who must sign in with two steps"),
    )  # fmt: skip
