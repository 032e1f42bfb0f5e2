"""What a form says of pictures: those in the box and their descriptions, and files that came along."""

from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from ingest.pictures import BadPicture
from tickets.answering import tray
from tickets.answering.pictures import why_not
from tickets.models import Ticket

ALT = "alt-"
FILES = "files"


def key_of(told: str) -> UUID | None:
    """A picture's key as a form tells it; None for anything else."""
    try:
        return UUID(told)
    except ValueError:
        return None


def of_answer(request: HttpRequest, ticket: Ticket, by: User) -> tuple[list[UUID], list[str]]:
    """The pictures an answer is to go out with; in words why files that came along with it cannot. Raises NotAllowed.

    Without a script files come with the answer itself. Descriptions are kept whatever becomes of it.
    """
    keep_words(request, ticket, by)
    added, problems = put_in(request, ticket, by)
    return [*listed(request), *added], problems


def listed(request: HttpRequest) -> list[UUID]:
    """The pictures the form holds, in order."""
    return [key for told in request.POST.getlist("picture") if (key := key_of(told))]


def keep_words(request: HttpRequest, ticket: Ticket, by: User) -> None:
    """Keep the descriptions of the form, whatever becomes of the rest. Raises NotAllowed."""
    told = {key_of(name.removeprefix(ALT)): text for name, text in request.POST.items() if name.startswith(ALT)}
    tray.describe(ticket, {key: str(text) for key, text in told.items() if key}, by=by)


def put_in(request: HttpRequest, ticket: Ticket, by: User) -> tuple[list[UUID], list[str]]:
    """Put the files of the form into the box; their keys, and in words why others are not there. Raises NotAllowed."""
    added, problems = [], []
    for file in request.FILES.getlist(FILES):
        try:
            added.append(tray.add(ticket, content=_bytes_of(file), by=by).key)
        except BadPicture as bad:
            problems.append(_("Not added, %(name)s: %(why)s") % {"name": _named(file), "why": why(ticket, bad)})
    return added, problems


def why(ticket: Ticket, bad: BadPicture) -> str:
    """Why a picture cannot go out with an answer to this ticket, in words."""
    return why_not(bad.code, tray.limits_on(ticket), ticket.channel.platform)


def _bytes_of(file: UploadedFile) -> bytes:
    """Raises BadPicture for one that is too large to be looked at."""
    if (file.size or 0) > settings.PICTURE_BYTES:
        raise BadPicture("too_large")
    return bytes(file.read())


def _named(file: UploadedFile) -> str:
    """The file's name, in a direction of its own."""
    return f"\u2068{(file.name or '')[:60]}\u2069"
