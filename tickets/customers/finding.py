"""Accounts that may be the same customer's: those somebody looks for, and those that look alike. Nothing is linked.

Names and handles are found as search finds them, in its index of what is on tickets; whoever has none is looked for in
the table of contacts, as long as that may take.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import attrgetter

from django.db import connection
from django.db.models import Q, QuerySet

from ingest.models import Contact, Message
from sentiment.text import search_form
from tickets.customers import kinship
from tickets.listing.search.finding import completions, limited
from tickets.listing.search.words import any_of, brand, names_of, written
from tickets.time_limit import TooSlow

OFFERED = 8
# Messages that are looked at for who wrote them, and how long that may take.
LOOKED_AT = 300
MILLISECONDS = 400
WRITERS_SQL = "SELECT message_id FROM tickets_searchrow WHERE words @@ %s::tsquery ORDER BY message_id DESC LIMIT %s"
# A name that many share says little: without a second word in it only a handle may suggest an account.
LEAST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Alike:
    """An account and why it may be the same person's: `handle` or `name`; empty for one that was looked for."""

    contact: Contact
    why: str = ""


def suggestions(contact: Contact) -> list[Alike]:
    """Accounts on other platforms with the same handle, or the same name of two words or more."""
    wholes = [any_of([sign]) for sign in names_of("", _bare(contact.handle)) | names_of("", contact.handle)]
    if len(written(contact.name)) >= LEAST_WORDS:
        wholes.append(" & ".join(any_of([f"@{word}"]) for word in written(contact.name)))
    if not wholes:
        return []
    found = _writers(" | ".join(f"({one})" for one in wholes), contact)
    alike = [Alike(other, why) for other in found if (why := _why(contact, other))]
    return sorted(alike, key=lambda one: (one.why != "handle", one.contact.display_name))[:OFFERED]


def _why(contact: Contact, other: Contact) -> str:
    if other.platform == contact.platform:
        return ""
    if contact.handle and _bare(contact.handle) == _bare(other.handle):
        return "handle"
    same = search_form(contact.name).split() == search_form(other.name).split()
    return "name" if same and len(written(contact.name)) >= LEAST_WORDS else ""


def _bare(handle: str) -> str:
    """A handle without the server that platforms of many servers add to it."""
    return search_form(handle.lstrip("@")).split("@")[0].strip()


def asked_for(text: str, contact: Contact) -> list[Alike]:
    """Accounts of the brand whose name or handle begins so, or whose address or id it is; none for no question."""
    text = text.replace("\0", "").strip().lstrip("@")[:80]
    words = written(text)
    if not words:
        return []
    found = _writers(" & ".join([*(any_of([f"@{w}"]) for w in words[:-1]), _begun(words[-1])]), contact)
    if len(found) < OFFERED:
        found += [one for one in _in_table(text, contact) if one.pk not in {known.pk for known in found}]
    return [Alike(one) for one in found[:OFFERED]]


def _begun(word: str) -> str:
    with limited(MILLISECONDS):
        return any_of(dict.fromkeys([f"@{word}", *completions(f"@{word}")]))


def _writers(query: str, contact: Contact) -> list[Contact]:
    """Whoever wrote what fits, the newest first; but for those who are this customer already."""
    try:
        with limited(MILLISECONDS), connection.cursor() as cursor:
            cursor.execute(WRITERS_SQL, [f"({query}) & {any_of([brand(contact.brand_id)])}", LOOKED_AT])
            ids = [pk for (pk,) in cursor.fetchall()]
    except TooSlow:
        return []
    writers = list(dict.fromkeys(_by(ids)))
    known = {one.pk: one for one in others(contact).filter(pk__in=writers)}
    return [known[pk] for pk in writers if pk in known]


def _by(message_ids: Collection[int]) -> Iterable[int]:
    rows = Message.objects.filter(pk__in=message_ids).order_by("-id")
    return rows.values_list("contact_id", flat=True)


def _in_table(text: str, contact: Contact) -> list[Contact]:
    named = Q(handle__istartswith=text) | Q(name__istartswith=text) | Q(external_id=text)
    try:
        with limited(MILLISECONDS):
            return sorted(others(contact).filter(named)[:OFFERED], key=attrgetter("display_name"))
    except TooSlow:
        return []


def others(contact: Contact) -> QuerySet[Contact]:
    """The brand's customers' accounts, but for this customer's own."""
    theirs = kinship.accounts_of(contact.pk)
    return Contact.objects.filter(brand=contact.brand_id, is_own=False).exclude(pk__in=theirs)
