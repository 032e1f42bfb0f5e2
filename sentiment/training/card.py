"""The short card that stands beside a reader's files: what it is, what it was trained on, what it reached."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sentiment.training.corpus import LABELLED_ONLY, SOURCES, Row

_HEAD = """# {name} {version}

Radd's own reader: one encoder and six heads (sentiment, follow-up, reasons, urgency, trigger, aim) for short public
posts to or about a brand, in Arabic and English. Made by `python -m sentiment.training`; docs/model-card.md tells how
well it reads, where it fails and what it must not be used for.

| | |
|---|---|
| base | multilingual-e5-small (MIT), vocabulary pruned, embeddings frozen |
| form | ONNX int8 (weights a column, activations a token), embeddings in a file of their own; {size} MB in all |
| inputs | `input_ids`, `attention_mask`, `token_type_ids` (1: the text replied to); int64, posts x length <= 170 |
| outputs | `logits` (posts x {labels}), `evidence` (posts x length: each token's part in the follow-up logit) |
| int8 against full precision | probabilities move by {moved} on average; figures change by {cost} on average |
"""


def write(folder: Path, metrics: dict[str, Any], rows: Sequence[Row]) -> None:
    """Write MODEL.md into the reader's folder."""
    counted = Counter(row.source for row in rows)
    head = _HEAD.format(
        name="radd-reader",
        version=metrics["version"],
        size=round(sum(metrics["megabytes"].values())),
        labels=metrics["labels"],
        moved=metrics["int8"]["mean_moved"],
        cost=metrics["int8"]["mean_cost"],
    )
    lines = [head, "## Trained on", "", "| source | rows | terms as stated | origin |", "|---|---|---|---|"]
    lines.append(f"| own posts | {counted['own']:,} | MIT, with this repository | sentiment/training/posts |")
    lines += [f"| {one.name} | {counted[one.name]:,} | {one.terms} | {one.origin} |" for one in SOURCES]
    others = ", ".join(LABELLED_ONLY)
    lines.append(f"| tweeteval | {counted['tweeteval']:,} | those of the tasks | our labels on posts of {others} |")
    if counted["correction"]:
        lines.append(f"| corrections | {counted['correction']:,} | this installation's own | people's corrections |")
    lines += ["", "## On validation rows (chosen by, never trained on)", "", "| figure | value |", "|---|---|"]
    lines += [f"| {name} | {value:.3f} |" for name, value in metrics["figures"].items()]
    (folder / "MODEL.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
