"""A base of the real one's shape, small enough to be made in a test: random weights, few pieces, no download."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from sentiment.training import base
from sentiment.training.base import Base, Shape
from sentiment.training.corpus import Row

WORDS = {
    "good": -3.0, "bad": -3.0, "fine": -4.0, "phone": -4.0, "refund": -4.5, "thanks": -4.0, "late": -5.0,
    "ing": -6.0, "شكرا": -4.0, "سيء": -4.0, "الطلب": -5.0,
}  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz@؟?!ابتثجحخدذرزسشصضطظعغفقكلمنهويءةى"
SHAPE = Shape(hidden=32, layers=2, heads=4, feed_forward=64, vocabulary=0, positions=180, types=2)
DATA = (
    "sentiment/umsab_{language}_train.jsonl", "sentiment/umsab_{language}_val.jsonl", "sentiment/semeval_train.jsonl",
    "sentiment/arsarcasm_train.jsonl", "sentiment/tweeteval_val.jsonl", "reviews/souq_products_ar_train.jsonl",
    "reviews/restaurants_ar_train.jsonl", "complaints/complaints_train.jsonl", "tweets/offensive_train.jsonl",
    "tweets/irony_train.jsonl",
)  # fmt: skip


def tokenizer_json() -> dict[str, Any]:
    """A Unigram tokenizer that can spell whatever is written in LETTERS, parsed."""
    pieces = [(f"▁{word}", score) for word, score in WORDS.items()]
    pieces += [("▁", -5.0), *((letter, -9.0) for letter in LETTERS)]
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    made = Tokenizer(models.Unigram([*((name, 0.0) for name in specials), *pieces], unk_id=3, byte_fallback=False))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made.add_special_tokens(specials)
    parsed: dict[str, Any] = json.loads(made.to_str())
    return parsed


def tokenizer() -> Tokenizer:
    """The same, ready to use."""
    return Tokenizer.from_str(json.dumps(tokenizer_json()))


def random_base(seed: int = 3) -> Base:
    """Random weights by BertModel's names."""
    dice = np.random.default_rng(seed)
    parsed = tokenizer_json()
    pieces = len(parsed["model"]["vocab"])
    shape = Shape(SHAPE.hidden, SHAPE.layers, SHAPE.heads, SHAPE.feed_forward, pieces, SHAPE.positions, SHAPE.types)
    sizes = {
        "embeddings.word_embeddings.weight": (pieces, shape.hidden),
        "embeddings.position_embeddings.weight": (shape.positions, shape.hidden),
        "embeddings.token_type_embeddings.weight": (shape.types, shape.hidden),
        "embeddings.LayerNorm.weight": (shape.hidden,),
        "embeddings.LayerNorm.bias": (shape.hidden,),
    }
    for layer in range(shape.layers):
        for part, (rows, columns) in _parts(shape).items():
            name = f"encoder.layer.{layer}.{part}"
            sizes[f"{name}.weight"] = (rows, columns) if columns else (rows,)
            sizes[f"{name}.bias"] = (rows,)
    weights = {name: _drawn(dice, name, size) for name, size in sizes.items()}
    return Base(shape, weights, parsed)


def packed(origin: Base, quantised: frozenset[str] = frozenset()) -> bytes:
    """The weights file of the wheel: what `base.read_weights` reads; the tensors named `quantised` in 4 bits."""
    shape = origin.shape
    head = b"E5S1" + struct.pack("<i", 1)
    sizes = (shape.hidden, shape.layers, shape.heads, shape.feed_forward, shape.vocabulary, shape.positions)
    head += struct.pack("<9i", *sizes, shape.types, 0, 0)
    # One piece with one spelling of two bytes, and a normaliser of three: the reader of weights steps over both.
    head += struct.pack("<5i", 1, 0, 0, 0, 0) + struct.pack("<Q", 2) + bytes(2 * 4) + bytes(4) + b"ab"
    head += struct.pack("<2I", 0, 3) + b"xyz"
    names = {long: short for short, long in _short_names(shape.layers).items()}
    directory = 4 + sum(2 + len(names[name]) + 21 for name in origin.weights)
    at, entries, body = len(head) + directory, b"", b""
    for name, value in origin.weights.items():
        content = q4(value) if name in quantised else value.astype("<f4").tobytes()
        short = names[name].encode()
        entries += struct.pack("<H", len(short)) + short
        entries += struct.pack("<BIQQ", name in quantised, value.size, at + len(body), len(content))
        body += content
    return head + struct.pack("<i", len(origin.weights)) + entries + body


def q4(value: NDArray[np.float32]) -> bytes:
    """Blocks of 32: a half-precision scale and 16 bytes, whose low halves are the first sixteen."""
    rows = value.reshape(-1, 32)
    scale = (np.abs(rows).max(axis=1) / 7).astype("<f2")
    whole = np.rint(rows / scale.astype(np.float32)[:, None]).astype(int) + 8
    nibbles = (whole[:, :16] | whole[:, 16:] << 4).astype("u1")
    return b"".join(one.tobytes() + bytes(other) for one, other in zip(scale, nibbles, strict=True))


def save_base(folder: Path) -> Path:
    """The files that `base.fetch` keeps, so that it fetches nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    origin = random_base()
    (folder / Path(base.WEIGHTS_FILE).name).write_bytes(packed(origin))
    (folder / Path(base.TOKENIZER_FILE).name).write_text(json.dumps(origin.tokenizer))
    return folder


def save_data(folder: Path, each: int = 24) -> Path:
    """Invented rows under every name that the recipe reads: three tones in turn, every other a complaint."""
    languages = ("arabic", "english", "french", "german", "italian", "portuguese", "spanish")
    for name in {name.format(language=language) for name in DATA for language in languages}:
        most = 2 if "complaints" in name else 3
        lines = [{"text": f"{said(n)} {name}", "label": n % most} for n in range(each)]
        write(folder / name, lines)
    for name in ("gold_dev", "arabic_real_dev"):
        write(folder / "followup" / f"{name}.jsonl", [_labelled(n) for n in range(each)])
    return folder


def write(file: Path, lines: list[dict[str, Any]]) -> None:
    """JSON Lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def said(number: int) -> str:
    """A post that means what its number says: bad, fine or good."""
    tone = ("bad late", "fine", "good thanks")[number % 3]
    return f"{tone} phone {LETTERS[number % 26]}{LETTERS[number // 26 % 26]}"


def rows(count: int, source: str = "own") -> list[Row]:
    """Posts with all labels; what is bad wants an answer."""
    return [
        Row(
            text=said(n),
            source=source,
            language="en",
            parent="thanks for asking" if n % 4 == 0 else "",
            sentiment=n % 3,
            follow_up=float(n % 3 == 0),
            reasons=("complaint",) if n % 3 == 0 else ("praise",),
            urgency="normal" if n % 3 == 0 else "low",
            trigger="delay_or_outage" if n % 3 == 0 else "",
            aim="solution" if n % 3 == 0 else "",
        )
        for n in range(count)
    ]


def _labelled(number: int) -> dict[str, Any]:
    bad = number % 3 == 0
    return {
        "text": f"@user {said(number)}",
        "lang": "en" if number % 2 else "ar",
        "sentiment": ("negative", "neutral", "positive")[number % 3],
        "follow_up": "yes" if bad else "no",
        "reasons": ["complaint"] if bad else ["chat"],
        "urgency": "normal" if bad else "low",
        "sure": 2,
    }


def _parts(shape: Shape) -> dict[str, tuple[int, int]]:
    square, norm = (shape.hidden, shape.hidden), (shape.hidden, 0)
    return {
        "attention.self.query": square,
        "attention.self.key": square,
        "attention.self.value": square,
        "attention.output.dense": square,
        "attention.output.LayerNorm": norm,
        "intermediate.dense": (shape.feed_forward, shape.hidden),
        "output.dense": (shape.hidden, shape.feed_forward),
        "output.LayerNorm": norm,
    }


def _drawn(dice: np.random.Generator, name: str, size: tuple[int, ...]) -> NDArray[np.float32]:
    if "LayerNorm.weight" in name:
        return np.ones(size, np.float32)
    return (dice.standard_normal(size) * (0.5 if "embeddings" in name else 0.2)).astype(np.float32)


def _short_names(layers: int) -> dict[str, str]:
    short = {"emb.word", "emb.pos", "emb.type", "emb.ln.w", "emb.ln.b"}
    for layer in range(layers):
        for part in ("q", "k", "v", "ao", "aln", "fi", "fo", "oln"):
            short |= {f"l{layer}.{part}.w", f"l{layer}.{part}.b"}
    return {name: base._name(name) for name in short}
