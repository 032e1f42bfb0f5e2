"""A model file run by onnxruntime with a `tokenizers` tokenizer: the bundled reader, or a folder of the same shape.

The folder holds `model.int8.onnx` or `model.onnx`, `tokenizer.json` and `config.json` (`id2label`, `pad_token_id`,
optionally `radd_name` and `radd_version`). The graph takes int64 `input_ids` and `attention_mask` (batch x length) and
answers float `logits` (batch x labels). One that Radd trained (`config.json` has a `reader`) also takes
`token_type_ids`, 1 where the text that is replied to stands, and answers `evidence` (batch x length) besides; its
embeddings lie beside it in `embeddings.int8.bin`.

A reader of ours scores a text alike in any batch (`sentiment.training.quantise`); a model quantised in the ordinary
dynamic way does not, and may differ by a tenth and more.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.backends.cores import threads
from sentiment.backends.heads import Heads
from sentiment.backends.pieces import Pieces, encode, head_and_tail
from sentiment.backends.softmax import class_of_label, scores
from sentiment.reading import Scores

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

BUNDLED = Path(__file__).resolve().parent.parent / "bundled"
EMBEDDINGS = "embeddings.int8.bin"
OURS = ("model.int8.onnx", EMBEDDINGS, "tokenizer.json")
"""Files of a reader of ours beside its `config.json`."""
FILES = ("model.int8.onnx", "model.onnx", "onnx/model.onnx")


class OnnxReader:
    """One session and one tokenizer; safe to call from several threads."""

    def __init__(self, session: "InferenceSession", tokenizer: "Tokenizer", config: dict[str, Any], name: str) -> None:
        self.name: str = config.get("radd_name", name)
        self.version: str = config.get("radd_version", "0")
        self._session = session
        self._tokenizer = tokenizer
        self._pad = int(config.get("pad_token_id") or 0)
        self._classes = class_of_label({int(key): label for key, label in config["id2label"].items()})

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Scores of one batch, padded to its longest text."""
        if not texts:
            return []
        return [scores(row, self._classes) for row in run(self._session, self._ids(texts), self._pad)]

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, at most MAX_TOKENS; a hundredth of the time that scoring takes."""
        return [len(ids) for ids in self._ids(texts)]

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [head_and_tail(text.ids) for text in self._tokenizer.encode_batch_fast(list(texts))]


class CareReader(OnnxReader):
    """A reader trained for customer care: tone, whether an answer is owed and why, and the words that say so."""

    def __init__(self, session: "InferenceSession", tokenizer: "Tokenizer", config: dict[str, Any], name: str) -> None:
        super().__init__(session, tokenizer, config, name)
        self._heads = Heads(config["reader"])

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """As `OnnxReader.score`, with what a person should know of each text."""
        return self.score_replies(texts, [""] * len(texts))

    def score_replies(self, texts: Sequence[str], parents: Sequence[str]) -> list[Scores]:
        """Scores of one batch, each text read together with what it replies to, where that is given."""
        if not texts:
            return []
        pieces = encode(self._tokenizer, texts, parents)
        logits, evidence = self._run(pieces)
        return [
            self._heads.scores(text, one, row, said)
            for text, one, row, said in zip(texts, pieces, logits, evidence, strict=True)
        ]

    def _run(self, pieces: Sequence[Pieces]) -> tuple[list[list[float]], list[list[float]]]:
        feed = padded([one.ids for one in pieces], self._pad)
        types = padded([one.types for one in pieces], 0)["input_ids"]
        logits, evidence = self._session.run(["logits", "evidence"], {**feed, "token_type_ids": types})
        return logits.tolist(), evidence.tolist()


def load(folder: str | None = None) -> OnnxReader:
    """The reader in `folder`, or the bundled one. Raises FileNotFoundError naming what is missing."""
    from tokenizers import Tokenizer

    where = Path(folder) if folder else BUNDLED
    config = json.loads(_present(where / "config.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(_present(where / "tokenizer.json")))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model = model_file(where)
    if "reader" not in config:
        return OnnxReader(session(model), tokenizer, config, where.name)
    _present(where / EMBEDDINGS)
    return CareReader(session(model), tokenizer, config, where.name)


def model_file(folder: Path) -> Path:
    """The first of FILES that the folder holds. Raises FileNotFoundError."""
    found = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if found is None:
        raise FileNotFoundError(f"{folder} holds no model: none of {', '.join(FILES)} is there")
    return found


def session(model: Path) -> "InferenceSession":
    """A session on `threads()` cores that sleeps, not spins, between batches.

    Memory patterns are off: they are kept per shape, and every batch has another one.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(os.fspath(model), options, providers=["CPUExecutionProvider"])


def run(session: "InferenceSession", ids: Sequence[Sequence[int]], pad: int) -> list[list[float]]:
    """Logits (texts x labels) of token ids of differing lengths."""
    import numpy as np

    feed = padded(ids, pad)
    if any(given.name == "token_type_ids" for given in session.get_inputs()):
        feed["token_type_ids"] = np.zeros_like(feed["input_ids"])
    logits: list[list[float]] = session.run(None, feed)[0].tolist()
    return logits


def padded(ids: Sequence[Sequence[int]], pad: int) -> dict[str, Any]:
    """`input_ids` and `attention_mask` (int64, rows x the longest) of rows of differing lengths."""
    import numpy as np

    shape = (len(ids), max(map(len, ids)))
    rows, mask = np.full(shape, pad, np.int64), np.zeros(shape, np.int64)
    for number, tokens in enumerate(ids):
        rows[number, : len(tokens)] = tokens
        mask[number, : len(tokens)] = 1
    return {"input_ids": rows, "attention_mask": mask}


def _present(file: Path) -> Path:
    if not file.is_file():
        raise FileNotFoundError(
            f"{file} is missing: a reader's folder needs config.json, tokenizer.json and a model,"
            f" one that Radd trained {EMBEDDINGS} as well"
        )
    return file
