"""For comparison only: how well the shipped encoder learns the ten complaint reasons of the US airline tweets.

That data set is recalled to be under a non-commercial licence: nothing that is trained here is ever shipped. Rows
whose reason the annotators agreed on by more than 0.66 count; a fifth, drawn by hash, is kept for the figure.

    python -m sentiment.training.airlines --data DATA --weights OUT/cycle-2/best.pt --run OUT
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from sentiment.text import clean
from sentiment.training import base, network, recipe
from sentiment.training.batches import Encoded, collate, encoded
from sentiment.training.corpus import Row

FILE = "complaints/airline_reasons_train.jsonl"
AGREED = 0.66
EPOCHS, BATCH, RATE = 6, 32, 1e-4


class Reasons(nn.Module):
    """The encoder's mean of tokens and one linear layer."""

    def __init__(self, reader: network.Reader, labels: int) -> None:
        super().__init__()
        self.reader = reader
        self.head = nn.Linear(reader.gaze.in_features, labels)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        hidden = self.reader.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state.float()
        seen = mask.unsqueeze(-1).float()
        logits: Tensor = self.head((hidden * seen).sum(1) / seen.sum(1))
        return logits


def rows(data: Path) -> list[tuple[Row, str, bool]]:
    """Post, reason, and whether it is kept for the figure; one row a text, so that none is on both sides."""
    found: dict[str, tuple[Row, str, bool]] = {}
    for line in (data / FILE).read_text(encoding="utf-8").splitlines():
        given: dict[str, Any] = json.loads(line)
        text = clean(given["text"])
        if given["negativereason"] and float(given["negativereason_confidence"] or 0) > AGREED:
            kept = int(hashlib.sha256(text.encode()).hexdigest(), 16) % 5 == 0
            found.setdefault(text, (Row(text=text, source="airlines", language="en"), given["negativereason"], kept))
    return list(found.values())


def learn(model: Reasons, posts: Sequence[Encoded], wanted: Sequence[int]) -> None:
    """Three passes, the learning rate falling to nought."""
    optimizer = torch.optim.AdamW([value for value in model.parameters() if value.requires_grad], lr=RATE)
    optimizer.param_groups[0]["lr"] = RATE
    dice = np.random.default_rng(5)
    total = EPOCHS * -(-len(posts) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = _batches([len(one.ids) for one in posts], dice)
        for numbers in order:
            optimizer.param_groups[0]["lr"] = RATE * min(1.0, step / 50) * (1 - step / total)
            batch = collate([posts[number] for number in numbers])
            model.train()
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
            loss = nn.functional.cross_entropy(logits.float(), torch.tensor([wanted[number] for number in numbers]))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1


def accuracy(model: Reasons, posts: Sequence[Encoded], wanted: Sequence[int]) -> float:
    """Share of posts whose likeliest reason is the wanted one."""
    model.eval()
    right = 0
    with torch.inference_mode():
        for start in range(0, len(posts), BATCH):
            batch = collate(posts[start : start + BATCH])
            given = model(batch.input_ids, batch.attention_mask, batch.token_type_ids).argmax(1)
            right += int((given == torch.tensor(wanted[start : start + BATCH])).sum())
    return right / len(posts)


def _batches(lengths: Sequence[int], dice: np.random.Generator) -> list[list[int]]:
    order = sorted(range(len(lengths)), key=lambda number: lengths[number] + dice.random() * 8)
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    return [batches[number] for number in dice.permutation(len(batches))]


def main() -> int:
    """Train, print the accuracy; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m sentiment.training.airlines", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True, help="a cycle's best.pt")
    parser.add_argument("--run", type=Path, required=True, help="the run's folder: tokenizer.json and kept.npy")
    parser.add_argument("--base", type=Path, default=Path("build/base"))
    options = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(options.run / "tokenizer.json"))
    reader = network.build(base.fetch(options.base), np.load(options.run / "kept.npy"), recipe.LAYERS)
    reader.load_state_dict(torch.load(options.weights, map_location="cpu", weights_only=True)["reader"])
    found = rows(options.data)
    names = sorted({reason for _, reason, _ in found})
    torch.manual_seed(5)
    model = Reasons(reader, len(names))
    sides = {
        kept: [(row, names.index(reason)) for row, reason, side in found if side is kept] for kept in (False, True)
    }
    learn(model, encoded(tokenizer, [row for row, _ in sides[False]]), [label for _, label in sides[False]])
    held = sides[True]
    figure = accuracy(model, encoded(tokenizer, [row for row, _ in held]), [label for _, label in held])
    sys.stdout.write(f"{len(sides[False])} posts learnt, {len(held)} kept apart: accuracy {figure:.3f}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
