"""The page behind an invitation: somebody new, or somebody who forgot, chooses a password."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import urlsafe_base64_decode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.coming_in import come_in
from accounts.models import User
from accounts.people_forms import WelcomeForm


@login_not_required
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, who: str, token: str) -> HttpResponse:
    """Choose a password and come in. An address that is used up, too old or made up says so, and nothing of anybody."""
    person = person_of(who, token)
    if person is None:
        return render(request, "accounts/welcome_over.html", status=404)
    form = WelcomeForm(person, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person.set_password(form.cleaned_data["password"])
        person.save(update_fields=["password"])
        return come_in(request, person, resolve_url("inbox"))
    response = render(
        request, "accounts/welcome.html", {"form": form, "person": person}, status=422 if form.is_bound else 200
    )
    # The address is a key: it goes to no other site.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def person_of(who: str, token: str) -> User | None:
    """Whose door this is, while the token is good for it."""
    try:
        number = int(urlsafe_base64_decode(who).decode("ascii"))
    except (ValueError, OverflowError):
        return None
    person = User.objects.filter(pk=number, is_active=True).first() if number < 2**62 else None
    return person if person and default_token_generator.check_token(person, token) else None
