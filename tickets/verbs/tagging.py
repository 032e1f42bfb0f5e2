"""Tags on tickets: put on, taken off, and made as they are typed."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import JSONField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from ingest.cleaning import clean
from tickets.activity import record
from tickets.models import Activity, Tag, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs.in_hand import in_hand

MOST = 20
LONGEST = 40
OFFERED = 40


def tag(ticket_id: int, *, add: Collection[int] = (), remove: Collection[int] = (), by: User | None) -> Activity | None:
    """Put tags on and take others off; None where nothing changes. Raises Ticket.DoesNotExist, NotAllowed."""
    with in_hand(ticket_id, by) as ticket:
        known = _known(ticket, {*add, *remove})
        added = [pk for pk in add if pk not in ticket.tags]
        removed = [pk for pk in remove if pk in ticket.tags]
        if not (added or removed):
            return None
        tags = [pk for pk in ticket.tags if pk not in removed] + added
        if len(tags) > MOST:
            raise NotAllowed(_("A ticket takes at most %(most)d tags.") % {"most": MOST})
        _save(ticket, tags)
        told = {name: [[pk, *known[pk]] for pk in ids] for name, ids in (("added", added), ("removed", removed))}
        return record(ticket, Activity.Verb.TAGGED, by, **told)


def _known(ticket: Ticket, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Both names of these tags; those of other brands do not exist here. Raises NotAllowed."""
    found = {pk: (name, arabic) for pk, name, arabic in offered(ticket.brand_id).filter(pk__in=ids).values_list(*NAMES)}
    # One whose tag is gone can still be taken off.
    for pk in set(ticket.tags) - found.keys():
        found[pk] = (f"{pk}", "")
    if set(ids) - found.keys():
        raise NotAllowed(_("That tag is not there any more. Choose another."))
    return found


NAMES = ("id", "name", "name_ar")


def _save(ticket: Ticket, tags: Sequence[int]) -> None:
    ticket.tags, ticket.updated_at = list(tags), timezone.now()
    ticket.save(update_fields=["tags", "updated_at"])


def offered(brand_id: int) -> QuerySet[Tag]:
    """The brand's own tags and those of all brands, by name."""
    return Tag.objects.filter(Q(brand=brand_id) | Q(brand=None)).order_by(Lower("name"))


def on(ticket: Ticket) -> list[Tag]:
    """The ticket's tags in the order they were put on; asks for nothing where there are none."""
    found = Tag.objects.in_bulk(ticket.tags) if ticket.tags else {}
    return [found[pk] for pk in ticket.tags if pk in found]


def named() -> RawSQL:
    """For a queryset of tickets: [[name, Arabic name], ...] of their tags in order, in the same question."""
    return RawSQL(
        "(SELECT jsonb_agg(jsonb_build_array(g.name, g.name_ar)"
        " ORDER BY array_position(tickets_ticket.tags, g.id::int))"
        " FROM tickets_tag g WHERE g.id = ANY(tickets_ticket.tags))",
        [],
        output_field=JSONField(),
    )


def names_on(ticket: Ticket) -> list[str]:
    """The names of the tags of a ticket that was read with `named` as `tag_rows`, in the language of the page."""
    arabic = (get_language() or "").startswith("ar")
    return [in_arabic if arabic and in_arabic else name for name, in_arabic in vars(ticket).get("tag_rows") or []]


def name_of(tag: Tag) -> str:
    """In the language of the page, where it has a name in it."""
    return tag.name_ar if tag.name_ar and (get_language() or "").startswith("ar") else tag.name


def make(name: str, *, ticket: Ticket) -> Tag:
    """A tag of the ticket's brand by this name, in either language, made where there is none. Raises NotAllowed."""
    name = " ".join(clean(name).split())
    if not name or len(name) > LONGEST:
        raise NotAllowed(_("A tag has 1 to %(most)d letters.") % {"most": LONGEST})
    with transaction.atomic():
        there = offered(ticket.brand_id).filter(Q(name__iexact=name) | Q(name_ar__iexact=name)).first()
        return there or Tag.objects.get_or_create(brand_id=ticket.brand_id, name=name)[0]


def take_back(line: Activity, by: User) -> None:
    """Undo: what was put on is off, what was taken off is on; what others did since stays."""
    with in_hand(line.ticket_id, by) as ticket:
        added = {pk for pk, *_names in line.data["added"]}
        removed = [pk for pk, *_names in line.data["removed"] if pk not in ticket.tags]
        _save(ticket, [pk for pk in ticket.tags if pk not in added] + removed)
