"""A customer as the panel and their page show them: accounts, figures over all of them, what we said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Avg, Count, Max, Min, Q
from django.utils.translation import get_language

from ingest.models import Contact, Message
from sentiment.languages import UNKNOWN
from tickets.customers.keeping import mark_of
from tickets.models import Customer, CustomerContact, Ticket, Tier
from tickets.models.ticket import LIVE

MONTH = timedelta(days=30)
# Of messages more are not counted.
MOST = 1000
EARLIER = 6


@dataclass(frozen=True, slots=True)
class Account:
    """One account; who linked it and when, where a person did."""

    contact: Contact
    linked_by: str = ""
    linked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever writes from these accounts. Without `customer` nobody has said anything of them yet."""

    brand_id: int
    accounts: Sequence[Account]
    customer: Customer | None = None

    @property
    def contacts(self) -> list[int]:
        return [account.contact.pk for account in self.accounts]

    @property
    def name(self) -> str:
        """What we call them, else what their first account is called."""
        own = self.customer.name if self.customer else ""
        return own or (self.accounts[0].contact.display_name if self.accounts else "")

    @property
    def tier_name(self) -> str:
        """In the language of the page, where it has a name in it; empty where nobody has placed them."""
        tier = self.customer.tier if self.customer else None
        return _in_language(tier.name, tier.name_ar) if tier else ""

    @property
    def notes(self) -> str:
        return self.customer.notes if self.customer else ""

    @property
    def notes_at(self) -> datetime | None:
        """When they were written as they stand; None where there are none, or nobody kept when."""
        return self.customer.notes_at if self.customer and self.notes else None

    @property
    def notes_by(self) -> str:
        """Who wrote them; empty where there are none, nobody kept who, or whoever did is gone."""
        by = self.customer.notes_by if self.customer and self.notes else None
        return by.name if by else ""

    @property
    def notes_mark(self) -> str:
        """Goes with the form, so that nobody's words are lost."""
        return mark_of(self.notes)


@dataclass(frozen=True, slots=True)
class Figures:
    """Over all accounts. `lift`: the mean of the `lifts` tickets that have one; `newest`: the ticket opened last."""

    tickets: int
    live: int
    lift: float | None
    lifts: int
    languages: Sequence[str]
    first_seen: datetime | None
    newest: int | None
    messages_30_days: int


def person_of(contact: Contact) -> Person:
    """Whose account this is (two queries)."""
    row = CustomerContact.objects.filter(contact=contact).select_related("customer__tier", "customer__notes_by").first()
    return person(row.customer) if row else Person(contact.brand_id, [Account(contact)])


def person(customer: Customer) -> Person:
    """A customer with their accounts, the first linked first (one query)."""
    rows = customer.accounts.select_related("contact", "linked_by").order_by("linked_at", "id")
    accounts = [Account(row.contact, row.linked_by.name if row.linked_by else "", row.linked_at) for row in rows]
    return Person(customer.brand_id, accounts, customer)


def figures(who: Person, now: datetime) -> Figures:
    """Two queries, each bounded by what one customer has."""
    tickets = Ticket.objects.filter(contact__in=who.contacts).aggregate(
        n=Count("id"),
        live=Count("id", filter=Q(status__in=LIVE)),
        mean=Avg("lift"),
        lifts=Count("lift"),
        languages=ArrayAgg("language", distinct=True, filter=~Q(language__in=["", UNKNOWN]), default=[]),
        first=Min("opened_at"),
        newest=Max("id"),
    )
    recent = Message.objects.filter(contact__in=who.contacts, posted_at__gte=now - MONTH)
    recent = recent.exclude(decision=Message.Decision.CONTEXT)
    seen = [account.contact.first_seen_at for account in who.accounts]
    return Figures(
        tickets=tickets["n"],
        live=tickets["live"],
        lift=tickets["mean"],
        lifts=tickets["lifts"],
        languages=tickets["languages"],
        first_seen=min(filter(None, [*seen, tickets["first"]]), default=None),
        newest=tickets["newest"],
        messages_30_days=recent.values("id")[:MOST].count(),
    )


def tickets_of(who: Person, *, but: int | None = None, most: int = EARLIER) -> list[Ticket]:
    """Their tickets from all accounts, the newest first (one query)."""
    rows = Ticket.objects.filter(contact__in=who.contacts).exclude(pk=but or 0)
    shown = ("id", "subject", "lift", "opened_at", "status", "merged_into")
    return list(rows.only(*shown).order_by("-opened_at", "-id")[:most])


def tiers(who: Person) -> list[tuple[int, str]]:
    """The tiers of the brand by rank, in the language of the page (one query)."""
    rows = Tier.objects.filter(brand=who.brand_id).order_by("rank").values_list("id", "name", "name_ar")
    return [(pk, _in_language(name, in_arabic)) for pk, name, in_arabic in rows]


def _in_language(name: str, in_arabic: str) -> str:
    return in_arabic if in_arabic and (get_language() or "").startswith("ar") else name
