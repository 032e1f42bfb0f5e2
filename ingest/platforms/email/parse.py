"""The bytes of a mail made into our post."""

import email
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from ingest.platforms.base import Author, Json, Kind, Post
from ingest.platforms.email.automatic import MACHINES, Signs, list_id_of, why_automatic
from ingest.platforms.email.charset import CONTROLS, decode, header
from ingest.platforms.email.files import File, media_of
from ingest.platforms.email.html import to_text
from ingest.platforms.email.options import Settings
from ingest.platforms.email.text import Folded, fold, unflowed
from ingest.platforms.email.threads import Ids, bounded, ids_in, place, tidied
from ingest.platforms.email.vouching import FAIL, verdict

NOT_UNDERSTOOD = (AssertionError, AttributeError, IndexError, KeyError, LookupError, OverflowError, RecursionError,
                  TypeError, ValueError)  # fmt: skip
ANSWERS = re.compile(r"^\s*(?:re|aw|sv|antw|رد|الرد)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
FORWARDS = re.compile(r"^\s*(?:fwd?|wg|tr|[إا]عادة توجيه|تحويل)\s*[:：]", re.IGNORECASE)
ADDRESS = re.compile(r"^[^@\s<>\"(),;:]+@[^@\s<>\"(),;:]+$")
SUBJECT_TOKEN = re.compile(r"\s*\[#[a-z2-7]{12}\]", re.IGNORECASE)
MOST_PARTS = 200
DEEPEST = 30
SHORTEST_ID = 16
IN_META = re.compile(rb"charset\s*=\s*[\"']?([\w-]{2,40})", re.IGNORECASE)
MOST_PEOPLE = 20
HASHED = 65_536
NO_REAL_TEXT = 200
LONGEST_SUBJECT = 1_000
DELIVERY_MARK = "x-radd-delivery"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as the mailbox gave it. `content` may be only its first bytes; `size` is that of the whole."""

    uid: int
    uidvalidity: int
    content: bytes
    size: int
    at: datetime

    @property
    def whole(self) -> bool:
        return len(self.content) >= self.size


def read_mail(arrived: Arrived, settings: Settings) -> Post:
    """Understand one mail. Raises one of NOT_UNDERSTOOD."""
    letter = email.message_from_bytes(arrived.content, policy=policy.compat32)
    mail = _Mail(letter, arrived, settings)
    return mail.post()


@dataclass(frozen=True, slots=True)
class Head:
    """The headers of one of our own answers, as a folder holds them."""

    message_id: str
    mark: str
    at: datetime

    def says(self, name: str, value: str) -> bool:
        """Whether that header holds exactly this: servers search for parts of words."""
        return value.strip("<>") == (self.message_id if name == "Message-ID" else self.mark)


def read_head(content: bytes, laid: datetime) -> Head:
    """`laid`: when it came into the folder, for want of a date of its own."""
    letter = email.message_from_bytes(content, policy=policy.compat32)
    said = {str(name).lower(): str(value) for name, value in letter.raw_items()}
    ids, mark = ids_in(said.get("message-id", "")), said.get(DELIVERY_MARK, "").split()
    return Head(ids[0] if ids else "", mark[0] if mark else "", _moment(said.get("date", "")) or laid)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a part holds: its text, whether that was written as plain text, and files."""

    text: str
    files: list[File]
    plain: bool = True


class _Mail:
    def __init__(self, letter: Message, arrived: Arrived, settings: Settings) -> None:
        self._letter = letter
        self._arrived = arrived
        self._settings = settings
        self._said: dict[str, list[str]] = {}
        for name, value in letter.raw_items():
            self._said.setdefault(str(name).lower(), []).append(str(value))
        self._subject = header(self._first("subject"))[:LONGEST_SUBJECT]
        self._ids = self._read_ids()
        self._verdict = verdict(self._said.get("authentication-results", ()), settings.auth_servers)

    def post(self) -> Post:
        author, own = self._author()
        folded, files = self._content()
        stands = place(
            self._ids,
            subject=self._subject,
            recipients=self._recipients(),
            our_domains=self._settings.domains,
        )
        raw = self._raw(folded, author, own=own)
        return Post(
            external_id=self._ids.own,
            author=author,
            kind=Kind.MAIL,
            text=self._text(folded),
            posted_at=self._posted_at(),
            reachable_at=self._arrived.at,
            conversation_key=stands.key,
            parent_id=stands.parent_id,
            root_id=stands.root_id,
            lang_hint=header(self._first("content-language")).split(",")[0].strip()[:16],
            media=media_of(files, self._settings.keep_bytes),
            raw=raw,
        )

    # --- who and where --------------------------------------------------------------------------------------------
    def _author(self) -> tuple[Author, bool]:
        """The author, and whether it is we. A form on a web site writes in our name, or a machine's, for a customer."""
        is_ours = self._settings.is_ours
        senders = self._people("from") or self._people("sender") or self._people("return-path")
        name, address = senders[0] if senders else ("", "")
        ours = is_ours(address)
        others = [pair for pair in self._people("reply-to") if not is_ours(pair[1]) and not MACHINES.match(pair[1])]
        marked = DELIVERY_MARK in self._said
        if others and not marked and (ours or MACHINES.match(address)):
            other_name, address = others[0]
            name, ours = other_name or ("" if ours else name), False
        if ours:
            # One of us, by whichever of our addresses: known by the first.
            return Author(self._settings.address.lower(), self._settings.address.lower(), name[:255]), True
        if not address:
            # A stranger for each such mail: one contact for all of them would mix up their tickets.
            return Author(f"unknown-{hashlib.sha256(self._ids.own.encode()).hexdigest()[:32]}", name=name[:255]), False
        key = address if len(address) <= 250 else hashlib.sha256(address.encode()).hexdigest()
        if self._verdict == FAIL:
            # Whoever it is, not known to be the one who has that address: a contact, and so tickets, of his own.
            key = f"forged-{hashlib.sha256(address.encode()).hexdigest()}"
        return Author(key, address, name[:255] if name.lower() != address else ""), False

    def _people(self, name: str) -> list[tuple[str, str]]:
        """(name, address) of a header, addresses in lower case; what is no address is left out."""
        read = [decode(value.encode("utf-8", "surrogateescape")) for value in self._said.get(name, ())]
        pairs = getaddresses([" ".join(each.split())[:8000] for each in read])
        return [(header(who), where.lower()) for who, where in pairs if ADDRESS.match(where)][:MOST_PEOPLE]

    def _recipients(self) -> list[str]:
        """Addresses this mail was for, where they are ours but for what stands after a plus."""
        names = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
        addresses = [where for name in names for _, where in self._people(name)]
        return [each for each in addresses if self._settings.is_ours(each)]

    def _read_ids(self) -> Ids:
        named = ids_in(self._first("message-id")) or (tidied(_ascii(self._first("message-id"))),)
        # "<1>" is no id: some senders count, and begin again.
        own = _ascii(named[0]) if "@" in named[0] or len(named[0]) >= SHORTEST_ID else ""
        digest = hashlib.sha256(self._arrived.content[:HASHED]).hexdigest()
        answered = ids_in(self._first("in-reply-to"))
        return Ids(
            own=own or f"none-{digest}",
            in_reply_to=_ascii(answered[0]) if answered else "",
            references=tuple(map(_ascii, bounded(ids_in(self._first("references"))))),
        )

    # --- what ---------------------------------------------------------------------------------------------------
    @property
    def _answers(self) -> bool:
        return bool(self._ids.in_reply_to or self._ids.references or ANSWERS.match(self._subject))

    def _text(self, folded: Folded) -> str:
        """The subject is said first where the text does not say it, and not again in every answer."""
        subject = SUBJECT_TOKEN.sub("", self._subject).strip()
        if self._answers and folded.new:
            return folded.new
        if not subject or " ".join(subject.split()).lower() in " ".join(folded.new.split()).lower():
            return folded.new
        return f"{subject}\n{folded.new}".strip()

    def _content(self) -> tuple[Folded, list[File]]:
        reading = self._read(self._letter, 0)
        text = CONTROLS.sub("", reading.text)
        folded = fold(text, answers=self._answers, forwards=bool(FORWARDS.match(self._subject)))
        return folded, self._marked_whole(reading.files)

    def _read(self, part: Message, depth: int) -> _Reading:
        """A part and all within it. A mail inside a mail is a file."""
        inner: Any = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list) and depth < DEEPEST:
            readings = [self._read(each, depth + 1) for each in inner[:MOST_PARTS]]
            texts = [each for each in readings if each.text.strip()]
            if part.get_content_subtype() == "alternative":
                texts = _best(texts)
            plain = all(each.plain for each in texts)
            files = [file for each in readings for file in each.files]
            return _Reading("\n".join(each.text for each in texts), files, plain=plain)
        kind = part.get_content_type()
        named = part.get_content_disposition() == "attachment" or bool(_filename(part))
        if named or kind not in {"text/plain", "text/html"}:
            return _Reading("", [self._file(part)])
        words = _words(part)
        return _Reading(words, []) if kind == "text/plain" else _Reading(to_text(words), [], plain=False)

    def _file(self, part: Message) -> File:
        content = _payload(part)
        kind = part.get_content_type()
        inline = part.get_content_disposition() == "inline" or (bool(part["content-id"]) and kind.startswith("image/"))
        return File(_filename(part) or f"{kind.replace('/', '.')}", kind, content, inline=inline)

    def _marked_whole(self, files: list[File]) -> list[File]:
        """Of a mail that was not read to its end, the last file is not whole."""
        if self._arrived.whole or not files:
            return files
        last = files[-1]
        return [*files[:-1], File(last.name, last.content_type, last.content, last.inline, whole=False)]

    def _posted_at(self) -> datetime:
        """When its writer's clock says it was written; when it arrived, where it says nothing."""
        return _moment(self._first("date")) or self._arrived.at

    # --- what answering needs -----------------------------------------------------------------------------------
    def _raw(self, folded: Folded, author: Author, *, own: bool) -> Json:
        signs = Signs(
            headers=self._said,
            author=author.handle,
            subject=self._subject,
            content_type=self._letter.get_content_type(),
            own=own,
            our_mark=self._settings.address.lower() in self._first(DELIVERY_MARK).lower().split(),
        )
        why = why_automatic(signs, self._settings.our_lists)
        return {
            "message_id": self._ids.own,
            "in_reply_to": self._ids.in_reply_to,
            "references": list(self._ids.references),
            "subject": self._subject,
            **{name.replace("-", "_"): _pairs(self._people(name)) for name in ("from", "reply-to", "to", "cc")},
            "author": author.handle,
            "date": header(self._first("date"))[:100],
            "list_id": list_id_of(self._said),
            "authenticated": self._verdict,
            "automatic": bool(why),
            "automatic_because": why,
            "quoted": folded.quoted,
            "signature": folded.signature,
            "uid": self._arrived.uid,
            "uidvalidity": self._arrived.uidvalidity,
            "size": self._arrived.size,
            "cut": not self._arrived.whole,
        }

    def _first(self, name: str) -> str:
        return next(iter(self._said.get(name, ())), "")


def _best(texts: list[_Reading]) -> list[_Reading]:
    """Of several tellings of the same, the plain one, unless it only says that there is another."""
    plain = [each for each in texts if each.plain]
    others = [each for each in texts if not each.plain]
    stub = plain and others and len(plain[0].text) < NO_REAL_TEXT and "html" in plain[0].text.lower()
    return (others if stub or not plain else plain)[:1]


def _words(part: Message) -> str:
    content, charset = _payload(part), _param(part, "charset")
    if part.get_content_type() == "text/html":
        meta = IN_META.search(content[:4096])
        return decode(content, charset or (meta[1].decode() if meta else ""))
    text = decode(content, charset).replace("\r\n", "\n")
    if _param(part, "format").lower() == "flowed":
        return unflowed(text, delete_space=_param(part, "delsp").lower() == "yes")
    return text


def _payload(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner: Any = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner else b""
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return content
    told: Any = part.get_payload()
    return told.encode("utf-8", "surrogateescape") if isinstance(told, str) else b""


def _param(part: Message, name: str) -> str:
    try:
        value = part.get_param(name)
    except NOT_UNDERSTOOD:
        return ""
    return str(value[2] if isinstance(value, tuple) else value or "")


def _filename(part: Message) -> str:
    try:
        return header(part.get_filename() or "")
    except NOT_UNDERSTOOD:
        return ""


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header(date))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except NOT_UNDERSTOOD:
        return None


def _ascii(text: str) -> str:
    """An id with nothing in it that cannot be sent back in a header."""
    return text.encode("ascii", "backslashreplace").decode()


def _pairs(people: list[tuple[str, str]]) -> list[Json]:
    return [{"name": name[:255], "address": address} for name, address in people]
