"""Any sequence-classification model by its Hugging Face id or local folder, through transformers.

A folder that holds an ONNX export is run by onnxruntime; everything else needs PyTorch (`pip install radd[torch]`).
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from sentiment.backends import onnx
from sentiment.backends.cores import threads
from sentiment.backends.softmax import class_of_label, scores
from sentiment.reading import Scores


class TorchMissingError(RuntimeError):
    """The model can only be run by PyTorch, which is not installed."""


class Runner(Protocol):
    """A model that is loaded: token ids of n texts in, n rows of logits out."""

    def __call__(self, ids: Sequence[Sequence[int]]) -> list[list[float]]:
        """Run one batch; pads as the model wants it."""


class HubReader:
    """A transformers tokenizer and configuration with something that runs the model."""

    def __init__(self, name: str, tokenizer: Any, config: Any, runner: Runner) -> None:
        self.name = name
        self.version: str = getattr(config, "_commit_hash", None) or "local"
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
        return [onnx.head_and_tail(row) for row in rows]


def load(model: str) -> HubReader:
    """The model by id or folder.

    Raises TorchMissingError without PyTorch, OSError (transformers') for a model that is not there, and ValueError
    for one whose labels are no sentiment.
    """
    from transformers import AutoConfig, AutoTokenizer

    folder = Path(model)
    exported = folder.is_dir() and any((folder / name).is_file() for name in onnx.FILES)
    if not exported and find_spec("torch") is None:
        raise TorchMissingError(
            f"reading with {model!r} needs PyTorch: pip install radd[torch]"
            " (or give a folder that holds an ONNX export as model.onnx)"
        )
    config = AutoConfig.from_pretrained(model)
    tokenizer: Any = AutoTokenizer.from_pretrained(model)
    pad = int(getattr(tokenizer, "pad_token_id", None) or 0)
    runner = _onnx_runner(folder, pad) if exported else _torch_runner(model, pad)
    return HubReader(folder.name if folder.is_dir() else model, tokenizer, config, runner)


def _onnx_runner(folder: Path, pad: int) -> Runner:
    session = onnx.session(onnx.model_file(folder))
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
