"""A model file run by onnxruntime with a `tokenizers` tokenizer: the bundled reader, or a folder of the same shape.

The folder holds `model.int8.onnx` or `model.onnx` (int64 `input_ids` and `attention_mask`, batch x length, to float
`logits`, batch x labels), `tokenizer.json` and `config.json` (`id2label`, `pad_token_id`, optionally `radd_name` and
`radd_version`). The bundled model scores a text alike in any batch (`sentiment.training.per_token`); one quantised
in the ordinary dynamic way does not, and may differ by a tenth and more.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.backends.cores import threads
from sentiment.backends.softmax import class_of_label, scores
from sentiment.reading import Scores

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

BUNDLED = Path(__file__).resolve().parent.parent / "bundled"
FILES = ("model.int8.onnx", "model.onnx", "onnx/model.onnx")
MAX_TOKENS = 128
TAIL_TOKENS = 32
"""Of a text beyond MAX_TOKENS its last TAIL_TOKENS are kept too: the wish or the verdict often stands at the end."""


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


def load(folder: str | None = None) -> OnnxReader:
    """The reader in `folder`, or the bundled one. Raises FileNotFoundError naming what is missing."""
    from tokenizers import Tokenizer

    where = Path(folder) if folder else BUNDLED
    config = json.loads(_present(where / "config.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(_present(where / "tokenizer.json")))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return OnnxReader(session(model_file(where)), tokenizer, config, where.name)


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

    shape = (len(ids), max(map(len, ids)))
    padded, mask = np.full(shape, pad, np.int64), np.zeros(shape, np.int64)
    for row, tokens in enumerate(ids):
        padded[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    feed = {"input_ids": padded, "attention_mask": mask}
    if any(given.name == "token_type_ids" for given in session.get_inputs()):
        feed["token_type_ids"] = np.zeros(shape, np.int64)
    logits: list[list[float]] = session.run(None, feed)[0].tolist()
    return logits


def head_and_tail(ids: Sequence[int]) -> list[int]:
    """At most MAX_TOKENS ids: all of a short text, else its beginning and its last TAIL_TOKENS (end mark included)."""
    if len(ids) <= MAX_TOKENS:
        return list(ids)
    return [*ids[: MAX_TOKENS - TAIL_TOKENS], *ids[-TAIL_TOKENS:]]


def _present(file: Path) -> Path:
    if not file.is_file():
        raise FileNotFoundError(f"{file} is missing: a reader's folder needs config.json, tokenizer.json and a model")
    return file
