"""Bytes of mails made into words, whatever their senders say about them.

Mails lie about their charset: cp1256 sent as iso-8859-1, UTF-8 sent as us-ascii, names that no one knows. What is
said is tried where it can be true; what remains is guessed between UTF-8, the Arabic and the Western Windows pages.
"""

import base64
import binascii
import codecs
import quopri
import re

# Names that senders use and Python does not, and pages that are sent under the name of their smaller sisters.
ALIASES = {
    "ansi": "cp1252", "asmo-708": "iso-8859-6", "cp-1252": "cp1252", "cp-1256": "cp1256", "gb2312": "gb18030",
    "gbk": "gb18030", "iso-8859-1": "cp1252", "iso-8859-6-i": "iso-8859-6", "iso-8859-8-i": "iso-8859-8",
    "iso8859-1": "cp1252", "ks_c_5601-1987": "cp949", "latin-1": "cp1252", "latin1": "cp1252", "shift_jis": "cp932",
    "unicode-1-1-utf-7": "utf-7", "utf8mb4": "utf-8", "windows1256": "cp1256", "x-cp1256": "cp1256",
    "x-mac-arabic": "mac_arabic", "x-sjis": "cp932", "x-windows-1256": "cp1256",
}  # fmt: skip
# Pages that are named by habit, not by knowledge.
BY_HABIT = {"ascii", "cp1252", "iso8859-1", ""}
# Codecs of Python that are no charsets of mails, and slow or surprising on foreign bytes.
NOT_FOR_MAIL = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
# Those in which bytes below 128 do not stand for ASCII, and those where two bytes may look like UTF-8.
WIDE = ("utf-16", "utf-32", "utf-7", "iso2022", "hz", "gb", "big5", "cp9", "euc", "shift")
HIGH = re.compile(rb"[\x80-\xff]+")
ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([qQbB])\?([^?]*)\?=")
ARABIC = re.compile(r"[\u0600-\u06ff]")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LONGEST_HEADER = 8_000


def decode(data: bytes, declared: str = "") -> str:
    """The words that these bytes most likely are. Never fails; what cannot be read is a replacement character."""
    said = _known(declared)
    if not HIGH.search(data) and not said.startswith(WIDE):
        return data.decode("ascii")
    for charset in _in_order(said):
        if charset in BY_HABIT and _reads_arabic(data):
            return data.decode("cp1256")
        try:
            return data.decode(charset)
        except (UnicodeError, ValueError):
            continue
    return data.decode("cp1256" if _reads_arabic(data) else "cp1252", "replace")


def _in_order(said: str) -> list[str]:
    if said.startswith(WIDE):
        return [said, "utf-8"]
    # Text of another page that happens to be whole UTF-8 is rarer than UTF-8 under another page's name.
    return ["utf-8", *([said] if said else [])]


def _known(declared: str) -> str:
    name = declared.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(ALIASES.get(name, name)).name
        b"".decode(found)  # codecs that make no text are refused here
    except (LookupError, UnicodeError, ValueError):
        return ""
    return "" if found in NOT_FOR_MAIL else found


def _reads_arabic(data: bytes) -> bool:
    """Whether the bytes read as Arabic in cp1256: whole words of high bytes, all of them letters of Arabic."""
    try:
        high = [run.decode("cp1256") for run in HIGH.findall(data)]
    except UnicodeError:
        return False
    letters = [letter for letter in "".join(high) if letter.isalpha()]
    in_words = sum(len(run) for run in high if len(run) > 2)
    arabic = sum(bool(ARABIC.match(letter)) for letter in letters)
    return bool(letters) and arabic >= 0.9 * len(letters) and in_words >= 0.6 * sum(map(len, high))


def header(raw: str) -> str:
    """A header's words: 8-bit characters read, encoded words decoded, line breaks and controls gone.

    `raw` is as the standard library keeps it: bytes that are not ASCII are surrogates.
    """
    text = " ".join(decode(raw.encode("utf-8", "surrogateescape")[:LONGEST_HEADER]).split())
    return CONTROLS.sub("", _decoded_words(text)).strip()


def _decoded_words(text: str) -> str:
    """Neighbours of one charset are joined before they are decoded: senders cut letters in two."""
    out: list[str] = []
    held: tuple[str, bytes] | None = None
    end = 0
    for found in ENCODED_WORD.finditer(text):
        gap, (charset, data) = text[end : found.start()], _bytes_of(found)
        joins = held is not None and not gap.strip()
        if held and joins and held[0] == charset:
            held = (charset, held[1] + data)
        else:
            out += [decode(held[1], held[0])] if held else []
            out += [] if joins else [gap]
            held = (charset, data)
        end = found.end()
    out += [decode(held[1], held[0])] if held else []
    return "".join([*out, text[end:]])


def _bytes_of(found: re.Match[str]) -> tuple[str, bytes]:
    """Charset and bytes of an encoded word; the word as it stands where it is broken."""
    charset, way, content = found.groups()
    raw = content.encode("utf-8")
    if way in "qQ":
        return charset.lower(), quopri.decodestring(raw.replace(b"_", b" "), header=False)
    try:
        return charset.lower(), base64.b64decode(raw.rstrip(b"=") + b"=" * (-len(raw.rstrip(b"=")) % 4))
    except (binascii.Error, ValueError):
        return "utf-8", found[0].encode()
