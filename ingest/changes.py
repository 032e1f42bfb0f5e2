"""Our copy follows the platform: what an author edits or deletes there changes here too."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    Func,
    JSONField,
    PositiveSmallIntegerField,
    Q,
    Value,
    When,
)
from django.db.models.expressions import Combinable

from ingest import doorbell, parts
from ingest.cleaning import clean, clean_json
from ingest.models import Channel, Message
from ingest.platforms.base import Json, Post


def follow(channel: Channel, posts: Sequence[Post]) -> int:
    """An edit changes the words, a deletion blanks words and media; how many messages changed.

    A customer's new words are read and triaged again, and blanked ones triaged: what tickets have copied follows.
    """
    changed = 0
    for post in posts:
        if post.deleted_at:
            changed += blank(channel, [post.external_id], post.deleted_at)
        elif post.edited_at:
            same = Message.objects.filter(channel=channel, external_id=post.external_id, deleted_at=None)
            changed += same.filter(Q(edited_at=None) | Q(edited_at__lt=post.edited_at)).update(
                text=clean(post.text),
                media=clean_json(post.media),
                raw=_told(clean_json(post.raw)) if post.raw else F("raw"),
                evidence=[],
                edited_at=post.edited_at,
                **_back_to(Message.State.NEW),
            )
    return changed


def blank(channel: Channel, external_ids: Sequence[str], at: datetime) -> int:
    """These are gone from the platform: words and media go, the fact and our own words stay; how many were here."""
    there = Message.objects.filter(channel=channel, external_id__in=external_ids, deleted_at=None)
    ours = there.filter(direction=Message.Direction.OUT).update(deleted_at=at)
    theirs = there.filter(direction=Message.Direction.IN).update(
        text="", media=[], raw={}, evidence=[], deleted_at=at, read_error="", **_back_to(Message.State.SCORED)
    )
    if theirs:
        doorbell.ring("radd.triage")
    return ours + theirs


def _told(raw: Json) -> Combinable:
    """What the platform says of it now, beside what we keep there ourselves: its place in a long answer."""
    place = Value(parts.KEY)
    ours = Case(
        When(raw__has_key=parts.KEY, then=Func(place, F(f"raw__{parts.KEY}"), function="jsonb_build_object")),
        default=Value({}, JSONField()),
        output_field=JSONField(),
    )
    return Func(
        Value(raw, JSONField()), ours, template="(%(expressions)s)", arg_joiner=" || ", output_field=JSONField()
    )


def _back_to(state: Message.State) -> dict[str, Case]:
    """A message that went through already must do so again, at once; others still wait, or are context.

    Its lease goes too: on a triaged message it tells of something else (ingest.surroundings).
    """
    through = [Message.State.SCORED, Message.State.TRIAGED]
    done = Q(state__in=through, direction=Message.Direction.IN) & ~Q(decision=Message.Decision.CONTEXT)
    return {
        "state": Case(When(done, then=Value(state.value)), default=F("state"), output_field=CharField()),
        "lease_until": Case(When(done, then=None), default=F("lease_until"), output_field=DateTimeField()),
        "attempts": Case(When(done, then=0), default=F("attempts"), output_field=PositiveSmallIntegerField()),
    }
