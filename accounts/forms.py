"""Forms of people: signing in."""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_failure_limit
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class SignInForm(AuthenticationForm):
    """E-mail and password. A refusal says how many tries are left before the pause."""

    error_messages = {
        "invalid_login": _("That e-mail and password do not match."),
        "inactive": _("That e-mail and password do not match."),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        mail, password = self.fields["username"].widget, self.fields["password"].widget
        mail.input_type = "email"
        mail.attrs |= {"class": "form-control ltr-in", "dir": "ltr", "autocomplete": "username", "inputmode": "email"}
        password.attrs |= {"class": "form-control ltr-in", "dir": "ltr", "autocomplete": "current-password"}

    def clean_username(self) -> str:
        """Addresses are kept in lower case; tries are counted by them, so Huda@ and huda@ are one."""
        return str(self.cleaned_data["username"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        """Sign in under both names: Django's backend reads the one, axes counts tries by whichever it is set to."""
        mail, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if mail and password:
            self.user_cache = authenticate(self.request, username=mail, email=mail, password=password)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    def get_invalid_login_error(self) -> ValidationError:
        words = str(self.error_messages["invalid_login"])
        credentials = dict.fromkeys(("username", "email"), self.cleaned_data.get("username"))
        failures = AxesProxyHandler.get_failures(self.request, credentials)
        left = get_failure_limit(self.request, credentials) - failures
        if left > 0:
            words = f"{words} {ngettext('%(n)d try left.', '%(n)d tries left.', left) % {'n': left}}"
        return ValidationError(words, code="invalid_login")
