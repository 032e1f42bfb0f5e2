"""Prune the vocabulary: most of a hundred languages' pieces are never met, and embeddings are most of the model.

Kept are the special pieces, all single characters of the scripts and signs met, every piece that a training text
uses, Arabic-script pieces down to a score, and the most frequent Latin pieces. Unigram tokenisation then spells what
is missing in smaller pieces, so that no text becomes unknown. Built from training texts only.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPECIALS = 4
"""<s>, <pad>, </s>, <unk>: the first pieces, at the same numbers before and after."""
ARABIC = range(0x0600, 0x0700)
ARABIC_SCORE = -14.5
"""Log-probability down to which Arabic-script pieces are kept unseen."""
LATIN_PIECES = 22_000
"""How many of the likeliest Latin-script pieces are kept unseen."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """A smaller tokenizer and, for each of its pieces, that piece's number in the base."""

    tokenizer: dict[str, Any]
    kept: NDArray[np.int64]


def prune(tokenizer: dict[str, Any], texts: Iterable[str]) -> Pruned:
    """Keep the pieces worth keeping of a Unigram tokenizer; the order of pieces stays."""
    pieces: list[tuple[str, float]] = [(piece, score) for piece, score in tokenizer["model"]["vocab"]]
    wanted = _used(tokenizer, texts) | set(range(SPECIALS)) | _arabic(pieces) | _latin(pieces)
    wanted |= {number for number, (piece, _) in enumerate(pieces) if len(piece.lstrip("▁")) <= 1 and _common(piece)}
    kept = sorted(number for number in wanted if number < len(pieces))
    return Pruned(_smaller(tokenizer, [pieces[number] for number in kept]), np.array(kept, np.int64))


def reuse(tokenizer: dict[str, Any], shipped: dict[str, Any]) -> Pruned:
    """The vocabulary of a shipped reader again, so that its embeddings stay the same file.

    Raises KeyError for a piece that the base does not have.
    """
    numbers = {piece: number for number, (piece, _) in enumerate(tokenizer["model"]["vocab"])}
    kept = [numbers[piece] for piece, _ in shipped["model"]["vocab"]]
    return Pruned(shipped, np.array(kept, np.int64))


def _used(tokenizer: dict[str, Any], texts: Iterable[str]) -> set[int]:
    from tokenizers import Tokenizer

    whole = Tokenizer.from_str(json.dumps(tokenizer))
    whole.no_padding()
    whole.no_truncation()
    used: set[int] = set()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == 1024:
            used.update(number for found in whole.encode_batch_fast(batch) for number in found.ids)
            batch.clear()
    used.update(number for found in whole.encode_batch_fast(batch) for number in found.ids)
    return used


def _arabic(pieces: list[tuple[str, float]]) -> set[int]:
    return {
        number
        for number, (piece, score) in enumerate(pieces)
        if score >= ARABIC_SCORE and any(ord(sign) in ARABIC for sign in piece)
    }


def _latin(pieces: list[tuple[str, float]]) -> set[int]:
    """The likeliest pieces of plain Latin letters: how English, French and Arabic in Latin letters are spelt."""
    latin = [
        (score, number)
        for number, (piece, score) in enumerate(pieces)
        if number >= SPECIALS and (letters := piece.lstrip("▁")) and letters.isascii() and letters.isalnum()
    ]
    return {number for _, number in sorted(latin, reverse=True)[:LATIN_PIECES]}


def _common(piece: str) -> bool:
    """Single characters: signs, emoji and letters, but not the thousands of Chinese and Korean ones."""
    sign = piece.lstrip("▁") or "▁"
    return not (0x3400 <= ord(sign) <= 0x9FFF or 0xAC00 <= ord(sign) <= 0xD7A3 or 0x20000 <= ord(sign) <= 0x323AF)


def _smaller(tokenizer: dict[str, Any], pieces: list[tuple[str, float]]) -> dict[str, Any]:
    names = {piece for piece, _ in pieces}
    smaller = dict(tokenizer)
    smaller["truncation"] = smaller["padding"] = None
    smaller["added_tokens"] = [token for token in tokenizer["added_tokens"] if token["content"] in names]
    smaller["model"] = {**tokenizer["model"], "vocab": [[piece, score] for piece, score in pieces]}
    return smaller
