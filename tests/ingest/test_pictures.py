"""Pictures before they go out: told by their content, cleaned of what a camera wrote, as small as they must be."""

import struct
import zlib
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from ingest.models import OutgoingImage
from ingest.pictures import BadPicture, Picture, prepared, sweep
from ingest.platforms.base import ImageLimits
from tests.cast import a_person, a_ticket, now
from tickets.answering import replies

ROOMY = ImageLimits(4, 5_000_000)
PLACE = b"24.7136 N 46.6753 E"
MAKE, TURNED, GPS = 271, 274, 34853


def a_photo(size: tuple[int, int] = (80, 60), form: str = "JPEG", mode: str = "RGB", **how: Any) -> bytes:
    """A picture whose upper left corner is red, as a file."""
    image = Pillow.new(mode, size, (20, 90, 160, 255)[: len(mode)])
    image.paste((220, 30, 30, 255)[: len(mode)], (0, 0, size[0] // 2, size[1] // 2))
    target = BytesIO()
    image.save(target, form, **how)
    return target.getvalue()


def noise(size: tuple[int, int], mode: str = "RGB") -> Pillow.Image:
    """What no encoder can make small."""
    state, made = 12345, bytearray()
    for _ in range(size[0] * size[1] * len(mode)):
        state = (1103515245 * state + 12345) & 0x7FFFFFFF
        made.append(state >> 16 & 255)
    return Pillow.frombytes(mode, size, bytes(made))


def opened(picture: Picture) -> Pillow.Image:
    return Pillow.open(BytesIO(picture.content))


def refusal(content: bytes, limits: ImageLimits = ROOMY) -> str:
    with pytest.raises(BadPicture) as error:
        prepared(content, limits)
    return error.value.code


# --- what it is -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("form", "out"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/jpeg")])
def test_a_picture_goes_out_as_jpeg_or_png(form: str, out: str) -> None:
    made = prepared(a_photo(form=form), ROOMY)
    assert (made.media_type, made.width, made.height) == (out, 80, 60)
    assert f"image/{(opened(made).format or '').lower()}" == out


def test_a_webp_that_lets_something_show_through_stays_so() -> None:
    made = prepared(a_photo(form="WEBP", mode="RGBA", size=(8, 8)), ROOMY)
    assert made.media_type == "image/jpeg"
    clear = Pillow.new("RGBA", (8, 8), (10, 20, 30, 40))
    target = BytesIO()
    clear.save(target, "WEBP", lossless=True)
    made = prepared(target.getvalue(), ROOMY)
    assert (made.media_type, opened(made).mode) == ("image/png", "RGBA")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just words",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<html><img src=x onerror=alert(1)></html>",
        b"%PDF-1.7",
        a_photo(form="GIF"),
        a_photo(form="BMP"),
        a_photo(form="TIFF"),
        b"\x89PNG\r\n\x1a\n" + b"<svg>" * 100,
        b"\xff\xd8\xff" + b"\x00" * 500,
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        a_photo()[:400],
        a_photo(form="PNG")[:60],
    ],
    ids=["nothing", "words", "svg", "html", "pdf", "gif", "bmp", "tiff", "false png", "false jpeg", "wave",
         "half a jpeg", "half a png"],
)  # fmt: skip
def test_what_is_no_picture_is_refused_whatever_it_is_called(content: bytes) -> None:
    assert refusal(content) == "not_a_picture"


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_moves_is_refused(form: str) -> None:
    frames = [Pillow.new("RGB", (9, 9), colour) for colour in ("red", "green", "blue")]
    target = BytesIO()
    frames[0].save(target, form, save_all=True, append_images=frames[1:], duration=100)
    assert refusal(target.getvalue()) == "moving"


def test_a_phones_two_pictures_in_one_are_its_first() -> None:
    target = BytesIO()
    first, second = Pillow.new("RGB", (90, 60), "red"), Pillow.new("RGB", (9, 6), "blue")
    first.save(target, "MPO", save_all=True, append_images=[second])
    made = prepared(target.getvalue(), ROOMY)
    assert (made.width, made.height) == (90, 60)


# --- what it may unfold to --------------------------------------------------------------------------------------------
def a_bomb(width: int, height: int) -> bytes:
    """A small file that says it is a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 2_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("edge", [8_000, 20_000, 200_000])
def test_a_bomb_is_refused_before_it_unfolds(edge: int) -> None:
    assert refusal(a_bomb(edge, edge)) == "too_many_pixels"


def test_a_file_that_is_too_large_is_not_looked_at(settings: Any) -> None:
    settings.PICTURE_BYTES = 1000
    assert refusal(a_photo((900, 900), form="PNG") + b"x" * 1000) == "too_large"


# --- what it keeps ----------------------------------------------------------------------------------------------------
def a_photo_from_a_phone() -> bytes:
    exif = Pillow.Exif()
    exif[MAKE], exif[TURNED] = "Nawa Phone", 6
    exif.get_ifd(GPS)[29] = PLACE.decode()
    return a_photo(exif=exif.tobytes(), comment=b"taken at home by Reem")


def test_place_camera_and_comments_are_taken_out() -> None:
    content = a_photo_from_a_phone()
    assert PLACE in content
    made = prepared(content, ROOMY)
    assert not any(word in made.content for word in (PLACE, b"Nawa Phone", b"Reem", b"Exif"))
    assert not opened(made).getexif()


def test_words_within_a_png_and_what_stands_after_its_end_are_taken_out() -> None:
    content = a_photo(form="PNG") + b"<?php system($_GET['c']); ?>"
    assert b"php" not in prepared(content, ROOMY).content
    image = Pillow.open(BytesIO(a_photo(form="PNG")))
    target = BytesIO()
    image.info["Author"] = "Reem"
    image.save(target, "PNG", exif=Pillow.Exif())
    assert b"Reem" not in prepared(target.getvalue(), ROOMY).content


def test_a_picture_is_turned_as_it_is_meant_to_be_seen() -> None:
    made = prepared(a_photo_from_a_phone(), ROOMY)
    assert (made.width, made.height) == (60, 80)
    # Turned to the right, the upper left corner is the upper right one.
    red = opened(made).convert("RGB").getpixel((50, 10))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[2]


def test_a_colour_profile_that_makes_no_sense_is_none() -> None:
    assert prepared(a_photo(icc_profile=b"no profile at all" * 20), ROOMY).media_type == "image/jpeg"


def test_colours_come_out_in_those_of_the_web() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = prepared(a_photo(icc_profile=profile), ROOMY)
    assert "icc_profile" not in opened(made).info


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "I;16"])
def test_pictures_of_every_kind_come_through(mode: str) -> None:
    image = Pillow.new("I;16", (9, 9), 40_000) if mode == "I;16" else Pillow.new("RGB", (9, 9), (150, 150, 150))
    target = BytesIO()
    (image if mode == "I;16" else image.convert(mode)).save(target, "JPEG" if mode == "CMYK" else "PNG")
    grey = opened(prepared(target.getvalue(), ROOMY)).convert("L").getpixel((4, 4))
    assert isinstance(grey, int | float)
    # Neither black nor white, unless there is nothing else.
    assert mode == "1" or 120 < grey < 190


# --- how large it is --------------------------------------------------------------------------------------------------
def test_a_picture_is_made_small_enough_for_its_platform() -> None:
    target = BytesIO()
    noise((700, 500)).save(target, "PNG")
    made = prepared(target.getvalue(), ImageLimits(4, 100_000))
    assert len(made.content) <= 100_000
    assert made.media_type == "image/jpeg"


def test_what_shows_through_becomes_white_where_there_is_no_room_for_it() -> None:
    image = noise((300, 300), "RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 100, 300))
    target = BytesIO()
    image.save(target, "PNG")
    assert prepared(target.getvalue(), ROOMY).media_type == "image/png"
    small = prepared(target.getvalue(), ImageLimits(4, 100_000))
    assert small.media_type == "image/jpeg"
    assert opened(small).convert("L").getpixel((20, 150)) == 255


def test_a_picture_that_no_step_makes_small_enough_is_refused() -> None:
    assert refusal(a_photo((900, 900)), ImageLimits(4, 100)) == "too_large"


def test_a_server_that_counts_pixels_gets_no_more_than_it_takes() -> None:
    made = prepared(a_photo((3000, 2000)), ImageLimits(4, 5_000_000, pixels=1_000_000))
    assert made.width * made.height <= 1_000_000
    assert abs(made.width / made.height - 1.5) < 0.01


def test_a_long_strip_keeps_at_least_a_point_of_its_short_side() -> None:
    made = prepared(a_photo((9000, 2), form="PNG"), ROOMY)
    assert (made.width, made.height) == (4096, 1)


# --- how long it stays ------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_what_was_never_sent_is_forgotten_after_a_day_and_nothing_else() -> None:
    ticket = a_ticket()
    parent = replies.answers_to(ticket)
    assert parent
    fields: dict[str, Any] = {
        "channel": parent.channel, "conversation": parent.conversation, "uploaded_by": a_person(ticket.brand),
        "draft": "ticket-1", "content": b"x", "media_type": "image/png", "width": 1, "height": 1, "size": 1, "place": 1,
    }  # fmt: skip
    old, fresh, sent = (OutgoingImage.objects.create(**fields) for _ in range(3))
    OutgoingImage.objects.exclude(pk=fresh.pk).update(created_at=now() - timedelta(hours=25))
    OutgoingImage.objects.filter(pk=sent.pk).update(message=parent)
    assert sweep() == 1
    assert set(OutgoingImage.objects.values_list("pk", flat=True)) == {fresh.pk, sent.pk}
    parent.delete()
    assert not OutgoingImage.objects.filter(pk=sent.pk).exists()
    assert old.pk
