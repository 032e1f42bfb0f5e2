"""Pictures before they go out: what they are is told by their content, and nothing of what a camera wrote is kept.

Every picture is decoded and encoded anew, turned as it is meant to be seen, in sRGB, and as small as its platform wants
it. What is stored has never been anybody's file: no place, no name, nothing after its end.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils import timezone
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from ingest.models import OutgoingImage
from ingest.platforms.base import ImageLimits

# By what a file begins with: the name that Pillow has for it.
BEGINNINGS = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"RIFF", "WEBP"))
# A phone's two pictures in one JPEG are one picture that comes with another size of itself.
TWO_IN_ONE = "MPO"
# No platform shows more of a picture than this many pixels across.
LONGEST_EDGE = 4096
# Tried in turn until a picture is small enough: its longest edge, and how well a JPEG keeps what it shows.
STEPS = ((4096, 90), (3072, 85), (2048, 85), (2048, 75), (1536, 75), (1024, 75), (768, 70), (512, 60))
KEPT_FOR = timedelta(days=1)
WHITE = (255, 255, 255)


class BadPicture(Exception):
    """It cannot be sent. `code`: not_a_picture, moving, too_large (bytes), too_many_pixels."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may go out. `media_type`: image/jpeg or image/png."""

    content: bytes
    media_type: str
    width: int
    height: int


def prepared(content: bytes, limits: ImageLimits) -> Picture:
    """A file's picture as it may go out within these limits. Raises BadPicture."""
    if len(content) > settings.PICTURE_BYTES:
        raise BadPicture("too_large")
    kind = next((name for beginning, name in BEGINNINGS if content.startswith(beginning)), "")
    if not kind:
        raise BadPicture("not_a_picture")
    return fitted(_opened(content, kind), limits, drawn=kind == "PNG")


def fitted(image: Pillow.Image, limits: ImageLimits, *, drawn: bool = False) -> Picture:
    """The picture in the first of our forms that is small enough. Raises BadPicture where none is.

    `drawn`: a screenshot or a drawing, which JPEG blurs.
    """
    for edge, quality in STEPS:
        image = _within(image, edge)
        if limits.pixels is not None and image.width * image.height > limits.pixels:
            continue
        for content, media_type in _encoded(image, quality, drawn=drawn):
            if len(content) <= limits.most_bytes:
                return Picture(content, media_type, image.width, image.height)
    raise BadPicture("too_large")


def sweep() -> int:
    """Forget pictures that were put into an answer a day ago and never sent; how many."""
    gone, _by_table = OutgoingImage.objects.unsent().filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return gone


def _opened(content: bytes, kind: str) -> Pillow.Image:
    """Decoded whole, so that a file which lies about itself is found out here."""
    try:
        with warnings.catch_warnings():
            # Our own limit is lower than the one Pillow warns at.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(BytesIO(content), formats=(kind,)) as image:
                return _decoded(image)
    except BadPicture:
        raise
    except Pillow.DecompressionBombError as error:
        raise BadPicture("too_many_pixels") from error
    except Exception as error:
        # What a broken file makes a decoder raise is anybody's guess.
        raise BadPicture("not_a_picture") from error


def _decoded(image: Pillow.Image) -> Pillow.Image:
    if image.width * image.height > settings.PICTURE_PIXELS:
        raise BadPicture("too_many_pixels")
    if image.format != TWO_IN_ONE and getattr(image, "n_frames", 1) > 1:
        raise BadPicture("moving")
    # A JPEG can be decoded at a half, a quarter or an eighth of its size; others do nothing.
    image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
    image.load()
    return _in_srgb(ImageOps.exif_transpose(image))


def _in_srgb(image: Pillow.Image) -> Pillow.Image:
    """In the colours of the web, with an alpha channel where something shows through."""
    if image.mode.startswith("I;16"):
        # Two bytes of grey: the upper one is what a screen shows.
        image = image.point(lambda grey: grey / 256).convert("L")
    profile = image.info.get("icc_profile")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            image = made or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A profile that cannot be read is none.
            pass
    image = image.convert(mode)
    if mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.info = {}
    return image


def _within(image: Pillow.Image, edge: int) -> Pillow.Image:
    if max(image.size) <= edge:
        return image
    scale = edge / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Pillow.Resampling.LANCZOS, reducing_gap=3.0)


def _encoded(image: Pillow.Image, quality: int, *, drawn: bool) -> Iterator[tuple[bytes, str]]:
    """Its bytes and their media type, the better form first. What shows through becomes white in a JPEG."""
    if drawn or image.mode == "RGBA":
        yield _saved(image, "PNG", optimize=True), "image/png"
    flat = image
    if image.mode == "RGBA":
        flat = Pillow.new("RGB", image.size, WHITE)
        flat.paste(image, mask=image.getchannel("A"))
    yield _saved(flat, "JPEG", quality=quality, optimize=True), "image/jpeg"


def _saved(image: Pillow.Image, form: str, **how: Any) -> bytes:
    target = BytesIO()
    image.save(target, form, **how)
    return target.getvalue()
