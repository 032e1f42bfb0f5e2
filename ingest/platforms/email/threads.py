"""Which mails belong together, told by the mails alone.

A conversation's key is a short token made of the id of its first mail. Our answers carry the token in their own
Message-ID, and, where the channel wants it, in the subject or in the address that answers go to; so an answer to us
finds its conversation even where its mailer has lost the references. A token opens nothing: conversations are kept
for each customer apart, so whoever copies one only joins a conversation of his own.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TOKEN_LENGTH = 12
TOKEN = re.compile(r"^[a-z2-7]{12}$")
IN_SUBJECT = re.compile(r"\[#([a-z2-7]{12})\]", re.IGNORECASE)
IN_ADDRESS = re.compile(r"\+radd-([a-z2-7]{12})@", re.IGNORECASE)
OUR_ID = re.compile(r"^radd\.[A-Za-z0-9-]{8,64}\.([a-z2-7]{12})@(.+)$")
PLAIN_KEY = re.compile(r"^[A-Za-z0-9-]{8,64}$")
ID = re.compile(r"<([^<>]{1,900})>")
# What fits the database, and no honest mailer exceeds.
LONGEST_ID = 400
MOST_REFERENCES = 30


@dataclass(frozen=True, slots=True)
class Ids:
    """A mail's own id and those it points to, without their angle brackets."""

    own: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail stands."""

    key: str
    parent_id: str
    root_id: str


def ids_in(header: str) -> tuple[str, ...]:
    """Message ids of a header, in order, each once. Mailers that forget the brackets are understood."""
    found = ID.findall(header) or [word for word in header.split() if "@" in word]
    tidy = (tidied(each) for each in found)
    return tuple(dict.fromkeys(each for each in tidy if each))


def tidied(message_id: str) -> str:
    """An id as we keep it: no white space, and a digest in the place of one that is too long to keep."""
    bare = "".join(message_id.strip().strip("<>").split())
    return f"long-{_digest(bare)}" if len(bare) > LONGEST_ID else bare


def bounded(references: Sequence[str]) -> tuple[str, ...]:
    """The first, which names the thread, and the newest."""
    if len(references) <= MOST_REFERENCES:
        return tuple(references)
    return (references[0], *references[1 - MOST_REFERENCES :])


def place(ids: Ids, *, subject: str, recipients: Iterable[str], our_domains: frozenset[str]) -> Place:
    """Where a mail belongs: by our own ids among those it names, by its thread's first, by a token, by itself."""
    named = (*ids.references, *((ids.in_reply_to,) if ids.in_reply_to else ()))
    ours = [found[1] for each in named if (found := OUR_ID.match(each)) and found[2].lower() in our_domains]
    written = [found[1].lower() for address in recipients if (found := IN_ADDRESS.search(address))]
    written += [token.lower() for token in IN_SUBJECT.findall(subject)]
    if ours:
        key = ours[-1]
    elif ids.references:
        key = token_of(ids.references[0])
    else:
        key = written[0] if written else token_of(ids.in_reply_to or ids.own)
    parent = ids.in_reply_to or (ids.references[-1] if ids.references else "")
    return Place(key, parent, ids.references[0] if ids.references else parent or ids.own)


def token_of(message_id: str) -> str:
    """The key of the conversation that began with this mail."""
    digest = hashlib.sha256(message_id.encode("utf-8", "replace")).digest()
    return base64.b32encode(digest).decode().lower()[:TOKEN_LENGTH]


def token_for(conversation_key: str) -> str:
    """A conversation's token: its key, unless another hand made that."""
    return conversation_key if TOKEN.match(conversation_key) else token_of(conversation_key)


def our_id(delivery_key: str, conversation_key: str, domain: str) -> str:
    """The Message-ID of an answer, without brackets: the same at every attempt."""
    return f"radd.{delivery_part(delivery_key)}.{token_for(conversation_key)}@{domain}"


def delivery_part(delivery_key: str) -> str:
    """What stands for the delivery in our ids: its key, where that can stand in a header."""
    return delivery_key if PLAIN_KEY.match(delivery_key) else _digest(delivery_key)[:32]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
