"""Attachments: told by name, size and kind; kept only when small and harmless."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.platforms.base import Json

MOST_FILES = 50
LONGEST_NAME = 150
# All files of a mail together keep at most so many times what one may keep.
ALL_TOGETHER = 4
KEPT_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"}
REFUSED_ENDINGS = {
    "ace", "apk", "app", "bat", "chm", "cmd", "com", "cpl", "deb", "dll", "dmg", "docm", "exe", "gadget", "hta",
    "htm", "html", "img", "inf", "iso", "jar", "js", "jse", "lnk", "mht", "mhtml", "msc", "msi", "msp", "one", "pif",
    "pkg", "pptm", "ps1", "reg", "rpm", "scf", "scr", "sct", "sh", "svg", "url", "vb", "vbe", "vbs", "vhd", "wsf",
    "wsh", "xhtml", "xll", "xlsm", "xlam",
}  # fmt: skip
REFUSED_TYPES = re.compile(
    r"^(?:application/(?:x-msdownload|x-dosexec|x-executable|x-msi|x-sh|java-archive|javascript|hta|x-msdos-program)"
    r"|text/(?:javascript|html)|image/svg\+xml)$"
)
# How programs for Windows, Linux and macOS begin, whatever they are called.
PROGRAM_STARTS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
# Characters by which a name shows another ending than it has, and those that no name has.
TRICKS = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class File:
    """One attachment as it came. `whole`: all of it has been read."""

    name: str
    content_type: str
    content: bytes
    inline: bool = False
    whole: bool = True


def media_of(files: Iterable[File], keep_bytes: int) -> tuple[Json, ...]:
    """Entries of `Post.media`: {type, name, size, content_type, note} and, for small harmless files, `data` in base64.

    type: image, video, audio or file. size: bytes. note: "" (kept), "inline" (part of the letter's look: logos),
    "refused" (a program, or what can run as one), "cut" (the mail was too large to read whole), "not_kept" (its kind
    is told, not kept), "too_large".
    """
    room = keep_bytes * ALL_TOGETHER
    entries: list[Json] = []
    for file in list(files)[:MOST_FILES]:
        entry = _entry(file, min(keep_bytes, room))
        room -= len(file.content) if "data" in entry else 0
        entries.append(entry)
    return tuple(entries)


def _entry(file: File, room: int) -> Json:
    note = _note(file, room)
    entry: Json = {
        "type": _kind(file.content_type),
        "name": safe_name(file.name),
        "size": len(file.content),
        "content_type": file.content_type,
        "note": note,
    }
    if not note:
        entry["data"] = base64.b64encode(file.content).decode()
    return entry


def _note(file: File, room: int) -> str:
    if is_program(file):
        return "refused"
    if not file.whole:
        return "cut"
    if file.inline:
        return "inline"
    if file.content_type not in KEPT_TYPES:
        return "not_kept"
    return "too_large" if len(file.content) > room else ""


def is_program(file: File) -> bool:
    """Whether the file can run where it is opened: by its name, by what it says to be, by its first bytes."""
    endings = safe_name(file.name).lower().split(".")[1:]
    return (
        bool(endings and endings[-1].strip() in REFUSED_ENDINGS)
        or bool(REFUSED_TYPES.match(file.content_type))
        or file.content.startswith(PROGRAM_STARTS)
    )


def safe_name(name: str) -> str:
    """A file's name without folders, line breaks and characters that turn its ending around."""
    bare = TRICKS.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if len(bare) <= LONGEST_NAME:
        return bare
    stem, dot, ending = bare.rpartition(".")
    return f"{stem[: LONGEST_NAME - 12]}…{dot}{ending[:10]}" if dot else bare[:LONGEST_NAME]


def _kind(content_type: str) -> str:
    main = content_type.split("/", maxsplit=1)[0]
    return main if main in {"image", "video", "audio"} else "file"
