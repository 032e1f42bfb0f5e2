"""What is told of an exception, to a developer or by mail to an operator: no secret, and nothing that was typed."""

from collections.abc import ItemsView
from pprint import pformat
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from ingest.cleaning import without_secrets

LONGEST = 4000


class Report(ExceptionReporter):
    """The whole of it, an exception's own words included, without the secrets that were opened."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(without_secrets(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(without_secrets(super().get_traceback_text()))


class Discreet(SafeExceptionReporterFilter):
    """Values of variables are shown without the secrets that were opened; of forms only the names of their fields."""

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        found = super().get_traceback_frame_variables(request, tb_frame)
        return {str(name): _shown(value) for name, value in found}.items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request is not None else {}


def _shown(value: object) -> str:
    try:
        return without_secrets(pformat(value))[:LONGEST]
    except Exception as error:  # noqa: BLE001  (a repr of anybody's may fail anyhow)
        return f"{type(value).__name__} ({type(error).__name__} when shown)"
