"""@mentions in notes: whom one may mention, who is meant, and that they hear of it."""

import re
from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Role, User
from sentiment.text import search_form
from tickets.models import Activity, Notice, Ticket

MOST_OFFERED = 8
MOST_WORDS = 200


def mentionable(ticket: Ticket) -> QuerySet[User]:
    """The people of the brand's teams, and admins: whoever may open the ticket."""
    may_open = Q(teams__brands=ticket.brand_id) | Q(role=Role.ADMIN)
    return User.objects.filter(may_open, is_active=True).distinct().order_by("name", "id")


def offered(ticket: Ticket, query: str, by: User) -> list[User]:
    """Whom `@query` may mean: names one of whose words begins so."""
    wanted = search_form(query).strip()
    people = [person for person in mentionable(ticket) if person.pk != by.pk]
    return [person for person in people if _begins(search_form(person.name), wanted)][:MOST_OFFERED]


def _begins(name: str, wanted: str) -> bool:
    return not wanted or name.startswith(wanted) or any(word.startswith(wanted) for word in name.split())


def mentioned(text: str, people: Sequence[User]) -> list[User]:
    """Those whose name stands behind an @: the whole name, or the first one where only one of them has it."""
    folded = search_form(text)
    if "@" not in folded:
        return []
    firsts = [_first(person) for person in people]
    found = []
    for person in sorted(people, key=lambda one: -len(one.name)):
        names = [search_form(person.name)] + ([_first(person)] if firsts.count(_first(person)) == 1 else [])
        pattern = "|".join(re.escape(name) for name in names if name)
        if pattern and (hit := re.compile(rf"(?<!\w)@(?:{pattern})(?!\w)")).search(folded):
            found.append(person)
            # "@Sara Ali" is not also "@Sara".
            folded = hit.sub(" ", folded)
    return found


def _first(person: User) -> str:
    return search_form(person.get_short_name())


def tell(ticket: Ticket, line: Activity, text: str, by: User) -> list[User]:
    """Let everybody mentioned in a note know, in the transaction of the note; whom it told."""
    if "@" not in text:
        return []
    people = [person for person in mentioned(text, list(mentionable(ticket))) if person.pk != by.pk]
    now = timezone.now()
    Notice.objects.bulk_create(
        [
            Notice(
                user=person, kind=Notice.Kind.MENTIONED, ticket=ticket, actor=by, key=f"mentioned:{line.pk}", at=now,
                data={"activity": line.pk, "words": text[:MOST_WORDS]},
            )
            for person in people
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return people
