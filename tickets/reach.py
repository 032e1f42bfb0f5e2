"""How far a post has spread, and how fast it goes on, in words for the thread: its most telling figure."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from ingest.looking_again import speeds
from ingest.models import Message

# By what platforms, and bridges to others, call them; the first that a post has any of is told.
SEEN = ("impression_count", "view_count", "views")
SHARED = ("repost_count", "reposts", "shares")
LIKED = ("like_count", "likes")


def reach_of(messages: Sequence[Message]) -> dict[int, str]:
    """By message id, in words; posts without figures are not among them. One query, none without figures."""
    told = [message for message in messages if _figure(message.metrics)]
    grown = speeds(told) if told else {}
    return {message.pk: in_words(message.metrics, grown.get(message.pk, {})) for message in told}


def in_words(metrics: Mapping[str, Any], speed: Mapping[str, float]) -> str:
    """seen 12,400 times, +900/h; empty without a figure."""
    name = _figure(metrics)
    if not name:
        return ""
    said = _times(name, int(metrics[name]))
    grown = round(speed.get(name, 0))
    return said if grown < 1 else _("%(said)s, %(grown)s/h") % {"said": said, "grown": _in_one_piece(f"+{grown:,}")}


def _figure(metrics: Mapping[str, Any]) -> str:
    """The name of the figure to tell."""
    return next((name for name in (*SEEN, *SHARED, *LIKED) if _count(metrics.get(name)) > 0), "")


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _times(name: str, count: int) -> str:
    figure = {"n": _in_one_piece(f"{count:,}")}
    if name in SEEN:
        return ngettext("seen %(n)s time", "seen %(n)s times", count) % figure
    if name in SHARED:
        return ngettext("shared %(n)s time", "shared %(n)s times", count) % figure
    return ngettext("liked %(n)s time", "liked %(n)s times", count) % figure


def _in_one_piece(figure: str) -> str:
    """A sign before its number, among right-to-left words too."""
    return f"\u2066{figure}\u2069" if get_language_bidi() else figure
