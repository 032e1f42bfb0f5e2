"""Tags as a whole: made, given other names, merged two into one, removed from every ticket that has them."""

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Brand, User
from accounts.permissions import may_see
from accounts.unmoved import check_unmoved, mark_of
from ingest.cleaning import clean
from tickets.models import Tag, Ticket
from tickets.permissions import NotAllowed, check_supervises

# Tickets that change at a time: each step is a transaction of its own, and may be carried out again.
STEP = 1000


def check_keeps(by: User, brand_id: int | None) -> None:
    """Supervisors keep the tags of brands they see; those of all brands are for admins. Raises NotAllowed."""
    check_supervises(by)
    if not by.is_admin and (brand_id is None or not may_see(by, brand_id)):
        raise NotAllowed(_("Only admins keep the tags of all brands."))


def keep(
    tag_id: int | None, *, name: str, name_ar: str, brand: Brand | None, by: User, version: int | None = None
) -> Tag:
    """Make a tag, or give it other names; its brand stays what it was. `version`: the one seen (`version_of`).

    Raises Tag.DoesNotExist, NotAllowed, MovedOn.
    """
    name, name_ar = (" ".join(clean(words).split()) for words in (name, name_ar))
    with transaction.atomic():
        tag = Tag.objects.select_for_update().get(pk=tag_id) if tag_id else Tag(brand=brand)
        check_keeps(by, tag.brand_id)
        if tag_id:
            check_unmoved(version_of(tag), version)
        if Tag.objects.filter(brand=tag.brand_id, name__iexact=name).exclude(pk=tag_id or 0).exists():
            raise NotAllowed(_("There is a tag of this name already. Merge the two instead."))
        was = [tag.name, tag.name_ar]
        tag.name, tag.name_ar = name, name_ar
        tag.save()
        if not tag_id:
            audit.record(by, "tag.made", tag)
        elif was != [name, name_ar]:
            audit.record(by, "tag.renamed", tag, was=was)
    return tag


def version_of(tag: Tag) -> int:
    """Another one where it has another name."""
    return mark_of(tag.name, tag.name_ar)


def merge(tag_id: int, *, into: int, by: User) -> int:
    """Tickets with the one have the other, and the one is no more; how many tickets that were.

    Where it breaks off, both tags are there and it may be done again. Raises Tag.DoesNotExist, NotAllowed.
    """
    one, other = Tag.objects.get(pk=tag_id), Tag.objects.get(pk=into)
    check_keeps(by, one.brand_id)
    check_keeps(by, other.brand_id)
    if one.pk == other.pk or other.brand_id not in {None, one.brand_id}:
        raise NotAllowed(_("Choose another tag of the same brand, or of all brands."))
    return _end(one, other, by)


def remove(tag_id: int, *, by: User) -> int:
    """Take a tag off every ticket and forget it; how many tickets had it. Raises Tag.DoesNotExist, NotAllowed."""
    tag = Tag.objects.get(pk=tag_id)
    check_keeps(by, tag.brand_id)
    return _end(tag, None, by)


def _end(tag: Tag, other: Tag | None, by: User) -> int:
    changed = 0
    while step := _step(tag.pk, other.pk if other else None):
        changed += step
    with transaction.atomic():
        told = {"into": other.name} if other else {}
        audit.record(by, "tag.merged" if other else "tag.removed", tag, tickets=changed, **told)
        tag.delete()
    return changed


def _step(tag_id: int, other: int | None) -> int:
    """The next tickets that have the tag lose it, and have the other once. It keeps its place among their tags."""
    table = connection.ops.quote_name(Ticket._meta.db_table)
    swap = (
        "CASE WHEN %(other)s::int IS NULL OR tags @> ARRAY[%(other)s::int] THEN array_remove(tags, %(tag)s)"
        " ELSE array_replace(tags, %(tag)s, %(other)s::int) END"
    )
    with connection.cursor() as sql:
        sql.execute(
            f"UPDATE {table} SET tags = {swap} WHERE id IN"  # noqa: S608  (our own words)
            f" (SELECT id FROM {table} WHERE tags <> '{{}}' AND tags @> ARRAY[%(tag)s] LIMIT %(step)s)",
            {"tag": tag_id, "other": other, "step": STEP},
        )
        return int(sql.rowcount)
