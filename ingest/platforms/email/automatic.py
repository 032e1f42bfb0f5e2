"""Mails that no person waits behind: notes of absence, bounces, newsletters, our own. They are never answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BULK = {"auto_reply", "bulk", "junk", "list"}
MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+=-].*)?@", re.IGNORECASE)
AWAY = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|(?:ال)?رد (?:ال)?تلقائي"
    r"|(?:ال)?رد (?:ال)?آلي|خارج المكتب)\b",
    re.IGNORECASE,
)
BOUNCED = re.compile(r"^\s*(?:undeliver(?:able|ed)|delivery status notification|mail delivery failed)\b", re.IGNORECASE)
# More hops than any honest mail takes.
MOST_HOPS = 40


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells a machine's mail. `headers`: names in lower case, each with its values."""

    headers: Mapping[str, Sequence[str]]
    author: str
    subject: str
    content_type: str
    # Written from an address of ours, and not for somebody else.
    own: bool
    # Our own delivery mark with our address: an answer of ours that came back.
    our_mark: bool
    answers_elsewhere: bool = False


def why_automatic(signs: Signs, our_lists: frozenset[str]) -> str:
    """Empty for a person's mail, else own, loop, bounce, auto_submitted, list or machine.

    `our_lists`: ids of lists through which customers write to us: their mails are a person's.
    X-Auto-Response-Suppress is no sign: it asks machines to keep silent, and persons' mails carry it.
    """
    said = signs.headers
    if signs.own:
        return "own"
    if signs.our_mark or len(said.get("received", ())) > MOST_HOPS:
        return "loop"
    if _bounced(signs):
        return "bounce"
    if _word(said, "auto-submitted") not in {"", "no"} or _answers_by_itself(signs):
        return "auto_submitted"
    if _list(said, our_lists):
        return "list"
    if MACHINES.match(signs.author) and not signs.answers_elsewhere:
        return "machine"
    return ""


def _bounced(signs: Signs) -> bool:
    empty_path = any(path.replace(" ", "") == "<>" for path in signs.headers.get("return-path", ()))
    return (
        empty_path
        or signs.content_type == "multipart/report"
        or "x-failed-recipients" in signs.headers
        or bool(BOUNCED.match(signs.subject) and MACHINES.match(signs.author))
    )


def _answers_by_itself(signs: Signs) -> bool:
    said = signs.headers
    marks = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-auto-reply")
    return (
        any(name in said and _word(said, name) not in {"no", "false"} for name in marks)
        or _word(said, "precedence") == "auto_reply"
        or bool(AWAY.match(signs.subject))
    )


def _list(said: Mapping[str, Sequence[str]], our_lists: frozenset[str]) -> bool:
    list_id = list_id_of(said)
    if list_id and list_id in our_lists:
        return False
    return bool(list_id) or "list-unsubscribe" in said or _word(said, "precedence") in BULK


def list_id_of(said: Mapping[str, Sequence[str]]) -> str:
    """The id of the list a mail came through, in lower case without brackets."""
    whole = next(iter(said.get("list-id", ())), "")
    inner = re.search(r"<([^<>]+)>", whole)
    return (inner[1] if inner else whole).strip().lower()[:255]


def _word(said: Mapping[str, Sequence[str]], name: str) -> str:
    """The first word of a header, in lower case: parameters may follow it."""
    value = next(iter(said.get(name, ())), "").strip().lower()
    return re.split(r"[\s;(]", value, maxsplit=1)[0] if value else ""
