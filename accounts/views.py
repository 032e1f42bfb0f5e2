"""Signing in and out, and how each person likes the pages."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.coming_in import come_in
from accounts.forms import SignInForm
from accounts.middleware import SESSION_KEY
from accounts.models import Brand, User
from accounts.people_forms import MeForm
from accounts.second_step import has_one
from accounts.second_step_owed import open_to_those_who_owe
from accounts.verbs import CHOICES, choose, choose_contrast, present

THEME_COOKIE = "radd_theme"
A_YEAR = 365 * 24 * 3600


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class SignIn(LoginView):
    """The door. Whoever is inside already goes on to the inbox."""

    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        # On a desk that was just put up nobody could come in, and nothing would say how.
        return context | {"desk": desk_name(self.request), "nobody": not User.objects.exists()}

    def form_valid(self, form: Any) -> HttpResponse:
        return come_in(self.request, form.get_user(), self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        """A refusal is no success: 422, so that nothing takes the page for a signed-in one."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def desk_name(request: HttpRequest) -> str:
    """Whose desk this is, when it cares for one brand only."""
    names = list(Brand.objects.values_list("name", "name_ar")[:2])
    if len(names) != 1:
        return ""
    name, name_ar = names[0]
    return name_ar if name_ar and getattr(request, "LANGUAGE_CODE", "") == "ar" else name


def locked_out(
    request: HttpRequest, _response: HttpResponse | None = None, _credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Too many wrong passwords for one address from one place: a pause, and what to do meanwhile."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)


@open_to_those_who_owe
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Out. The language chosen on this device stays."""
    language = request.session.get(SESSION_KEY)
    logout(request)
    response = redirect(settings.LOGOUT_REDIRECT_URL)
    if language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=A_YEAR, samesite="Lax")
    return response


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Language, theme and density: kept with the person, and on the device for the sign-in page."""
    response = redirect(back_to(request))
    language, theme, density = (request.POST.get(name, "") for name in ("language", "theme", "density"))
    user = request.user
    if language in CHOICES["interface_language"]:
        request.session[SESSION_KEY] = language
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=A_YEAR, samesite="Lax", secure=settings.HTTPS
        )
    if theme in CHOICES["theme"]:
        response.set_cookie(THEME_COOKIE, theme, max_age=A_YEAR, samesite="Lax", secure=settings.HTTPS)
    if isinstance(user, User):
        for name, value in (("interface_language", language), ("theme", theme), ("density", density)):
            choose(user, name, value)
        for name in ("calendar", "numerals"):
            choose(user, name, request.POST.get(name, ""))
        choose_contrast(user, request.POST.get("contrast", ""))
    return response


def back_to(request: HttpRequest) -> str:
    """The page a form was sent from, if it is one of ours; else the first page."""
    wish = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure()):
        return wish
    return resolve_url("inbox" if request.user.is_authenticated else "sign-in")


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """What a person may choose for themselves: the menu of the rail, or a page of its own with their name and zone."""
    user = request.user
    if request.headers.get("HX-Request"):
        back = urlsplit(request.headers.get("HX-Current-URL", ""))
        context = {"person": user, "back": f"{back.path}?{back.query}" if back.query else back.path}
        return render(request, "accounts/preferences.html", context)
    if not isinstance(user, User):
        raise PermissionDenied
    initial = {"name": user.name, "time_zone": user.time_zone}
    form = MeForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        present(user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("profile")
    page: dict[str, Any] = {"here": "profile", "back": request.path, "form": form, "second_step": has_one(user)}
    return render(request, "accounts/profile.html", page, status=422 if form.is_bound else 200)
