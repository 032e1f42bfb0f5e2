"""Rows to batches of tensors: tokens once, posts of like length together, noise as people's keyboards make it."""

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from sentiment.backends.pieces import encode
from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES
from sentiment.text import MENTION
from sentiment.training.corpus import Row
from sentiment.training.network import UNKNOWN, Batch

CHUNK = 40
"""Batches whose rows are sorted by length together: enough that little is padded, few enough to stay shuffled."""
PAD = 1
_PLAIN_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ؤ": "و", "ئ": "ي"})
_LEADING_HANDLES = re.compile(rf"^(?:{MENTION}\s+)+")
_SHARED_BY = re.compile(rf"^RT {MENTION}:?\s*")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A row with its tokens and their types (0 the post's own, 1 what it replies to)."""

    row: Row
    ids: tuple[int, ...]
    types: tuple[int, ...]


def encoded(tokenizer: Tokenizer, rows: Sequence[Row]) -> list[Encoded]:
    """Rows with their tokens, exactly as the shipped reader makes them."""
    made = encode(tokenizer, [row.text for row in rows], [row.parent for row in rows])
    return [Encoded(row, tuple(one.ids), tuple(one.types)) for row, one in zip(rows, made, strict=True)]


def shuffled(tokenizer: Tokenizer, rows: Sequence[Row], size: int, seed: int) -> Iterator[Batch]:
    """One pass over `rows` in random order with noise, in batches of `size` of like length; the same for a seed."""
    dice = random.Random(seed)  # noqa: S311  (shuffling, not a secret)
    order = list(rows)
    dice.shuffle(order)
    for start in range(0, len(order), size * CHUNK):
        chunk = encoded(tokenizer, [noisy(row, dice) for row in order[start : start + size * CHUNK]])
        chunk.sort(key=lambda one: len(one.ids))
        batches = [chunk[at : at + size] for at in range(0, len(chunk), size)]
        dice.shuffle(batches)
        yield from (collate(batch) for batch in batches)


def passes(rows: Sequence[Row], weights: Sequence[float], seed: int) -> list[Row]:
    """Each row as often as its weight says: 2.0 twice, 0.6 in six of ten passes."""
    dice = random.Random(seed)  # noqa: S311  (drawing, not a secret)
    drawn: list[Row] = []
    for row, weight in zip(rows, weights, strict=True):
        whole = math.floor(weight)
        drawn.extend([row] * (whole + (dice.random() < weight - whole)))
    return drawn


def noisy(row: Row, dice: random.Random) -> Row:
    """The row as another person might have typed it: handles, capitals, hamzas; what it means stays."""
    text, parent = row.text, row.parent
    if dice.random() < 0.5:
        text = _SHARED_BY.sub("", text) or text
    if dice.random() < 0.2:
        text = _LEADING_HANDLES.sub("", text) or text if text.startswith(MENTION) else f"{MENTION} {text}"
    if dice.random() < 0.1:
        text = text.lower()
    if dice.random() < 0.15:
        text = text.translate(_PLAIN_ARABIC)
    if parent and row.facts.get("hard") != "context" and dice.random() < 0.15:
        parent = ""
    return Row(**{**{name: getattr(row, name) for name in Row.__slots__}, "text": text, "parent": parent})


def collate(batch: Sequence[Encoded]) -> Batch:
    """Pad to the longest and put the labels into tensors."""
    rows = [one.row for one in batch]
    width = max(len(one.ids) for one in batch)
    ids = torch.full((len(batch), width), PAD)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for number, one in enumerate(batch):
        length = len(one.ids)
        ids[number, :length] = torch.tensor(one.ids)
        types[number, :length] = torch.tensor(one.types)
        mask[number, :length] = 1
    return Batch(
        input_ids=ids,
        attention_mask=mask,
        token_type_ids=types,
        sentiment=torch.tensor([UNKNOWN if row.sentiment is None else row.sentiment for row in rows]),
        follow_up=torch.tensor([math.nan if row.follow_up is None else row.follow_up for row in rows]),
        weight=torch.tensor([row.sure for row in rows]),
        reasons=torch.tensor([_reasons(row) for row in rows]),
        urgency=torch.tensor([_number(URGENCIES, row.urgency) for row in rows]),
        trigger=torch.tensor([_number(TRIGGERS, row.trigger) for row in rows]),
        aim=torch.tensor([_number(AIMS, row.aim) for row in rows]),
    )


def _reasons(row: Row) -> list[float]:
    if row.reasons is not None:
        return [float(reason in row.reasons) for reason in REASONS]
    known = [math.nan] * len(REASONS)
    if row.complaint is not None:
        known[REASONS.index("complaint")] = float(row.complaint)
    return known


def _number(names: Sequence[str], name: str) -> int:
    return names.index(name) if name else UNKNOWN
