"""A model of Hugging Face's shape with an ONNX export, made here of a few words, for tests that may not download one.

The graph adds up a vector for each word, so what it says is known: "good" and "ممتازة" are positive, "bad" and "سيئة"
negative. The protocol buffer is written by hand, for the `onnx` package is not needed to run a model.
"""

import json
import os
import shutil
import struct
from pathlib import Path

LABELS = {"0": "POSITIVE", "1": "Neutral", "2": "neg"}
"""Upside down and in three spellings: right only for one who reads `id2label`."""
_WORDS = {
    "[PAD]": (0, 0, 0), "[UNK]": (0, 0.5, 0), "good": (3, 0, 0), "bad": (0, 0, 3), "service": (0, 0.5, 0),
    "ممتازة": (3, 0, 0), "سيئة": (0, 0, 3), "خدمة": (0, 0.5, 0),
}  # fmt: skip
_FLOAT, _INT64 = 1, 7


def save(folder: Path, *, labels: dict[str, str] | None = None, onnx: str = "onnx/model.onnx") -> Path:
    """Write configuration, tokenizer and export into `folder`; without `onnx` there are no weights at all."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_type": "bert", "pad_token_id": 0, "id2label": labels or LABELS}
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(_WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    if onnx:
        (folder / onnx).parent.mkdir(exist_ok=True)
        (folder / onnx).write_bytes(_model())
    return folder


def save_to_cache(cache: Path, model: str, **kwargs: str) -> Path:
    """The same where the hub's cache would have it (`models--org--name`); returns the snapshot's folder."""
    place = cache / f"models--{model.replace('/', '--')}"
    commit = "0123456789abcdef0123456789abcdef01234567"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text(commit)
    return save(place / "snapshots" / commit, **kwargs)


def lay_in_cache(cache: Path, model: str, files: Path) -> Path:
    """Files as the hub's cache keeps them: named by content in `blobs`, linked to by name; returns the snapshot."""
    place = cache / f"models--{model.replace('/', '--')}"
    commit = "89abcdef0123456789abcdef0123456789abcdef"
    snapshot, blobs = place / "snapshots" / commit, place / "blobs"
    for folder in (place / "refs", snapshot, blobs):
        folder.mkdir(parents=True)
    (place / "refs" / "main").write_text(commit)
    for number, file in enumerate(sorted(files.iterdir())):
        blob = blobs / f"{number:040x}"
        shutil.copy(file, blob)
        (snapshot / file.name).symlink_to(os.path.relpath(blob, snapshot))
    return snapshot


def _model() -> bytes:
    """logits = sum over tokens of table[input_ids], where attention_mask is 1."""
    rows = list(_WORDS.values())
    numbers = struct.pack(f"<{3 * len(rows)}f", *(number for row in rows for number in row))
    table = _number(1, len(rows)) + _number(1, 3) + _number(2, _FLOAT) + _part(8, b"table") + _part(9, numbers)
    minus_one = _number(1, 1) + _number(2, _INT64) + _part(8, b"last") + _part(9, struct.pack("<q", -1))
    one = _number(1, 1) + _number(2, _INT64) + _part(8, b"length") + _part(9, struct.pack("<q", 1))
    to_float = _part(1, b"to") + _number(3, _FLOAT) + _number(20, 2)
    keep_none = _part(1, b"keepdims") + _number(3, 0) + _number(20, 2)
    nodes = [
        _node("Gather", ["table", "input_ids"], "vectors"),
        _node("Cast", ["attention_mask"], "mask", to_float),
        _node("Unsqueeze", ["mask", "last"], "column"),
        _node("Mul", ["vectors", "column"], "masked"),
        _node("ReduceSum", ["masked", "length"], "logits", keep_none),
    ]
    graph = b"".join(_part(1, node) for node in nodes) + _part(2, b"tiny")
    graph += b"".join(_part(5, tensor) for tensor in (table, minus_one, one))
    graph += _part(11, _value("input_ids", _INT64, "b", "l")) + _part(11, _value("attention_mask", _INT64, "b", "l"))
    graph += _part(12, _value("logits", _FLOAT, "b", "three"))
    return _number(1, 8) + _part(7, graph) + _part(8, _part(1, b"") + _number(2, 13))


def _node(kind: str, given: list[str], made: str, attribute: bytes = b"") -> bytes:
    named = b"".join(_part(1, name.encode()) for name in given)
    return named + _part(2, made.encode()) + _part(4, kind.encode()) + (_part(5, attribute) if attribute else b"")


def _value(name: str, kind: int, *shape: str) -> bytes:
    dimensions = b"".join(_part(1, _part(2, dimension.encode())) for dimension in shape)
    return _part(1, name.encode()) + _part(2, _part(1, _number(1, kind) + _part(2, dimensions)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])
