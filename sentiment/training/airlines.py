"""For comparison only: how well the shipped encoder learns the ten complaint reasons of the US airline tweets.

That data set is recalled to be under a non-commercial licence: nothing that is trained here is ever shipped. A fifth,
drawn by hash, is kept for the figure, of which those count whose reason the annotators agreed on by more than 0.66. The
others are learnt from, each by as much as they agreed.

    python -m sentiment.training.airlines --data DATA --weights OUT/best.pt
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from sentiment.backends.onnx import BUNDLED
from sentiment.text import clean
from sentiment.training import base, network, recipe, vocabulary
from sentiment.training.batches import Encoded, collate, encoded
from sentiment.training.corpus import Row

FILE = "complaints/airline_reasons_train.jsonl"
AGREED = 0.66
EPOCHS, BATCH, RATE, SMOOTHING = 6, 32, 1e-4, 0.1


@dataclass(frozen=True, slots=True)
class Post:
    """One complaint, its reason, and how sure of it the annotators were, 0 to 1."""

    row: Row
    reason: str
    sure: float
    kept: bool
    """For the figure."""


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


def posts(data: Path) -> list[Post]:
    """Every post that has a reason; one a text, so that none is on both sides."""
    found: dict[str, Post] = {}
    for line in (data / FILE).read_text(encoding="utf-8").splitlines():
        given: dict[str, Any] = json.loads(line)
        text = clean(given["text"])
        sure = float(given["negativereason_confidence"] or 0)
        if given["negativereason"] and sure:
            kept = int(hashlib.sha256(text.encode()).hexdigest(), 16) % 5 == 0
            row = Row(text=text, source="airlines", language="en")
            found.setdefault(text, Post(row, given["negativereason"], sure, kept))
    return list(found.values())


def learn(model: Reasons, posts: Sequence[Encoded], wanted: Sequence[int], sure: Sequence[float]) -> None:
    """`EPOCHS` passes, the learning rate falling to nought."""
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
            weights = torch.tensor([sure[number] for number in numbers])
            each = nn.functional.cross_entropy(
                logits.float(), torch.tensor([wanted[number] for number in numbers]), reduction="none",
                label_smoothing=SMOOTHING,
            )  # fmt: skip
            ((each * weights).sum() / weights.sum()).backward()
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
    parser.add_argument("--base", type=Path, default=Path(".radd/base"), help="where the base weights are kept")
    options = parser.parse_args()
    origin = base.fetch(options.base)
    pruned = vocabulary.reuse(origin.tokenizer, json.loads((BUNDLED / "tokenizer.json").read_text(encoding="utf-8")))
    tokenizer = Tokenizer.from_str(json.dumps(pruned.tokenizer))
    reader = network.build(origin, pruned.kept, recipe.LAYERS)
    reader.load_state_dict(torch.load(options.weights, map_location="cpu", weights_only=True)["reader"])
    found = posts(options.data)
    names = sorted({post.reason for post in found})
    torch.manual_seed(5)
    model = Reasons(reader, len(names))
    learnt = [post for post in found if not post.kept]
    held = [post for post in found if post.kept and post.sure > AGREED]
    wanted = {post.row.text: names.index(post.reason) for post in found}
    learn(
        model,
        encoded(tokenizer, [post.row for post in learnt]),
        [wanted[post.row.text] for post in learnt],
        [post.sure for post in learnt],
    )
    figure = accuracy(model, encoded(tokenizer, [post.row for post in held]), [wanted[post.row.text] for post in held])
    sys.stdout.write(f"{len(learnt)} posts learnt, {len(held)} kept apart: accuracy {figure:.3f}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
