"""How the verbs' refusals are told: each exception of theirs becomes a problem with a status of its own."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from accounts import unmoved
from accounts.api import problems
from accounts.api.problems import Problem
from ingest.api import MessageSerializer
from ingest.links import BadLink
from ingest.pictures import BadPicture
from ingest.platforms.base import PlatformError
from tickets.answering.guarding import Stopped
from tickets.answering.replies import EmptyAnswer, KeyUsed, MovedOn, TooLong, Unsendable
from tickets.incoming.corrections import NotCorrectable
from tickets.permissions import NotAllowed
from tickets.verbs.lifecycle import EmptyNote

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


def moved_on(exc: MovedOn) -> Problem:
    """What came since is told with the refusal, so that nothing has to be fetched to go on."""
    newer = MessageSerializer(exc.newer, many=True).data
    words = _("The conversation has moved on since you saw it. Read what is new, then answer.")
    return Problem("moved_on", words, HTTPStatus.CONFLICT, newer=newer)


def too_long(exc: TooLong) -> Problem:
    words = _("Longer than the platform takes.")
    return Problem("too_long", words, UNPROCESSABLE, used=exc.length.used, limit=exc.length.limit)


def stale(_exc: unmoved.MovedOn) -> Problem:
    words = _("Somebody saved it since you read it. Read it again, then change what stands there now.")
    return Problem("stale", words, HTTPStatus.CONFLICT)


def bad_picture(exc: BadPicture) -> Problem:
    words = _("It goes out with no such picture; `reason` says why.")
    return Problem("bad_picture", words, UNPROCESSABLE, reason=exc.code)


TELL: dict[type[Exception], Callable[[Any], APIException]] = {
    KeyUsed: lambda _exc: Problem("key_used", _("This key was used for another ticket's answer."), UNPROCESSABLE),
    NotCorrectable: lambda exc: Problem("not_correctable", str(exc), UNPROCESSABLE),
    Stopped: lambda exc: Problem("stopped", str(exc), UNPROCESSABLE, findings=exc.looked.codes),
    NotAllowed: lambda exc: Problem("not_allowed", str(exc), HTTPStatus.FORBIDDEN),
    MovedOn: moved_on,
    unmoved.MovedOn: stale,
    BadPicture: bad_picture,
    TooLong: too_long,
    Unsendable: lambda exc: Problem("unsendable", str(exc), UNPROCESSABLE, reason=str(exc.reason)),
    PlatformError: lambda exc: Problem(
        "unsendable", _("This channel cannot be used as it is set up."), UNPROCESSABLE, reason=exc.code
    ),
    EmptyAnswer: lambda _exc: Problem("empty", _("There is nothing to send."), UNPROCESSABLE),
    BadLink: lambda _exc: Problem("bad_link", _("Give a link that begins with https:// or http://."), UNPROCESSABLE),
    EmptyNote: lambda _exc: Problem("empty", _("There is nothing to note."), UNPROCESSABLE),
}


def answer(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """The response to an exception, of the verbs' or of any other kind."""
    told = next((tell(exc) for kind, tell in TELL.items() if isinstance(exc, kind)), exc)
    return problems.answer(told, context)
