"""Claims about models from the hub or a folder: with an ONNX export no torch is needed, without one it is asked for.

The torch path is tested with a tiny model made here, where torch is installed (`pip install radd[torch]`).
"""

import importlib.util
import json
import shutil
import warnings

import pytest

from sentiment import engine
from sentiment.backends import hub, onnx

HAS_TORCH = importlib.util.find_spec("torch") is not None
if not HAS_TORCH:
    warnings.warn("torch is not installed: the PyTorch path of sentiment.backends.hub is NOT tested", stacklevel=1)
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="NOT TESTED: needs torch (pip install radd[torch])")
TEXTS = ["Worst service ever, nobody answers!", "شكرا لكم خدمة رائعة", "متى يرجع النت؟", "x" * 5000]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A transformers folder with an ONNX export where optimum puts it, its labels upside down and in capitals."""
    folder = tmp_path_factory.mktemp("exported")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").symlink_to(onnx.BUNDLED / "model.int8.onnx")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(onnx.BUNDLED / name, folder)
    config = json.loads((onnx.BUNDLED / "config.json").read_text())
    config["id2label"] = {"0": "NEGATIVE", "1": "NEUTRAL", "2": "POSITIVE"}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_a_folder_with_an_export_reads_through_transformers_without_torch(exported):
    angry, thankful, question, long = engine.read(TEXTS, f"transformers:{exported}")
    assert (angry.sentiment, thankful.sentiment) == ("negative", "positive")
    assert {angry.model, thankful.model, question.model, long.model} == {exported.name}
    assert angry.version == "local"


def test_it_scores_as_the_same_files_do_without_transformers(exported):
    through = engine.read(TEXTS, f"transformers:{exported}")
    bundled = engine.read(TEXTS, "onnx")
    for one, other in zip(through, bundled, strict=True):
        assert one.valence == pytest.approx(other.valence, abs=1e-3)


def test_no_texts_no_scores(exported):
    assert engine.reader(f"transformers:{exported}").score([]) == []


def test_without_torch_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    with pytest.raises(hub.TorchMissingError, match=r"pip install radd\[torch\]"):
        hub.load("someone/some-model")


def test_a_model_whose_labels_are_no_sentiment_is_refused(exported, tmp_path):
    folder = tmp_path / "emotions"
    shutil.copytree(exported, folder, symlinks=True)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "joy", "1": "anger", "2": "fear"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="joy"):
        hub.load(str(folder))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A PyTorch model of two layers with random weights and a word tokenizer, made here in a second."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(7)
    words = ["[PAD]", "[UNK]", "good", "bad", "service", "خدمة", "سيئة", "ممتازة", "!", "?"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=128, id2label={0: "negative", 1: "positive"}, label2id={"negative": 0, "positive": 1},
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tiny")
    BertForSequenceClassification(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    return folder


@needs_torch
def test_a_torch_model_reads_texts_of_any_length_in_order(tiny):
    texts = ["good service !", "خدمة سيئة", "bad " * 400, "خدمة ممتازة ! ! !"]
    readings = engine.read(texts, f"transformers:{tiny}")
    assert {reading.model for reading in readings} == {tiny.name}
    assert all(reading.neutral == 0 for reading in readings), "a model of two labels has no neutral"
    alone = [engine.read([text], f"transformers:{tiny}")[0] for text in texts]
    for one, other in zip(readings, alone, strict=True):
        assert one.positive == pytest.approx(other.positive, abs=1e-5)
    assert len({round(reading.positive, 6) for reading in readings}) > 1
