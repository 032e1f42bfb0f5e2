"""A post and what it replies to as one row of tokens: `<s> post </s> </s> parent </s>`, in training as in reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MAX_TOKENS = 128
TAIL_TOKENS = 32
"""Of a text beyond MAX_TOKENS its last TAIL_TOKENS are kept too: the wish or the verdict often stands at the end."""
PARENT_TOKENS = 40
"""Of what a post replies to, its beginning: enough to know what was asked."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Token ids, their types (0 the post's own, 1 the parent's) and each own token's word (-1: none)."""

    ids: list[int]
    types: list[int]
    words: list[int]


def encode(tokenizer: "Tokenizer", texts: Sequence[str], parents: Sequence[str] | None = None) -> list[Pieces]:
    """Tokens of n cleaned texts with n parents (empty for none). The tokenizer must neither pad nor cut."""
    own = tokenizer.encode_batch(list(texts))
    if parents is None or not any(parents):
        return [_alone(text, one) for text, one in zip(texts, own, strict=True)]
    above = tokenizer.encode_batch(list(parents))
    return [
        _with_parent(_alone(text, one), parent) if given else _alone(text, one)
        for text, one, given, parent in zip(texts, own, parents, above, strict=True)
    ]


def head_and_tail(ids: Sequence[int]) -> list[int]:
    """At most MAX_TOKENS ids: all of a short text, else its beginning and its last TAIL_TOKENS (end mark included)."""
    if len(ids) <= MAX_TOKENS:
        return list(ids)
    return [*ids[: MAX_TOKENS - TAIL_TOKENS], *ids[-TAIL_TOKENS:]]


def _alone(text: str, one: "Encoding") -> Pieces:
    ids = head_and_tail(one.ids)
    words = head_and_tail(_words(text, one))
    return Pieces(ids, [0] * len(ids), words)


def _with_parent(own: Pieces, parent: "Encoding") -> Pieces:
    """The parent begins with the end mark, as pairs do with this tokenizer, and keeps its own end mark."""
    end = own.ids[-1]
    above = [end, *parent.ids[1:-1][:PARENT_TOKENS], end]
    more = len(above)
    return Pieces(own.ids + above, own.types + [1] * more, own.words + [-1] * more)


def _words(text: str, one: "Encoding") -> list[int]:
    """For each token the number of its word among those parted by spaces; -1 for marks of beginning and end."""
    place = [-1] * (len(text) + 1)
    word, inside = -1, False
    for at, sign in enumerate(text):
        if sign.isspace():
            inside = False
            continue
        if not inside:
            word, inside = word + 1, True
        place[at] = word
    found = []
    for start, end in one.offsets:
        numbers = [place[at] for at in range(start, min(end, len(text))) if place[at] >= 0]
        found.append(numbers[-1] if numbers else -1)
    return found
