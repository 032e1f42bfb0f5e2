"""An answer made into a letter."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from ingest.platforms.base import Image, Json, Outgoing, PlatformError
from ingest.platforms.email.options import Settings, Token
from ingest.platforms.email.parse import ADDRESS, SUBJECT_TOKEN
from ingest.platforms.email.threads import delivery_part, our_id, token_for

RIGHT_TO_LEFT = {"ar", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}
RIGHT_MARK = "\u200f"
ANSWER_MARKS = re.compile(r"^(?:\s*(?:re|aw|sv|antw|رد|الرد)\s*(?:\[\d+\])?\s*[:：])+", re.IGNORECASE)
ID = re.compile(r"^[\x21-\x3b\x3d\x3f-\x7e]{1,400}$")
# A header line may hold 998 characters; some servers refuse long ones far below the sum of all.
MOST_REFERENCES = 20
LONGEST_SUBJECT = 200
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
# 7 bits everywhere: no server on the way has to change anything.
LETTER = policy.SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out: to one address, under an id that is the same at every attempt."""

    message_id: str
    to: str
    content: bytes


def compose(outgoing: Outgoing, settings: Settings, now: datetime) -> Letter:
    """Raises PlatformError where the mail that is answered names nobody to answer to."""
    above = outgoing.parent_raw
    to = _recipient(above, outgoing.to_handle, settings)
    message_id = message_id_of(outgoing, settings)
    letter = EmailMessage(policy=LETTER)
    letter["From"] = _named(settings.sender_name, settings.address)
    letter["To"] = _named(_name_of(above, to), to)
    if settings.token is Token.PLUS:
        letter["Reply-To"] = _with_token(settings.address, token_for(outgoing.conversation_key))
    letter["Subject"] = _subject(str(above.get("subject") or ""), outgoing, settings)
    letter["Date"] = format_datetime(now)
    letter.set_content(_body(outgoing), charset="utf-8")
    _add_images(letter, outgoing.images)
    return Letter(message_id, to, _threading(message_id, outgoing, settings) + letter.as_bytes())


def message_id_of(outgoing: Outgoing, settings: Settings) -> str:
    """Without brackets."""
    return our_id(outgoing.key, outgoing.conversation_key, settings.domain)


def mark_of(outgoing: Outgoing) -> str:
    """By which an answer is known where a server on the way has given it another Message-ID."""
    return delivery_part(outgoing.key)


def _threading(message_id: str, outgoing: Outgoing, settings: Settings) -> bytes:
    """Headers written by hand: the library cuts or encodes long ids when it folds, and threads break."""
    parent = _usable([str(outgoing.parent_raw.get("message_id") or outgoing.parent_id)])
    told = outgoing.parent_raw.get("references")
    references = _usable([*map(str, told if isinstance(told, list) else []), outgoing.root_id])
    # Of a long thread, its first and its newest.
    chain = [*references[:1], *references[1:][-MOST_REFERENCES:]]
    chain = [each for each in dict.fromkeys(chain) if each not in parent] + parent
    lines = [f"Message-ID: <{message_id}>"]
    lines += [f"In-Reply-To: <{each}>" for each in parent]
    lines += ["References: " + "\r\n ".join(f"<{each}>" for each in chain)] if chain else []
    if language := re.sub(r"[^A-Za-z-]", "", outgoing.lang):
        # Set on the letter itself it would be lost with the first content.
        lines.append(f"Content-Language: {language}")
    lines.append(f"X-Radd-Delivery: {mark_of(outgoing)} {settings.address.lower()}")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii", "replace")


def _usable(ids: Sequence[str]) -> list[str]:
    """Ids that are Message-IDs: what we made up for mails without one is of no use to others."""
    return [each for each in dict.fromkeys(ids) if ID.match(each) and not each.startswith(("none-", "long-"))]


def _recipient(above: Json, handle: str, settings: Settings) -> str:
    """Where the customer wants answers, else where the mail came from; never one of our own addresses."""
    for name in ("reply_to", "from"):
        for person in above.get(name) or []:
            address = str(person.get("address") or "") if isinstance(person, dict) else ""
            if ADDRESS.match(address) and not settings.is_ours(address):
                return _sendable(address)
    if ADDRESS.match(handle) and not settings.is_ours(handle):
        return _sendable(handle)
    raise PlatformError("bad_address", "The mail names nobody to answer to", permanent=True)


def _sendable(address: str) -> str:
    """The same address with its domain in ASCII."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise PlatformError("bad_address", f"{domain} is no domain", permanent=True) from error


def _name_of(above: Json, to: str) -> str:
    people = [*(above.get("reply_to") or []), *(above.get("from") or [])]
    names = [str(each.get("name") or "") for each in people if isinstance(each, dict) and each.get("address") == to]
    return next(filter(None, names), "")


def _named(name: str, address: str) -> Address | str:
    local, _, domain = address.rpartition("@")
    try:
        return Address(_one_line(name)[:100], username=local, domain=domain)
    except (ValueError, IndexError) as error:
        raise PlatformError("bad_address", f"{address}: {error}", permanent=True) from error


def _with_token(address: str, token: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}+radd-{token}@{domain}"


def _subject(told: str, outgoing: Outgoing, settings: Settings) -> str:
    bare = SUBJECT_TOKEN.sub("", ANSWER_MARKS.sub("", _one_line(told))).strip()[:LONGEST_SUBJECT]
    subject = f"Re: {bare}".strip()
    return f"{subject} [#{token_for(outgoing.conversation_key)}]" if settings.token is Token.SUBJECT else subject


def _one_line(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(each) == "Cc" else each for each in text).split())


def _body(outgoing: Outgoing) -> str:
    listed = [f"[{number}] {_one_line(image.alt)}" for number, image in enumerate(outgoing.images, 1) if image.alt]
    text = outgoing.text.replace("\r\n", "\n").strip()
    whole = "\n\n".join([text, "\n".join(listed)] if listed else [text])
    return directed(whole, outgoing.lang) + "\n"


def directed(text: str, lang: str) -> str:
    """Plain text has no direction of its own: readers take each line's from its first strong letter.

    In a right-to-left text the lines that begin with a number, a name or a link get a mark before them.
    """
    rtl = lang.lower().split("-")[0] in RIGHT_TO_LEFT if lang else _first_strong(text) in {"R", "AL"}
    if not rtl:
        return text
    return "\n".join(_marked(line) if line.strip() else line for line in text.split("\n"))


def _marked(line: str) -> str:
    return line if _first_strong(line) in {"R", "AL"} else f"{RIGHT_MARK}{line}"


def _first_strong(text: str) -> str:
    return next((kind for letter in text if (kind := unicodedata.bidirectional(letter)) in {"L", "R", "AL"}), "")


def _add_images(letter: EmailMessage, images: Sequence[Image]) -> None:
    for number, image in enumerate(images, 1):
        main, _, sub = image.media_type.partition("/")
        name = f"image-{number}.{ENDINGS.get(image.media_type, 'bin')}"
        letter.add_attachment(image.content, maintype=main, subtype=sub or "png", disposition="inline", filename=name)
        if image.alt:
            list(letter.iter_attachments())[-1]["Content-Description"] = _one_line(image.alt)[:200]
