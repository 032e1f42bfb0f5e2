"""Pictures for tests, and the scripted platform made to take them."""

from io import BytesIO

from PIL import Image as Pillow

from accounts.models import User
from ingest.models import OutgoingImage
from ingest.platforms.base import ImageLimits, Kind
from tests.cast import FakePlatform
from tickets.answering import tray
from tickets.models import Ticket

LIMITS = ImageLimits(3, 200_000, alt=120)


def a_file(colour: str = "teal", form: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture of one colour, as a file."""
    target = BytesIO()
    Pillow.new("RGB", size, colour).save(target, form)
    return target.getvalue()


def takes_pictures(platform: type[FakePlatform], limits: ImageLimits = LIMITS) -> type[FakePlatform]:
    """From here on answers on this platform may hold pictures."""

    def image_limits(_self: FakePlatform, _kind: Kind) -> ImageLimits:
        return limits

    platform.image_limits = image_limits  # type: ignore[attr-defined]
    return platform


def a_picture(ticket: Ticket, by: User, alt: str = "", colour: str = "teal") -> OutgoingImage:
    """A picture that somebody has put into the ticket's box."""
    return tray.add(ticket, content=a_file(colour), by=by, alt=alt)
