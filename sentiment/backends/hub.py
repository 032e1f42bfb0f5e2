"""Any sequence-classification model by its Hugging Face id or local folder, through transformers.

A folder or hub model that holds an ONNX export is run by onnxruntime; everything else needs PyTorch
(`pip install radd[torch]`). What the hub's cache holds is read without a network where HF_HUB_OFFLINE is 1.
"""

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from sentiment.backends import onnx
from sentiment.backends.cores import threads
from sentiment.backends.pieces import head_and_tail
from sentiment.backends.softmax import class_of_label, scores
from sentiment.reading import Backend, Scores


class TorchMissingError(RuntimeError):
    """The model can only be run by PyTorch, which is not installed."""


class Runner(Protocol):
    """A model that is loaded: token ids of n texts in, n rows of logits out."""

    def __call__(self, ids: Sequence[Sequence[int]]) -> list[list[float]]:
        """Run one batch; pads as the model wants it."""


class HubReader:
    """A transformers tokenizer and configuration with something that runs the model."""

    def __init__(self, name: str, version: str, tokenizer: Any, config: Any, runner: Runner) -> None:
        self.name = name
        self.version = version
        self._tokenizer = tokenizer
        self._classes = class_of_label({int(key): label for key, label in config.id2label.items()})
        self._runner = runner

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Scores of one batch, padded to its longest text."""
        if not texts:
            return []
        return [scores(row, self._classes) for row in self._runner(self._ids(texts))]

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, at most `onnx.MAX_TOKENS`."""
        return [len(ids) for ids in self._ids(texts)] if texts else []

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        rows = self._tokenizer(list(texts), add_special_tokens=True)["input_ids"]
        return [head_and_tail(row) for row in rows]


def load(model: str) -> Backend:
    """The model by id or folder; one that Radd trained is read with all that it knows.

    Raises TorchMissingError without PyTorch, OSError (transformers') for a model that is not there, and ValueError
    for one whose labels are no sentiment.
    """
    from transformers import AutoConfig, AutoTokenizer

    folder = Path(model)
    if ours := _of_radd(model):
        return onnx.load(str(ours))
    try:
        config = AutoConfig.from_pretrained(model)
    except OSError as error:
        raise OSError(f"the model {model!r} cannot be had: {error}") from error
    export = _export(model)
    if export is None and find_spec("torch") is None:
        raise TorchMissingError(
            f"reading with {model!r} needs PyTorch: pip install radd[torch]"
            " (or give a folder that holds an ONNX export as model.onnx)"
        )
    tokenizer: Any = AutoTokenizer.from_pretrained(model)
    pad = int(getattr(tokenizer, "pad_token_id", None) or 0)
    runner = _onnx_runner(export, pad) if export else _torch_runner(model, pad)
    if folder.is_dir():
        return HubReader(folder.name, "local", tokenizer, config, runner)
    return HubReader(model, _commit(model), tokenizer, config, runner)


def _of_radd(model: str) -> Path | None:
    """The folder of a reader that Radd trained, all its files at hand; None for any other model."""
    folder = Path(model)
    config = folder / "config.json" if folder.is_dir() else _from_hub(model, "config.json")
    if config is None or not config.is_file() or "reader" not in json.loads(config.read_text(encoding="utf-8")):
        return None
    if not folder.is_dir():
        for name in onnx.OURS:
            _from_hub(model, name)
    return config.parent


def _export(model: str) -> Path | None:
    """The model's ONNX file: in its folder, or in the hub's cache, fetched there where the hub has it."""
    folder = Path(model)
    if folder.is_dir():
        return next((folder / name for name in onnx.FILES if (folder / name).is_file()), None)
    for name in onnx.FILES:
        if found := _from_hub(model, name):
            # A large model keeps its weights beside it.
            _from_hub(model, f"{name}_data")
            return found
    return None


def _commit(model: str) -> str:
    """The revision of a hub model, by which its folder in the cache is named."""
    found = _from_hub(model, "config.json")
    return found.parent.name if found else "unknown"


def _from_hub(model: str, name: str) -> Path | None:
    """A file of a hub model in the cache, fetched there where the network allows; None where there is none."""
    from transformers.utils.hub import cached_file

    found: str | None = cached_file(
        model, name, _raise_exceptions_for_missing_entries=False, _raise_exceptions_for_connection_errors=False
    )
    return Path(found) if found else None


def _onnx_runner(export: Path, pad: int) -> Runner:
    session = onnx.session(export)
    return lambda ids: onnx.run(session, ids, pad)


def _torch_runner(model: str, pad: int) -> Runner:
    import torch
    from transformers import AutoModelForSequenceClassification

    torch.set_num_threads(threads())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network: Any = AutoModelForSequenceClassification.from_pretrained(model).to(device).eval()

    def run(ids: Sequence[Sequence[int]]) -> list[list[float]]:
        rows = [torch.tensor(row) for row in ids]
        padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=pad)
        lengths = torch.tensor([len(row) for row in ids])
        mask = (torch.arange(padded.shape[1])[None, :] < lengths[:, None]).long()
        with torch.inference_mode():
            logits = network(input_ids=padded.to(device), attention_mask=mask.to(device)).logits
        answer: list[list[float]] = logits.float().cpu().tolist()
        return answer

    return run
