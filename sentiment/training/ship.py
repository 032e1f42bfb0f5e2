"""From a trained network to a folder that Radd reads with: exported, quantised, calibrated, checked, described.

Calibration and figures are taken from the int8 graph itself, as it will run, on validation rows.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from sentiment.backends.heads import SIZES
from sentiment.backends.onnx import model_file, padded, session
from sentiment.training import calibrate, judge
from sentiment.training.base import fingerprint
from sentiment.training.batches import encoded
from sentiment.training.corpus import Row
from sentiment.training.export import EMBEDDINGS, export
from sentiment.training.judge import Logits
from sentiment.training.network import Reader
from sentiment.training.predict import predict

NAME = "radd-reader"
BATCH = 32
COST_OF_INT8 = 0.005
"""What 8 bits may cost: half a point of any figure's mean."""


def ship(
    reader: Reader, tokenizer: dict[str, Any], rows: Sequence[Row], folder: Path, version: str, *, strict: bool = True
) -> dict[str, Any]:
    """Write the reader's folder and its `metrics.json`; returns the metrics.

    Raises ValueError where int8 costs more than `COST_OF_INT8` on the mean of all figures and `strict` is set.
    """
    export(reader.cpu(), folder)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    pieces = Tokenizer.from_file(str(folder / "tokenizer.json"))
    whole, small = predict(reader, pieces, rows), read(folder, rows)
    config = {
        "radd_name": NAME,
        "radd_version": version,
        "id2label": {"0": "negative", "1": "neutral", "2": "positive"},
        "pad_token_id": 1,
        "embeddings_sha256": fingerprint(folder / EMBEDDINGS),
        "reader": calibrate.calibrate(rows, small),
    }
    _write(folder / "config.json", config)
    metrics: dict[str, Any] = {
        "version": version,
        "labels": sum(SIZES.values()),
        "figures": _rounded(judge.figures(rows, small)),
        "unquantised": _rounded(judge.figures(rows, whole)),
        "int8": parity(rows, whole, small),
        "megabytes": {file.name: round(file.stat().st_size / 1e6, 2) for file in sorted(folder.iterdir())},
    }
    _write(folder / "metrics.json", metrics)
    cost = metrics["int8"]["mean_cost"]
    if strict and cost > COST_OF_INT8:
        raise ValueError(f"int8 costs {cost:.4f} on the mean of all figures")
    return metrics


def read(folder: Path, rows: Sequence[Row]) -> Logits:
    """Logits (n x all labels) of the exported graph in `folder`."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    running = session(model_file(folder))
    ready = encoded(tokenizer, rows)
    order = sorted(range(len(ready)), key=lambda number: len(ready[number].ids))
    found = np.zeros((len(rows), sum(SIZES.values())), np.float32)
    for start in range(0, len(order), BATCH):
        numbers = order[start : start + BATCH]
        feed = padded([ready[number].ids for number in numbers], 1)
        feed["token_type_ids"] = padded([ready[number].types for number in numbers], 0)["input_ids"]
        found[numbers] = running.run(["logits"], feed)[0]
    return found


def parity(rows: Sequence[Row], whole: Logits, small: Logits) -> dict[str, float]:
    """How far int8 moves probabilities, and what it costs on the mean of all figures (negative: it gains)."""
    before, after = judge.figures(rows, whole), judge.figures(rows, small)
    moved = np.abs(_chances(whole) - _chances(small))
    return {
        "mean_cost": round(float(np.mean([before[name] - after[name] for name in before])), 5),
        "mean_moved": round(float(moved.mean()), 5),
        "most_moved": round(float(moved.max()), 5),
    }


def _chances(logits: Logits) -> Logits:
    tones = np.exp(logits[:, :3] - logits[:, :3].max(axis=1, keepdims=True))
    tones /= tones.sum(axis=1, keepdims=True)
    follow_up = 1 / (1 + np.exp(-judge.head(logits, "follow_up")))
    joined: Logits = np.concatenate([tones, follow_up], axis=1)
    return joined


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in sorted(figures.items())}


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
