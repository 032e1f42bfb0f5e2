"""The interface language: the person's own choice, then the cookie of the sign-in page, then the browser's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

SESSION_KEY = "interface_language"


class PersonalLocaleMiddleware:
    """Activates one of the languages of the interface for the length of a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = chosen_language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def chosen_language(request: HttpRequest) -> str:
    """The code of the language to show this request in."""
    offered = dict(settings.LANGUAGES)
    for wish in (request.session.get(SESSION_KEY), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)):
        if wish in offered:
            return str(wish)
    return translation.get_language_from_request(request)
