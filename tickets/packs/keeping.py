"""Adding a pack to a brand, and taking back what nobody has touched since.

What a pack added is known from the record of changes (accounts.audit): each adding tells the rows it made and the
levels it changed, so nothing of anybody's own is ever taken for the pack's. A row counts as there when the brand has
one of its name in either language, whoever made it. Adding twice adds what is missing, which is nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import get_language

from accounts import audit
from accounts.models import Brand, User
from tickets.answering.guard.findings import GRAVEST_FIRST, USUAL, Code
from tickets.models import ApprovalRule, CarePolicy, RuleVersion, SavedReply, Tag, Ticket
from tickets.packs.bank import BANK
from tickets.packs.health import HEALTH
from tickets.packs.pack import Named, Pack, PackReply, PackRule
from tickets.permissions import check_writes_rules

PACKS: Mapping[str, Pack] = {pack.slug: pack for pack in (BANK, HEALTH)}
ADDED, REMOVED = "pack.added", "pack.removed"
MINUTES = "minutes"
# By kind of thing, as the record of changes names them.
RULE, REPLY, TAG, LEVEL = "rule", "reply", "tag", "level"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a pack beside what the brand has.

    `row`: the brand's row of that name, if there is one; `ours`: the pack made it; `same`: it is as the pack made it.
    """

    kind: str
    thing: Named
    row: Any = None
    ours: bool = False
    same: bool = False

    @property
    def is_new(self) -> bool:
        return self.row is None

    @property
    def may_go(self) -> bool:
        """Whether removing the pack takes it along."""
        return self.ours and self.same


@dataclass(frozen=True, slots=True)
class LevelItem:
    """One level of the guard's policy: what it is, and what the pack makes of it where that is graver."""

    code: Code
    now: str
    wanted: str

    @property
    def is_new(self) -> bool:
        return _graver(self.wanted, self.now)


@dataclass(frozen=True, slots=True)
class Seen:
    """A pack beside a brand: what would come, what is there, what would go."""

    pack: Pack
    rules: Sequence[Item]
    replies: Sequence[Item]
    tags: Sequence[Item]
    levels: Sequence[LevelItem]
    # Minutes for a second person: as they are, and as the pack would have them where that is less.
    minutes: int
    added: bool

    @property
    def items(self) -> list[Item]:
        return [*self.rules, *self.replies, *self.tags]

    @property
    def new(self) -> int:
        """How many things adding it would add or change."""
        changed = sum(level.is_new for level in self.levels) + (self.minutes > self.pack.minutes)
        return sum(item.is_new for item in self.items) + changed

    @property
    def going(self) -> int:
        """How many rows removing it would take away."""
        return sum(item.may_go for item in self.items)


def _graver(level: str, than: str) -> bool:
    order: list[str] = [*GRAVEST_FIRST, than]
    return level in GRAVEST_FIRST and order.index(level) < order.index(than)


# --- looking --------------------------------------------------------------------------------------------------------
def seen(pack: Pack, brand: Brand) -> Seen:
    """What the pack is to this brand now; five queries."""
    made = _made(pack, brand)
    rules = ApprovalRule.objects.filter(brand=brand, removed_at=None)
    policy = CarePolicy.objects.filter(brand=brand).first() or CarePolicy(brand=brand)
    return Seen(
        pack,
        _items(RULE, pack.rules, rules, made),
        _items(REPLY, pack.replies, SavedReply.objects.filter(brand=brand, owner=None), made),
        _items(TAG, pack.tags, Tag.objects.filter(brand=brand), made),
        [
            LevelItem(code, str(policy.guard.get(code, USUAL[code].value)), level.value)
            for code, level in pack.guard.items()
        ],
        policy.approval_minutes,
        added=bool(made),
    )


def _made(pack: Pack, brand: Brand) -> set[tuple[str, int]]:
    """Kind and id of every row that this pack made for this brand and that was not taken back."""
    told = audit.of(brand).filter(verb__in=[ADDED, REMOVED], data__pack=pack.slug).values_list("verb", "data")
    made: set[tuple[str, int]] = set()
    for verb, data in reversed(told):
        rows = {(str(kind), int(pk)) for kind, pk in data.get("rows", [])}
        made = made | rows if verb == ADDED else made - rows
    return made


def _items(kind: str, things: Sequence[Named], rows: Any, made: set[tuple[str, int]]) -> list[Item]:
    known = {row.name.casefold(): row for row in rows}
    found = []
    for thing in things:
        row = known.get(thing.en.casefold()) or known.get(thing.ar.casefold())
        ours = row is not None and (kind, row.pk) in made
        found.append(Item(kind, thing, row, ours, same=ours and _is_same(thing, row)))
    return found


def _is_same(thing: Named, row: Any) -> bool:
    """Whether nobody has touched it; a tag that is on a ticket has been put to use."""
    if isinstance(thing, PackRule):
        return bool(row.conditions == thing.conditions and row.minutes == thing.minutes and row.is_on)
    if isinstance(thing, PackReply):
        return bool(row.texts == thing.texts)
    return bool((row.name, row.name_ar) == (thing.en, thing.ar)) and not _in_use(row)


def _in_use(tag: Tag) -> bool:
    return Ticket.objects.filter(tags__contains=[tag.pk]).exclude(tags=[]).exists()


# --- adding ---------------------------------------------------------------------------------------------------------
def add(slug: str, brand_id: int, *, by: User) -> int:
    """Give a brand what it lacks of a pack, all of it or nothing; how many things that were.

    Raises NotAllowed, Brand.DoesNotExist, KeyError for a pack that is none.
    """
    check_writes_rules(by)
    pack = PACKS[slug]
    with transaction.atomic():
        brand = Brand.objects.select_for_update(no_key=True, of=("self",)).get(pk=brand_id)
        found = seen(pack, brand)
        if not found.new:
            return 0
        rows = [(item.kind, _make(item.thing, brand, by)) for item in found.items if item.is_new]
        levels = _tighten(found, brand, by)
        audit.record(by, ADDED, brand, pack=slug, rows=rows, levels=levels)
    return len(rows) + len(levels)


def _make(thing: Named, brand: Brand, by: User) -> int:
    if isinstance(thing, PackRule):
        return _make_rule(thing, brand, by)
    name = thing.name(get_language() or "en")
    if isinstance(thing, PackReply):
        return SavedReply.objects.create(name=name, texts=thing.texts, brand=brand, created_by=by).pk
    return Tag.objects.create(name=thing.en, name_ar=thing.ar, brand=brand).pk


def _make_rule(thing: PackRule, brand: Brand, by: User) -> int:
    last = ApprovalRule.objects.filter(removed_at=None).aggregate(last=Max("position"))["last"] or 0
    now = timezone.now()
    rule = ApprovalRule.objects.create(
        name=thing.name(get_language() or "en"), brand=brand, position=last + 1, conditions=dict(thing.conditions),
        minutes=thing.minutes, updated_by=by, updated_at=now,
    )  # fmt: skip
    told = {"name": rule.name, "brand": brand.pk, "is_on": True, "conditions": rule.conditions, "minutes": rule.minutes}
    RuleVersion.objects.create(
        kind=RuleVersion.Kind.APPROVAL, rule=rule.pk, version=rule.version, told=told, by=by, at=now
    )
    return rule.pk


def _tighten(found: Seen, brand: Brand, by: User) -> dict[str, list[Any]]:
    """Levels that are milder than the pack's become the pack's; what each was before and is now, by its code."""
    changed: dict[str, list[Any]] = {
        level.code.value: [level.now, level.wanted] for level in found.levels if level.is_new
    }
    if found.minutes > found.pack.minutes:
        changed[MINUTES] = [found.minutes, found.pack.minutes]
    if changed:
        _write_policy(brand, {code: now for code, (_before, now) in changed.items()}, by)
    return changed


def _write_policy(brand: Brand, changed: Mapping[str, Any], by: User) -> None:
    policy, _made_now = CarePolicy.objects.select_for_update(of=("self",)).get_or_create(brand=brand)
    levels = policy.guard | {code: level for code, level in changed.items() if code != MINUTES}
    # What is as usual is not written down (tickets.answering.care_policies).
    policy.guard = {code: level for code, level in levels.items() if level != USUAL[Code(code)].value}
    policy.approval_minutes = int(changed.get(MINUTES, policy.approval_minutes))
    policy.updated_by = by
    policy.save()


# --- taking back ----------------------------------------------------------------------------------------------------
def remove(slug: str, brand_id: int, *, by: User) -> int:
    """Take back what the pack made and nobody has touched; how many things that were. Raises as `add` does."""
    check_writes_rules(by)
    pack = PACKS[slug]
    with transaction.atomic():
        brand = Brand.objects.select_for_update(no_key=True, of=("self",)).get(pk=brand_id)
        rows = [(item.kind, item.row.pk) for item in seen(pack, brand).items if item.may_go]
        _forget(rows)
        levels = dict(_to_loosen(pack, brand))
        if levels:
            _write_policy(brand, {code: before for code, (_now, before) in levels.items()}, by)
        if rows or levels:
            audit.record(by, REMOVED, brand, pack=slug, rows=rows, levels=levels)
    return len(rows) + len(levels)


def _forget(rows: Sequence[tuple[str, int]]) -> None:
    by_kind = {kind: [pk for known, pk in rows if known == kind] for kind in (RULE, REPLY, TAG)}
    ApprovalRule.objects.filter(pk__in=by_kind[RULE]).update(removed_at=timezone.now(), is_on=False)
    SavedReply.objects.filter(pk__in=by_kind[REPLY]).delete()
    Tag.objects.filter(pk__in=by_kind[TAG]).delete()


def _to_loosen(pack: Pack, brand: Brand) -> Iterator[tuple[str, list[Any]]]:
    """Levels that the pack set and that still stand so: as they are, and as they were before."""
    told = audit.of(brand).filter(verb__in=[ADDED, REMOVED], data__pack=pack.slug).values_list("verb", "data")
    changed: dict[str, list[Any]] = {}
    for verb, data in reversed(told):
        for code, (before, now) in data.get("levels", {}).items():
            if verb == REMOVED:
                changed.pop(code, None)
            else:
                changed[code] = [changed[code][0] if code in changed else before, now]
    policy = CarePolicy.objects.filter(brand=brand).first() or CarePolicy(brand=brand)
    for code, (before, now) in changed.items():
        stands = policy.approval_minutes if code == MINUTES else policy.guard.get(code, USUAL[Code(code)].value)
        if stands == now:
            yield code, [now, before]
